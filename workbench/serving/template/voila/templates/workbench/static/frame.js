// What every page does by itself, served or published: theme and print. It runs in the head, before
// the first paint. The button of a theme and that of the print are there once the page is read.
(() => {
  const root = document.documentElement;
  const KEPT = "workbench-theme";
  const byId = (id) => document.getElementById(id);

  // theme: the system's until the button is pressed
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null; // storage is closed: the theme lasts for this page
    }
  };
  const theme = () => root.dataset.theme || (system.matches ? "dark" : "light");
  if (["light", "dark"].includes(kept())) root.dataset.theme = kept();
  const nameTheme = () => {
    const button = byId("theme-button");
    const other = theme() === "dark" ? "light" : "dark";
    button.textContent = other === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Switch to the ${other} theme`);
  };
  const switchTheme = () => {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    nameTheme();
    try {
      localStorage.setItem(KEPT, root.dataset.theme);
    } catch {
      return; // storage is closed: the theme lasts for this page
    }
  };

  // paper: light, at the width of paper. This listener runs before those of the charts.
  let before = null;
  addEventListener("beforeprint", () => {
    if (before !== null) return;
    before = root.dataset.theme || "";
    root.dataset.theme = "light";
    root.classList.add("printing");
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    before = null;
  });

  addEventListener("DOMContentLoaded", () => {
    nameTheme();
    system.addEventListener("change", nameTheme);
    byId("theme-button").addEventListener("click", switchTheme);
    byId("print-button").addEventListener("click", () => print());
  });
})();
