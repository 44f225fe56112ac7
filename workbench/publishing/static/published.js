// A published page: the widgets' own modules, with plain objects in place of a kernel's models.
// `MODULES` are those modules; this text stands in the same function.
const said = JSON.parse(document.getElementById("published").textContent);
const byName = (kind) => [...document.querySelectorAll(`[data-${kind}]`)].map((el) => [el, el.dataset[kind]]);
const isFile = location.protocol === "file:";

/** What anywidget calls a model: get, set, on, off, save_changes, send. `saved` stands for the kernel. */
class Model {
  #state;
  #heard = new Map();
  #saved;
  constructor(state, saved = () => {}) {
    this.#state = { ...state };
    this.#saved = saved;
  }
  get(name) {
    return this.#state[name];
  }
  set(name, value) {
    if (Object.is(this.#state[name], value)) return;
    this.#state[name] = value;
    for (const event of [`change:${name}`, "change"]) for (const call of [...(this.#heard.get(event) ?? [])]) call();
  }
  on(names, call) {
    for (const name of names.split(" ")) {
      if (!this.#heard.has(name)) this.#heard.set(name, new Set());
      this.#heard.get(name).add(call);
    }
  }
  off(names, call) {
    for (const name of names.split(" ")) {
      if (call) this.#heard.get(name)?.delete(call);
      else this.#heard.delete(name);
    }
  }
  save_changes() {
    this.#saved(this);
  }
  send() {
    return undefined; // nobody listens: plotly.js is named by the page
  }
}

const slots = Object.fromEntries(byName("slot").map(([el, name]) => [name, el]));
const tell = (name, html) => {
  if (slots[name]) slots[name].innerHTML = html; // a fragment of the workbench, escaped when it was made
};

// charts: the first at once, the others near the window or when there is time, all before paper
const charts = byName("chart").map(([el, name]) => ({
  el,
  name,
  model: new Model({ ...said.charts[name], themes: said.themes }),
}));
const waiting = new Set(charts);
const draw = (chart) => {
  if (!waiting.delete(chart)) return;
  MODULES.chart.render({ model: chart.model, el: chart.el });
};
const whenIdle = globalThis.requestIdleCallback ?? ((call) => setTimeout(call, 50));
const drawNext = () => {
  const [chart] = waiting;
  if (!chart) return;
  draw(chart);
  whenIdle(drawNext);
};
const near = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) draw(charts.find(({ el }) => el === target));
  },
  { rootMargin: "200px" },
);
let isLate = false;
addEventListener("beforeprint", () => {
  isLate = waiting.size > 0;
  for (const chart of [...waiting]) draw(chart);
});
addEventListener("beforeprint", () => {
  if (!isLate) return;
  isLate = false;
  dispatchEvent(new Event("beforeprint")); // for those charts that did not listen when it was said
});

// what-ifs: the nearest combination that was computed
const sliders = byName("slider").map(([el, name]) => [el, name, new Model(said.sliders[name], () => answer())]);
const bytes = (text) => new Uint16Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const height = (code, top) => (code ? Number(`${1000 + ((code - 1) % 9000)}e${top - 10 + Math.floor((code - 1) / 9000)}`) : 0);
let grid = null;
let fragments = {}; // of each choice, by what is chosen and the slot

const place = () => {
  let at = 0;
  grid.axes.forEach((axis, i) => {
    const value = sliders.find(([, name]) => name === grid.names[i])?.[2].get("value") ?? 1;
    const distance = axis.map((v) => Math.abs(v - value));
    at = at * axis.length + distance.indexOf(Math.min(...distance));
  });
  return at;
};
const curve = (trace, at) => {
  const row = trace.rows[at];
  if (row < 0) return [];
  const n = trace.x.length;
  const cut = (codes) => [...codes.subarray(row * n, (row + 1) * n)];
  const partial = { name: trace.name, x: trace.x, y: cut(trace.heights).map((code) => height(code, trace.top)) };
  if (trace.text) partial.text = cut(trace.told).map((code, i) => trace.text.starts[code] + trace.text.ends[i]);
  return [partial];
};
function answer() {
  if (!grid) return; // answered when it is there
  const at = place();
  for (const [name, { pieces, rows, which }] of Object.entries(grid.slots))
    tell(name, rows[which[at]].map((i) => pieces[i]).join(""));
  const names = new Set(grid.traces.map(({ name }) => name));
  const overlay = grid.traces.flatMap((trace) => curve(trace, at));
  const has = ({ model }) => model.get("figure").data.some(({ name }) => names.has(name));
  for (const chart of charts.filter(has)) chart.model.set("overlay", overlay);
}
const fetchAnswers = () => {
  if (!sliders.length && !choices.length && !flows.length) return;
  const script = document.createElement("script");
  script.src = "answers.js";
  script.addEventListener("load", () => {
    grid = globalThis.workbenchAnswers.grid;
    fragments = globalThis.workbenchAnswers.choices;
    for (const trace of grid?.traces ?? []) {
      trace.heights = bytes(trace.y);
      if (trace.text) trace.told = bytes(trace.text.codes);
    }
    const moved = sliders.some(([, name, model]) => model.get("value") !== said.sliders[name].value);
    if (moved) answer();
    for (const [, name, model] of choices) if (model.get("value") !== said.choices[name].value) choose(name, model);
    for (const { name, model } of flows) if (model.get("value") !== said.flows[name].value) chooseComponent(name, model);
    document.documentElement.dataset.answers = "ready";
  });
  script.addEventListener("error", () => {
    const notice = document.getElementById("connection");
    notice.textContent = "The file answers.js is missing beside this page: its controls do not answer.";
    notice.hidden = false;
    document.documentElement.classList.add("disconnected");
  });
  document.head.append(script);
};

// choices
const choose = (name, model) => {
  for (const [slot, html] of Object.entries(fragments[name]?.[model.get("value")] ?? {})) tell(slot, html);
  for (const { model: flow } of flows) {
    const drawn = flow.get("follows") === name && flow.get("systems")[model.get("value")];
    for (const [trait, value] of Object.entries(drawn || {})) flow.set(trait, value);
  }
};
// a diagram's components: each with its system, where the page has several
const chooseComponent = (name, model) => {
  const system = choices.find(([, choice]) => choice === model.get("follows"))?.[2].get("value");
  const one = [system, model.get("value")].filter(Boolean).join("/");
  for (const [slot, html] of Object.entries(fragments[name]?.[one] ?? {})) tell(slot, html);
};
const flows = byName("flow").map(([el, name]) => ({
  el,
  name,
  model: new Model(said.flows[name], (model) => chooseComponent(name, model)),
}));
const choices = byName("choice").map(([el, name]) => {
  const state = said.choices[name];
  const asked = new URLSearchParams(location.search).get(state.address);
  const value = state.options.some(([id]) => id === asked) ? asked : state.value;
  // a file's address cannot be changed by its page: it is read here and not written
  const kept = isFile && state.address ? { ...state, address: "", value } : state;
  return [el, name, new Model(kept, (model) => choose(name, model))];
});

for (const [el, , model] of sliders) MODULES.slider.render({ model, el });
for (const [el, name] of byName("reset")) MODULES.reset.render({ model: new Model(said.resets[name]), el });
for (const [el, , model] of choices) MODULES.choice.render({ model, el });
for (const { el, model } of flows) MODULES.flow.render({ model, el });
const library = document.getElementById("workbench-plotly");
if (library.dataset.failed) {
  const again = document.createElement("script"); // its fault was told before a chart could hear it
  again.id = library.id;
  again.src = library.src;
  library.replaceWith(again);
}
if (charts.length) draw(charts[0]);
const afterFirst = () => {
  for (const { el } of charts) near.observe(el);
  whenIdle(drawNext);
  fetchAnswers();
};
if (globalThis.Plotly) requestAnimationFrame(() => requestAnimationFrame(afterFirst));
else {
  const script = document.getElementById("workbench-plotly");
  for (const event of ["load", "error"])
    script.addEventListener(event, () => requestAnimationFrame(() => requestAnimationFrame(afterFirst)), { once: true });
}
document.documentElement.dataset.ready = "yes";
