// A slider. Only `value` goes out, the first one at once and later ones no closer than `APART`;
// ipywidgets keeps one message in flight and replaces what waits behind it, so that the kernel never
// works through stale values.

const APART = 24; // ms; a server takes at most 50 messages a second from a page

function render({ model, el }) {
  const id = `wb-slider-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-slider");
  const label = document.createElement("label");
  const output = document.createElement("output");
  const input = document.createElement("input");
  const rail = document.createElement("div");
  const tick = document.createElement("i");
  const note = document.createElement("span");
  rail.className = "rail";
  rail.append(input, tick);
  input.type = "range";
  input.id = label.htmlFor = id;
  output.htmlFor = id;
  output.setAttribute("aria-live", "off"); // the slider itself tells its value
  note.id = `${id}-note`;
  note.className = "note";
  input.setAttribute("aria-describedby", note.id);
  el.append(label, output, rail, note);
  let timer = 0;
  let last = 0;

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
    const today = model.get("today") ?? null;
    tick.hidden = today === null;
    tick.style.setProperty("--at", String((today - input.min) / (input.max - input.min)));
    value();
  };
  const value = () => {
    if (timer) return; // a newer value of this hand is on its way
    input.value = model.get("value");
    tell();
  };
  const send = () => {
    timer = 0;
    last = performance.now();
    model.set("value", Number(input.value));
    model.save_changes();
  };
  const moved = () => {
    tell();
    if (timer) return; // it will send what the slider shows then
    const wait = last + APART - performance.now();
    if (wait > 0) timer = setTimeout(send, wait);
    else send();
  };
  // What answers is told aloud when it changes. A live region is heard only if it was one before.
  const listen = () => {
    for (const one of el.closest(".card")?.querySelectorAll(".wb-live") ?? []) one.setAttribute("aria-live", "polite");
  };
  const reset = () => {
    const today = model.get("today") ?? null;
    if (today === null || input.disabled || Number(input.value) === today) return;
    listen();
    input.value = today;
    moved();
  };
  input.addEventListener("focus", listen);
  input.addEventListener("input", moved);
  el.addEventListener("wb-reset", reset);
  const all = "change:label change:note change:low change:high change:step change:unit change:digits change:today";
  model.on(all, bounds);
  model.on("change:value", value);
  bounds();
  return () => {
    clearTimeout(timer);
    el.removeEventListener("wb-reset", reset);
    model.off(all, bounds);
    model.off("change:value", value);
  };
}

export default { render };
