// A slider. Only `value` goes out, at most once a frame; ipywidgets keeps one message in flight and
// replaces what waits behind it, so the kernel never works through stale values.

function render({ model, el }) {
  const id = `wb-slider-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-slider");
  const label = document.createElement("label");
  const output = document.createElement("output");
  const input = document.createElement("input");
  const note = document.createElement("span");
  input.type = "range";
  input.id = label.htmlFor = id;
  output.htmlFor = id;
  note.id = `${id}-note`;
  note.className = "note";
  input.setAttribute("aria-describedby", note.id);
  el.append(label, output, input, note);
  let frame = 0;

  const written = (value) => `${value.toFixed(model.get("digits"))}${model.get("unit")}`.replace(/^-/, "\u2212");
  const tell = () => {
    const text = written(Number(input.value));
    const { min, max, value } = input;
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
    input.style.setProperty("--at", `${(100 * (value - min)) / (max - min)}%`);
  };
  const bounds = () => {
    label.textContent = model.get("label");
    note.textContent = model.get("note");
    note.hidden = !model.get("note");
    input.min = model.get("low");
    input.max = model.get("high");
    input.step = model.get("step");
    value();
  };
  const value = () => {
    if (frame) return; // a newer value of this hand is on its way
    input.value = model.get("value");
    tell();
  };
  const send = () => {
    frame = 0;
    model.set("value", Number(input.value));
    model.save_changes();
  };
  input.addEventListener("input", () => {
    tell();
    frame ||= requestAnimationFrame(send);
  });
  const all = "change:label change:note change:low change:high change:step change:unit change:digits";
  model.on(all, bounds);
  model.on("change:value", value);
  bounds();
  return () => {
    cancelAnimationFrame(frame);
    model.off(all, bounds);
    model.off("change:value", value);
  };
}

export default { render };
