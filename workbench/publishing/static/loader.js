// First in the head: plotly.js is on its way while the page is read.
(() => {
  const script = document.createElement("script");
  script.id = "workbench-plotly";
  script.src = "plotly.min.js";
  script.async = true;
  script.addEventListener("error", () => {
    script.dataset.failed = "yes";
  });
  document.documentElement.classList.add("js");
  document.head.append(script);
})();
