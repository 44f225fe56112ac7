// A scenario as a tree of nodes in a nested list, and an editor of the chosen one. Names are text
// nodes only. The browser sends `lens`, `chosen` and `request`, nothing else; the kernel decides.

const LENSES = { fair: "FAIR", classical: "Classical: ARO, AV, EF" };
const FIELDS = { low: "Low", mode: "Most likely", high: "High" };
const DEEP = 5; // levels from which the tree needs a wider place

function made(tag, className, text, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

const depth = (node) => 1 + Math.max(0, ...node.children.map(depth));

function render({ model, el }) {
  const id = `wb-tree-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-tree");
  const head = made("fieldset", "lenses");
  const title = made("legend");
  const list = made("ul", "tree");
  list.setAttribute("role", "list");
  const editor = made("form", "editor");
  editor.id = `${id}-editor`;
  const told = made("p", "told");
  told.setAttribute("role", "status");
  told.id = `${id}-told`;
  head.append(title);
  el.append(head, list, editor, told);
  let number = 0;
  let fields = {};

  const switches = Object.entries(LENSES).map(([lens, text]) => {
    const input = made("input");
    Object.assign(input, { type: "radio", name: `${id}-lens`, value: lens });
    input.addEventListener("change", () => {
      model.set("lens", lens);
      model.save_changes();
    });
    head.append(made("label", "", undefined, input, made("span", "", text)));
    return input;
  });

  const nodeOf = (node) => {
    const key = made("button", `node ${node.how}`);
    key.type = "button";
    key.dataset.path = node.path;
    const isChosen = node.path === model.get("chosen");
    key.classList.toggle("on", isChosen);
    key.setAttribute("aria-pressed", String(isChosen));
    key.setAttribute("aria-controls", editor.id);
    key.append(made("span", "k", node.label), made("span", "v", node.value), made("span", "u", node.unit));
    if (node.range) key.append(made("span", "r", node.range));
    if (node.origin) key.append(made("span", "o", node.origin));
    key.addEventListener("click", () => {
      // until the kernel sends the editor of this node, nothing is typed into that of another
      const group = editor.querySelector("fieldset");
      if (group) group.disabled = node.path !== model.get("form").path;
      model.set("chosen", node.path);
      model.save_changes();
    });
    return key;
  };
  const itemOf = (node) => {
    const item = made("li", "", undefined, nodeOf(node));
    if (node.children.length) {
      const below = made("ul", "", undefined, ...node.children.map(itemOf));
      below.setAttribute("role", "list");
      below.setAttribute("aria-label", `${node.label} is made of`);
      item.append(below);
    }
    return item;
  };

  const drawn = () => {
    const active = el.contains(el.getRootNode().activeElement) ? el.getRootNode().activeElement : undefined;
    const path = active?.dataset.path;
    const roots = model.get("roots");
    title.textContent = model.get("label") || "Scenario";
    list.setAttribute("aria-label", `${title.textContent}: the tree`);
    for (const input of switches) input.checked = input.value === model.get("lens");
    el.classList.toggle("deep", Math.max(0, ...roots.map(depth)) >= DEEP);
    list.replaceChildren(...roots.map(itemOf));
    if (path) [...list.querySelectorAll("[data-path]")].find((e) => e.dataset.path === path)?.focus();
  };

  const ask = (action, by) => {
    const texts = Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value]));
    // the time tells two equal requests apart, also after the page was loaded anew
    model.set("request", { path: model.get("form").path, action, by, ...texts, number: `${Date.now()}-${++number}` });
    model.save_changes();
  };
  const edited = () => {
    const form = model.get("form");
    const active = el.getRootNode().activeElement;
    const name = editor.contains(active) ? active.dataset.name : undefined;
    const legend = made("legend", "", form.label);
    const note = made("p", "note", form.note);
    note.id = `${id}-note`;
    const row = made("div", "fields");
    fields = {};
    for (const [key, text] of form.computed ? [] : Object.entries(FIELDS)) {
      const input = made("input");
      Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 60, id: `${id}-${key}` });
      input.value = form[key] ?? "";
      input.dataset.name = key;
      input.setAttribute("aria-describedby", `${note.id} ${told.id}`);
      const label = made("label", "", text);
      label.htmlFor = input.id;
      row.append(made("div", "field", undefined, label, input));
      fields[key] = input;
    }
    const keys = made("div", "keys");
    if (!form.computed) {
      const set = made("button", "primary", "Set");
      set.type = "submit";
      set.dataset.name = "set";
      keys.append(set);
    }
    for (const { action, by, label } of form.buttons ?? []) {
      const key = made("button", "", label);
      key.type = "button";
      key.dataset.name = `${action}-${by}`;
      key.addEventListener("click", () => ask(action, by));
      keys.append(key);
    }
    const group = made("fieldset", "", undefined, legend, note);
    if (row.children.length) group.append(row);
    if (keys.children.length) group.append(keys);
    editor.replaceChildren(group);
    if (name) [...editor.querySelectorAll("[data-name]")].find((e) => e.dataset.name === name)?.focus();
  };
  editor.addEventListener("submit", (event) => {
    event.preventDefault();
    ask("edit", "");
  });

  const said = () => {
    const isRefused = model.get("refused");
    told.textContent = model.get("message");
    told.classList.toggle("bad", isRefused);
    for (const input of Object.values(fields)) input.setAttribute("aria-invalid", String(isRefused));
  };

  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      drawn();
    });
  };
  const shape = "change:roots change:lens change:chosen change:label";
  const heard = "change:message change:refused";
  model.on(shape, soon);
  model.on("change:form", edited);
  model.on(heard, said);
  drawn();
  edited();
  said();
  return () => {
    cancelAnimationFrame(frame);
    model.off(shape, soon);
    model.off("change:form", edited);
    model.off(heard, said);
  };
}

export default { render };
