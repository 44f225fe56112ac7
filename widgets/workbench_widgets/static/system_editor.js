// A form for one component of an AI system, and the whole system as text. What is refused stays as
// it was typed, with the reason below. The browser sends `chosen` and `request`, nothing else.

function made(tag, className, text, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

const LABELS = { kind: "Kind", exposure: "Who may send to it from outside", controlled_by: "Who controls it" };

function render({ model, el }) {
  const id = `wb-system-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-system");
  const form = made("form", "editor");
  const whole = made("form", "whole");
  const told = made("p", "told");
  told.id = `${id}-told`;
  told.setAttribute("role", "status");
  el.append(form, told, whole);
  let number = 0;
  let fields = {};
  let facts = [];
  let isChoosing = false; // of a component: the list is disabled for a moment and loses the focus

  const ask = (request) => {
    // the time tells two equal requests apart, also after the page was loaded anew
    model.set("request", { ...request, number: `${Date.now()}-${++number}` });
    model.save_changes();
  };
  const selectOf = (name, label, options, value) => {
    const select = made("select");
    select.id = `${id}-${name}`;
    select.dataset.name = name;
    select.replaceChildren(...options.map(([key, text]) => new Option(text, key))); // as text
    select.value = value;
    const title = made("label", "", label);
    title.htmlFor = select.id;
    return [select, made("div", "field", undefined, title, select)];
  };

  const drawnForm = () => {
    const now = model.get("form");
    const options = model.get("options");
    const active = el.getRootNode().activeElement;
    const had = isChoosing ? "component" : form.contains(active) ? active.dataset.name : undefined;
    isChoosing = false;
    const [which, whichField] = selectOf("component", "Component", options.components, now.id);
    which.addEventListener("change", () => {
      // until the kernel sends the form of this component, nothing is stated of another
      form.querySelector("fieldset").disabled = which.value !== model.get("form").id;
      isChoosing = true;
      model.set("chosen", which.value);
      model.save_changes();
    });
    fields = {};
    const rows = Object.entries(LABELS).map(([name, label]) => {
      const [select, field] = selectOf(name, label, options[name], now[name]);
      select.setAttribute("aria-describedby", told.id);
      fields[name] = select;
      return field;
    });
    facts = options.facts.map(([name, words]) => {
      const input = made("input");
      Object.assign(input, { type: "checkbox", value: name, checked: now.facts.includes(name) || now.whole.includes(name) });
      input.disabled = now.whole.includes(name); // it is so of the whole system
      input.dataset.name = `fact-${name}`;
      return input;
    });
    const list = facts.map((input, i) => made("label", "fact", undefined, input, options.facts[i][1]));
    const set = made("button", "primary", "Set");
    set.type = "submit";
    set.dataset.name = "set";
    const legend = made("legend", "", model.get("label"));
    const about = made("details", "facts-of", undefined, made("summary", "", "What is so of it"), made("div", "facts-list", undefined, ...list));
    about.open = form.querySelector("details")?.open ?? false;
    const group = made("fieldset", "", undefined, legend, made("div", "fields", undefined, whichField, ...rows), about, made("div", "keys", undefined, set));
    form.replaceChildren(group);
    if (had) [...form.querySelectorAll("[data-name]")].find((e) => e.dataset.name === had)?.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const texts = Object.fromEntries(Object.entries(fields).map(([name, select]) => [name, select.value]));
    const own = facts.filter((input) => input.checked && !input.disabled).map((input) => input.value);
    ask({ action: "component", id: model.get("form").id, ...texts, facts: own });
  });

  const area = made("textarea");
  Object.assign(area, { id: `${id}-text`, spellcheck: false, autocomplete: "off", rows: 18, maxLength: 100000 });
  area.setAttribute("aria-describedby", told.id);
  const title = made("label", "", "The system as YAML");
  title.htmlFor = area.id;
  const read = made("button", "", "Read this text");
  read.type = "submit";
  const back = made("button", "", "Show the system as it is");
  back.type = "button";
  const inside = made("div", "", undefined, title, area, made("div", "keys", undefined, read, back));
  whole.append(made("details", "", undefined, made("summary", "", "Edit as text"), inside));
  let shown = ""; // what the kernel's text was when it was put into the area
  let isAsked = false;
  const drawnText = () => {
    whole.hidden = model.get("text") === "";
    if (area.value === shown || isAsked) area.value = shown = model.get("text"); // else keep what is being typed
    isAsked = false;
  };
  back.addEventListener("click", () => {
    area.value = shown = model.get("text");
  });
  whole.addEventListener("submit", (event) => {
    event.preventDefault();
    isAsked = true;
    ask({ action: "text", text: area.value });
  });

  const said = () => {
    const isRefused = model.get("refused");
    if (isRefused) isAsked = false;
    told.textContent = model.get("message");
    told.classList.toggle("bad", isRefused);
    const wasText = model.get("request").action === "text";
    area.setAttribute("aria-invalid", String(isRefused && wasText));
    for (const select of Object.values(fields)) select.setAttribute("aria-invalid", String(isRefused && !wasText));
  };
  model.on("change:form change:options change:label", drawnForm);
  model.on("change:text", drawnText);
  model.on("change:message change:refused", said);
  drawnForm();
  area.value = shown = model.get("text");
  drawnText();
  said();
  return () => {
    model.off("change:form change:options change:label", drawnForm);
    model.off("change:text", drawnText);
    model.off("change:message change:refused", said);
  };
}

export default { render };
