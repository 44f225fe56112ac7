// The severity matrix as a grid of buttons: arrows move, Enter or Space chooses. Names are text
// nodes only. The browser sends `value` (a scenario's id) and `cell`, nothing else.

const MOST_CHIPS = 6; // in a cell; the list below shows them all
const MOST_LISTED = 200;

function made(tag, className, text, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

function button(className, text, name, pressed) {
  const element = made("button", className, text);
  element.type = "button";
  if (name) element.setAttribute("aria-label", name);
  element.setAttribute("aria-pressed", String(pressed));
  return element;
}

const same = (one, other) => one.length === 2 && one[0] === other[0] && one[1] === other[1];
const plural = (n) => (n === 1 ? "1 scenario" : `${n} scenarios`);

function render({ model, el }) {
  const id = `wb-matrix-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-matrix");
  const table = made("table", "heat");
  table.setAttribute("role", "grid");
  const scale = made("ul", "scale");
  scale.setAttribute("aria-label", "Bands");
  const panel = made("div", "chosen");
  panel.id = `${id}-chosen`;
  panel.setAttribute("role", "status");
  const list = made("ul", "listed");
  list.setAttribute("aria-label", "Scenarios in the chosen cell");
  el.append(table, scale, panel, list);
  let focus = [1, 1]; // the one cell that Tab reaches

  const choose = (value, cell) => {
    model.set("value", value);
    model.set("cell", cell);
    model.save_changes();
  };
  const matrix = () => model.get("matrix");
  const cellAt = (at) => matrix().cells.find((c) => same([c.likelihood, c.consequence], at));
  const within = (at) => matrix().scenarios.filter((s) => same([s.likelihood, s.consequence], at));

  const chip = (scenario, tabIndex) => {
    const isChosen = model.get("value") === scenario.id;
    const element = button("chip", scenario.id, `${scenario.id}: ${scenario.name}`, isChosen);
    element.title = scenario.name;
    element.tabIndex = tabIndex;
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      choose(isChosen ? "" : scenario.id, [scenario.likelihood, scenario.consequence]);
    });
    return element;
  };

  const cellOf = (likelihood, consequence) => {
    const at = [likelihood, consequence];
    const { score, band } = cellAt(at);
    const { label, tone } = matrix().bands[band];
    const here = within(at);
    const isChosen = same(model.get("cell"), at);
    const name =
      `Likelihood ${likelihood}, consequence ${consequence}: score ${score}, ${label}, ` + plural(here.length);
    const key = button("score", String(score), name, isChosen);
    key.dataset.cell = at.join();
    key.tabIndex = same(focus, at) ? 0 : -1;
    const td = made("td", `a${tone}`, undefined, key);
    td.setAttribute("aria-selected", String(isChosen));
    td.classList.toggle("sel", isChosen);
    td.addEventListener("click", () => {
      focus = at;
      choose("", isChosen && !model.get("value") ? [] : at);
    });
    const shown = here.length > MOST_CHIPS ? here.slice(0, MOST_CHIPS - 1) : here;
    const chips = made("div", "chips", undefined, ...shown.map((s) => chip(s, -1)));
    if (here.length > shown.length) chips.append(made("span", "rest", `+${here.length - shown.length}`));
    td.append(chips);
    if (here.length) {
      const mark = made("span", "count", String(here.length));
      mark.setAttribute("aria-hidden", "true");
      td.append(mark);
    }
    return td;
  };

  const heading = (scope, level, text) => {
    const th = made("th", "", undefined, made("b", "", String(level)));
    th.scope = scope;
    if (text) th.append(made("span", "", text));
    return th;
  };

  const build = () => {
    const { levels, likelihood, consequence, bands } = matrix();
    focus = model.get("cell").length === 2 ? [...model.get("cell")] : focus.map((v) => Math.min(v, levels));
    table.dataset.levels = levels;
    el.classList.toggle("dense", levels > 6);
    const steps = Array.from({ length: levels }, (_, i) => i + 1);
    const rows = [...steps].reverse().map((l) =>
      made("tr", "", undefined, heading("row", l, likelihood[l - 1]), ...steps.map((c) => cellOf(l, c))),
    );
    const foot = made("tr", "", undefined, made("td", "axis"), ...steps.map((c) => heading("col", c, consequence[c - 1])));
    const axes = made("td", "axis", undefined, made("span", "", "\u2191 likelihood"), made("span", "", "consequence \u2192"));
    axes.colSpan = levels + 1;
    table.replaceChildren(
      made("caption", "", model.get("label") || "Severity matrix"),
      made("tbody", "", undefined, ...rows, foot, made("tr", "", undefined, axes)),
    );
    scale.replaceChildren(
      ...bands.map((b) => made("li", "", undefined, made("i", `a${b.tone}`), `${b.label}: ${b.scores}`)),
    );
    told();
  };

  const told = () => {
    const at = model.get("cell");
    const cell = at.length === 2 ? cellAt(at) : undefined;
    if (!cell) {
      panel.replaceChildren(made("p", "note", "Choose a cell or a scenario to read what the score says of it."));
      list.replaceChildren();
      return;
    }
    const here = within(at);
    const ties = cell.ties.map((tie) => `(${tie.join(",\u00a0")})`).join(" and ");
    const head =
      `Likelihood ${at[0]}, consequence ${at[1]}: score ${cell.score}, ` +
      `${matrix().bands[cell.band].label}. ${plural(here.length)}.`;
    const tie = ties ? ` The same score as ${ties}.` : " No other cell has this score.";
    panel.replaceChildren(made("p", "", undefined, made("b", "", head), tie));
    const items = here.slice(0, MOST_LISTED).map((s) => {
      const item = made("li", "", undefined, chip(s, 0), made("span", "name", s.name), made("span", "note", s.note));
      item.classList.toggle("sel", model.get("value") === s.id);
      return item;
    });
    if (here.length > items.length) items.push(made("li", "note", `and ${here.length - items.length} more`));
    list.replaceChildren(...items);
  };

  const rebuild = () => {
    const root = el.getRootNode();
    const active = el.contains(root.activeElement) ? root.activeElement : undefined;
    const wasIn = active?.classList.contains("score") ? "score" : active?.classList.contains("chip") ? "chip" : "";
    const text = active?.textContent;
    const inList = Boolean(active && list.contains(active));
    build();
    if (wasIn === "score") table.querySelector(`[data-cell="${focus.join()}"]`)?.focus();
    if (wasIn === "chip") {
      const all = [...(inList ? list : table).querySelectorAll(".chip")];
      all.find((c) => c.textContent === text)?.focus();
    }
  };

  const moves = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  table.addEventListener("keydown", (event) => {
    const from = event.target.dataset.cell?.split(",").map(Number);
    const levels = matrix().levels;
    if (!from) return;
    let to;
    if (Object.hasOwn(moves, event.key)) to = from.map((v, i) => Math.min(Math.max(v + moves[event.key][i], 1), levels));
    else if (event.key === "Home") to = [from[0], 1];
    else if (event.key === "End") to = [from[0], levels];
    else return;
    event.preventDefault();
    event.stopPropagation();
    event.target.tabIndex = -1;
    focus = to;
    const next = table.querySelector(`[data-cell="${to.join()}"]`);
    next.tabIndex = 0;
    next.focus();
  });

  const all = "change:matrix change:value change:cell change:label";
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      rebuild();
    });
  };
  model.on(all, soon);
  build();
  return () => {
    cancelAnimationFrame(frame);
    model.off(all, soon);
  };
}

export default { render };
