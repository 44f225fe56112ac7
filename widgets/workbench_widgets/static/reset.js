// A button that brings the sliders of its card back to today; each slider sends its own value.

function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  el.classList.add("wb-widget", "wb-reset");
  el.append(button);
  const words = () => {
    button.textContent = model.get("label");
    button.setAttribute("aria-label", model.get("about") || model.get("label"));
  };
  button.addEventListener("click", () => {
    const card = el.closest(".card") ?? el.parentElement;
    for (const slider of card.querySelectorAll(".wb-slider")) slider.dispatchEvent(new CustomEvent("wb-reset"));
  });
  model.on("change:label change:about", words);
  words();
  return () => model.off("change:label change:about", words);
}

export default { render };
