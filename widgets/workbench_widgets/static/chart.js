// A plotly figure in the page's theme. The latest figure wins: changes between two frames are drawn
// once. Nothing from a figure is ever parsed as markup here.

const PAPER_TYPE = 0.84; // size of type on paper against the screen
const SLOW = 60_000; // ms until a kernel that does not answer is given up
const SHARED = "__workbenchPlotly"; // one promise for all charts of a page

/** Wait for the one plotly.js of the page: named by the page, or asked from the kernel once. */
function plotly(model) {
  if (globalThis.Plotly) return Promise.resolve(globalThis.Plotly);
  globalThis[SHARED] ??= found(model).catch((fault) => {
    delete globalThis[SHARED]; // so that the next chart may try again
    throw fault;
  });
  return globalThis[SHARED];
}

async function found(model) {
  const named = document.getElementById("workbench-plotly");
  if (named) await loaded(named);
  else await loaded(script(await fromKernel(model)));
  if (!globalThis.Plotly) throw new Error("plotly.js did not load");
  return globalThis.Plotly;
}

function script(address) {
  const element = document.createElement("script");
  element.src = address;
  document.head.append(element);
  return element;
}

function loaded(element) {
  if (globalThis.Plotly) return Promise.resolve();
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve, { once: true });
    element.addEventListener("error", () => reject(new Error("plotly.js did not load")), { once: true });
  });
}

function fromKernel(model) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the kernel sent no plotly.js")), SLOW);
    const heard = async (message, buffers) => {
      if (message?.kind !== "plotly.js") return;
      model.off("msg:custom", heard);
      clearTimeout(late);
      const packed = new Blob([buffers[0]]).stream();
      const text = await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
      resolve(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    };
    model.on("msg:custom", heard);
    model.send({ kind: "plotly.js" });
  });
}

/** "light" or "dark": what the page says, else JupyterLab's theme, else the system's. */
export function themeName() {
  const said = document.documentElement.dataset.theme;
  if (said === "light" || said === "dark") return said;
  const lab = document.body.dataset.jpThemeLight;
  if (lab !== undefined && !document.body.dataset.voila) return lab === "false" ? "dark" : "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** A copy in which "var(--token)" is the token's colour. */
function coloured(value, token) {
  if (typeof value === "string") {
    const name = /^var\(--([\w-]+)\)$/.exec(value)?.[1];
    return name && Object.hasOwn(token, name) ? token[name] : value;
  }
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map((v) => coloured(v, token));
  if (value && typeof value === "object" && !ArrayBuffer.isView(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, token)]));
  return value;
}

const isTable = (value) => value && typeof value === "object" && !Array.isArray(value);

/** `patch` merged into `base`; lists are replaced whole. */
function merged(base, patch) {
  const both = { ...base };
  for (const [key, value] of Object.entries(patch ?? {})) {
    if (key === "__proto__") continue;
    both[key] = isTable(value) && isTable(base?.[key]) ? merged(base[key], value) : value;
  }
  return both;
}

/** Every `size` of type times `factor`; markers keep theirs, since they stand in the data. */
function scaledType(value, factor) {
  if (Array.isArray(value)) return value.map((v) => scaledType(v, factor));
  if (!isTable(value)) return value;
  const pairs = Object.entries(value).map(([k, v]) => [
    k,
    k === "size" && typeof v === "number" ? v * factor : scaledType(v, factor),
  ]);
  return Object.fromEntries(pairs);
}

function composed(model, name, width, height, isPaper) {
  const theme = model.get("themes")[name];
  const { data = [], layout: given = {} } = coloured(model.get("figure"), theme.token);
  const { meta, ...wide } = given;
  let layout = meta?.narrow && width < (meta.narrow_below ?? 0) ? merged(wide, meta.narrow) : wide;
  layout = merged({ template: { layout: theme.layout } }, layout);
  if (isPaper) layout = scaledType(layout, PAPER_TYPE);
  return { data, layout: { ...layout, width, height, autosize: false } };
}

function render({ model, el }) {
  const figure = document.createElement("div");
  figure.className = "chart";
  figure.setAttribute("role", "img");
  el.classList.add("wb-widget", "wb-chart");
  el.append(figure);
  let library = null;
  let frame = 0;
  let drawn = "";

  const draw = (isPaper = false) => {
    const { clientWidth: width, clientHeight: height } = figure;
    if (!library || width < 1 || height < 1) return;
    const name = isPaper ? "light" : themeName();
    const { data, layout } = composed(model, name, width, height, isPaper);
    library.react(figure, data, layout, { displayModeBar: false, responsive: false, staticPlot: isPaper });
    drawn = `${name} ${width} ${height}`;
    figure.dataset.drawn = String(Number(figure.dataset.drawn ?? 0) + 1);
  };
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
  const resized = () => {
    const now = `${themeName()} ${figure.clientWidth} ${figure.clientHeight}`;
    if (now !== drawn && !document.documentElement.classList.contains("printing")) soon();
  };
  const label = () => figure.setAttribute("aria-label", model.get("label"));
  const heights = () => {
    const height = model.get("height");
    figure.style.setProperty("--h", `${height}px`);
    figure.style.setProperty("--h-phone", `${model.get("height_phone")}px`);
    figure.style.setProperty("--h-print", `${model.get("height_print") || Math.round(height / 1.5)}px`);
    soon();
  };
  const onPaper = () => draw(true);

  model.on("change:figure", soon);
  model.on("change:label", label);
  model.on("change:height change:height_phone change:height_print", heights);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", soon);
  addEventListener("beforeprint", onPaper);
  addEventListener("afterprint", soon);
  const themes = new MutationObserver(soon);
  themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  themes.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  const sizes = new ResizeObserver(resized);
  sizes.observe(figure);

  label();
  heights();
  plotly(model).then(
    (Plotly) => {
      library = Plotly;
      soon();
    },
    (fault) => {
      figure.classList.add("missing");
      figure.textContent = `${model.get("label")} (The chart could not be drawn: ${fault.message}.)`;
    },
  );
  return () => {
    cancelAnimationFrame(frame);
    scheme.removeEventListener("change", soon);
    removeEventListener("beforeprint", onPaper);
    removeEventListener("afterprint", soon);
    themes.disconnect();
    sizes.disconnect();
    model.off("change:figure", soon);
    model.off("change:label", label);
    model.off("change:height change:height_phone change:height_print", heights);
    library?.purge(figure);
  };
}

export default { render };
