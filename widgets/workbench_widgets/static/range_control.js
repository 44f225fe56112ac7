// Three amounts as text. The kernel reads them and says what it understood; this only shows it.

const LABELS = {
  triple: { low: "Low", mode: "Most likely", high: "High" },
  interval: { low: "Low end, 1 in 20 is less", high: "High end, 1 in 20 is more" },
};
const PAUSE = 120; // ms without a key before the texts are sent
function field(id, name, text) {
  const box = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const echo = document.createElement("output");
  box.className = "field";
  label.textContent = text;
  label.htmlFor = input.id = `${id}-${name}`;
  echo.id = `${id}-${name}-echo`;
  echo.htmlFor = input.id;
  Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 60 });
  input.setAttribute("aria-describedby", echo.id);
  box.append(label, input, echo);
  return { box, input, echo };
}

function render({ model, el }) {
  const id = `wb-range-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  const group = document.createElement("fieldset");
  const legend = document.createElement("legend");
  const note = document.createElement("p");
  const row = document.createElement("div");
  const message = document.createElement("p");
  el.classList.add("wb-widget", "wb-range");
  note.className = "note";
  row.className = "fields";
  message.className = "note waiting-note";
  message.setAttribute("role", "status");
  group.append(legend, note, row, message);
  el.append(group);
  let fields = {};
  let pause = 0;

  const send = () => {
    pause = 0;
    for (const [name, { input }] of Object.entries(fields)) model.set(`${name}_text`, input.value);
    model.save_changes();
  };
  const later = () => {
    clearTimeout(pause);
    pause = setTimeout(send, PAUSE);
  };
  const texts = () => {
    if (pause) return; // the hand is still typing
    for (const [name, { input }] of Object.entries(fields)) {
      const text = model.get(`${name}_text`);
      if (input.value !== text) input.value = text;
    }
  };
  const told = () => {
    const faulty = new Set(model.get("faulty"));
    for (const [name, { input, echo }] of Object.entries(fields)) {
      echo.textContent = model.get("echoes")[name] ?? "";
      echo.classList.toggle("bad", faulty.has(name));
      input.setAttribute("aria-invalid", String(faulty.has(name)));
    }
    message.textContent = model.get("message");
  };
  const build = () => {
    legend.textContent = model.get("label");
    note.textContent = model.get("note");
    note.hidden = !model.get("note");
    const labels = LABELS[model.get("has_mode") ? "triple" : "interval"];
    fields = Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, field(id, name, text)]));
    row.replaceChildren(...Object.values(fields).map(({ box }) => box));
    row.style.setProperty("--columns", Object.keys(fields).length);
    for (const { input } of Object.values(fields)) {
      input.addEventListener("input", later);
      input.addEventListener("change", () => {
        clearTimeout(pause);
        send();
      });
    }
    texts();
    told();
  };
  const written = "change:low_text change:mode_text change:high_text";
  const understood = "change:echoes change:faulty change:message change:valid";
  const shape = "change:label change:note change:has_mode";
  model.on(written, texts);
  model.on(understood, told);
  model.on(shape, build);
  build();
  return () => {
    clearTimeout(pause);
    model.off(written, texts);
    model.off(understood, told);
    model.off(shape, build);
  };
}

export default { render };
