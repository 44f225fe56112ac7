// A list of which one is chosen. The page's address may hold the choice: it is read once, when the
// list is first drawn, and later choices are written back without a new entry in the history.

function render({ model, el }) {
  const id = `wb-choice-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-choice");
  const label = document.createElement("label");
  const select = document.createElement("select");
  select.id = label.htmlFor = id;
  el.append(label, select);

  const has = (value) => model.get("options").some(([key]) => key === value);
  const drawn = () => {
    label.textContent = model.get("label");
    const options = model.get("options").map(([key, name]) => new Option(name, key)); // as text
    select.replaceChildren(...options);
    chosen();
  };
  const chosen = () => {
    select.value = model.get("value");
  };
  const remember = (value) => {
    const word = model.get("address");
    if (!word) return;
    const here = new URL(location.href);
    if (here.searchParams.get(word) === value) return;
    here.searchParams.set(word, value);
    history.replaceState(history.state, "", here);
  };
  const send = () => {
    model.set("value", select.value);
    model.save_changes();
    remember(select.value);
  };
  select.addEventListener("change", send);
  model.on("change:options change:label", drawn);
  model.on("change:value", chosen);
  drawn();
  const asked = model.get("address") && new URLSearchParams(location.search).get(model.get("address"));
  if (asked && asked !== model.get("value") && has(asked)) {
    select.value = asked;
    send();
  }
  return () => {
    model.off("change:options change:label", drawn);
    model.off("change:value", chosen);
  };
}

export default { render };
