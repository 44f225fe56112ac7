// A plotly figure in the page's theme. The latest figure wins: changes between two frames are drawn
// once. Nothing from a figure is ever parsed as markup here.
//
// A curve that a control moves comes as `overlay`. Plotly takes 17 to 24 ms for it (react, restyle,
// animate), so its path is written here, in half a millisecond, and plotly draws the whole once the
// hand rests: then the hover text is that of the new curve too.

const PAPER_TYPE = 0.84; // size of type on paper against the screen
const MOVING = "moving"; // of the annotation that names a moved curve
const REST = 350; // ms without a move after which plotly draws the whole
const MOST_MISSED = 6;
const SLOW = 60_000; // ms until a kernel that does not answer is given up
const NEAR = 1.2; // screens: a chart that begins farther down is drawn when there is time
const TURNS = "__workbenchTurns"; // the end of the last chart's turn
const idle = (work) => (globalThis.requestIdleCallback ? requestIdleCallback(work, { timeout: 1500 }) : setTimeout(work, 200));
const SHARED = "__workbenchPlotly"; // one promise for all charts of a page
const WHOLE = "__workbenchWholePlotly"; // the same, where a page has charts of other kinds

/** Whether a chart holds lines and bars only, which the plotly.js that a page names first can draw. */
const isLines = (model) =>
  (model.get("figure").data ?? []).every(({ type = "scatter" }) => type === "scatter" || type === "bar");

/** Wait for a turn to draw first: between two of them the page is painted, and hears its viewer. */
function turn() {
  const next = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  globalThis[TURNS] = (globalThis[TURNS] ?? Promise.resolve()).then(next);
  return globalThis[TURNS];
}

/** Wait for the one plotly.js of the page: named by the page, or asked from the kernel once. */
function plotly(model) {
  const whole = document.getElementById("workbench-plotly")?.dataset.whole;
  if (whole && !isLines(model)) return (globalThis[WHOLE] ??= arrived(script(whole)).then(() => globalThis.Plotly));
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
  return globalThis.Plotly ? Promise.resolve() : arrived(element);
}

function arrived(element) {
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

/** The chosen view, and in a narrow chart the patches for it, on top of the figure's layout. */
function arranged(layout, view, width) {
  const { meta, ...wide } = layout;
  const { narrow, ...patch } = meta?.views?.[view]?.patch ?? {};
  const chosen = merged(wide, patch);
  const isNarrow = width < (meta?.narrow_below ?? 0);
  return { isNarrow, layout: isNarrow ? merged(merged(chosen, meta?.narrow), narrow) : chosen };
}

/** The traces with what the overlay says of them. One without a curve is there, and not seen. */
function overlaid(data, overlay, moved, isSaved) {
  return data.map((trace, i) => {
    const over = trace.name && overlay.find(({ name }) => name === trace.name);
    const shown = over ? { ...trace, ...over, visible: true } : { ...trace };
    if (over && !over.text && over.x.length !== trace.text?.length) delete shown.text;
    const hidden = !over && trace.name && (trace.visible === false || moved.has(trace.name));
    if (hidden) Object.assign(shown, isSaved ? { visible: false } : { visible: true, opacity: 0, hoverinfo: "skip" });
    if (hidden && !isSaved) delete shown.hovertemplate;
    return { ...shown, uid: `wb${i}` };
  });
}

/** A path through the points in the pixels of two axes; what a log axis cannot show breaks it. */
function pathOf(x, y, across, down) {
  let path = "";
  let pen = "M";
  for (let i = 0; i < x.length; i++) {
    const [left, top] = [across.c2p(across.d2c(x[i])), down.c2p(down.d2c(y[i]))];
    if (!Number.isFinite(left) || !Number.isFinite(top)) pen = "M";
    else {
      path += `${pen}${left.toFixed(2)},${top.toFixed(2)}`;
      pen = "L";
    }
  }
  return path || "M0,0";
}

/** Buttons of which one is pressed, as radio buttons: the arrow keys move between them. */
function segments(names, chosen, change) {
  const group = document.createElement("fieldset");
  group.className = "seg";
  group.setAttribute("aria-label", "View of the chart");
  const word = `wb-view-${Math.random().toString(36).slice(2)}`;
  names.forEach((name, i) => {
    const [label, input, text] = ["label", "input", "span"].map((tag) => document.createElement(tag));
    Object.assign(input, { type: "radio", name: word, value: String(i), checked: i === chosen });
    input.addEventListener("change", () => change(i));
    text.textContent = name;
    label.append(input, text);
    group.append(label);
  });
  return group;
}

/** Where a text of this size meets least: boxes are other labels, ink the points of curves. */
function freePlace(points, [width, height], boxes, ink, [right, bottom], last) {
  let best = null;
  for (let i = 2; i < points.length; i += 4)
    for (const side of [10, -10 - width]) {
      const [left, top] = [points[i][0] + side, points[i][1] - height / 2];
      if (!(left >= 0 && top >= 0 && left + width <= right && top + height <= bottom)) continue;
      let cost = last ? 0.02 * Math.hypot(left - last[0], top - last[1]) : 0.02 * Math.abs(points[i][1] - bottom / 2);
      for (const b of boxes) if (left < b[2] + 4 && left + width > b[0] - 4 && top < b[3] + 2 && top + height > b[1] - 2) cost += 400;
      for (const [x, y] of ink) if (x > left - 2 && x < left + width + 2 && y > top - 1 && y < top + height + 1) cost += 4;
      if (!best || cost < best.cost) best = { cost, at: [left, top] };
    }
  return best?.at;
}

/** What plotly draws: for a screen, for paper, or for a file to be saved. */
function composed(model, { theme: name, width, height, use, view, moved, spot }) {
  const theme = model.get("themes")[name];
  const { data = [], layout: given = {} } = coloured(model.get("figure"), theme.token);
  const { isNarrow, layout: chosen } = arranged(given, view, width);
  const traces = overlaid(data, model.get("overlay") ?? [], moved, use === "file");
  const named = traces.find((t) => moved.has(t.name) && t.visible !== false);
  let layout = merged({ template: { layout: theme.layout } }, chosen);
  const [across, down] = [layout.xaxis?.range, layout.yaxis?.range];
  if (named && !isNarrow && across && down) {
    const within = (v, [a, b]) => (v >= a && v <= b ? v : (a + b) / 2); // plotly draws no other
    const place = { x: within(spot?.x, across), y: within(spot?.y, down) };
    const note = { ...place, text: `<b>${named.name}</b>`, showarrow: false, xanchor: "left", yanchor: "middle" };
    Object.assign(note, { font: { color: named.line?.color }, opacity: spot ? (named.opacity ?? 1) : 0, name: MOVING });
    const { annotations = [] } = layout;
    layout = { ...layout, annotations: [...annotations.filter((a) => a.text !== note.text), note] };
  }
  if (use === "paper") layout = scaledType(layout, PAPER_TYPE);
  return { data: traces, layout: { ...layout, width, height, autosize: false } };
}

/** Write the path of each moved trace and put its name beside it; false if plotly has to do it. */
function movedByHand(figure, overlay, moved, held) {
  const full = figure._fullLayout;
  for (const name of moved) {
    const over = overlay.find((trace) => trace.name === name);
    const trace = figure._fullData.find((t) => t.name === name);
    const group = trace && figure.querySelector(`.scatterlayer .trace${trace.uid}`);
    const path = group?.querySelector(".js-line");
    if (!path || !full.xaxis || trace.xaxis !== "x" || trace.yaxis !== "y") return false;
    group.style.opacity = over ? 1 : 0;
    if (over) path.setAttribute("d", pathOf(over.x, over.y, full.xaxis, full.yaxis));
    nameMoved(figure, over, moved, held);
  }
  return true;
}

/** Put the name of a moved curve where it meets least; `held` keeps what stays between two draws. */
function nameMoved(figure, over, moved, held) {
  const { xaxis: across, yaxis: down, annotations = [] } = figure._fullLayout;
  const index = annotations.findIndex((a) => a.name === MOVING);
  const note = index < 0 ? null : figure.querySelector(`.annotation[data-index="${index}"]`);
  if (!note?.querySelector(".annotation-text")) return;
  note.style.opacity = over ? 1 : 0;
  if (!over) return;
  held.around ??= surroundings(figure, index, moved);
  const points = over.x.map((x, i) => [across.c2p(across.d2c(x)), down.c2p(down.d2c(over.y[i]))]);
  const own = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const { size, boxes, ink, at } = held.around;
  const room = [across._length, down._length];
  const place = freePlace(own, size, boxes, [...ink, ...own], room, held.last);
  if (!place) return void (note.style.opacity = 0);
  held.last = place;
  held.spot = { x: across.p2l(place[0]), y: down.p2l(place[1] + size[1] / 2) };
  note.setAttribute("transform", `translate(${place[0] - at[0]},${place[1] - at[1]})`);
}

/** What a name must keep clear of, in pixels of the drawing area, as plotly has drawn it. */
function surroundings(figure, index, moved) {
  const { xaxis: across, yaxis: down } = figure._fullLayout;
  const area = figure.getBoundingClientRect();
  const [dx, dy] = [area.left + across._offset, area.top + down._offset];
  const box = (e) => {
    const { left, top, right, bottom } = e.querySelector(".annotation-text").getBoundingClientRect();
    return [left - dx, top - dy, right - dx, bottom - dy];
  };
  const notes = [...figure.querySelectorAll(".annotation:has(.annotation-text)")];
  const isOwn = (e) => e.dataset.index === String(index);
  const own = box(notes.find(isOwn));
  const isOther = (t) => t.visible === true && t.mode === "lines" && t.fill !== "toself" && !moved.has(t.name);
  const ink = figure._fullData
    .filter(isOther)
    .flatMap((t) => Array.from(t.x, (x, i) => [across.c2p(across.d2c(x)), down.c2p(down.d2c(t.y[i]))]));
  return { size: [own[2] - own[0], own[3] - own[1]], at: [own[0], own[1]], boxes: notes.filter((e) => !isOwn(e)).map(box), ink };
}

function render({ model, el }) {
  const figure = document.createElement("div");
  figure.className = "chart";
  figure.setAttribute("role", "img");
  el.classList.add("wb-widget", "wb-chart");
  el.append(figure);
  const held = { around: null, last: null, spot: null };
  const moved = new Set(); // names of the traces that an overlay has spoken of, or may
  let library = null;
  let frame = 0;
  let rest = 0;
  let isStale = true; // plotly has to draw the whole
  let drawn = "";
  let missed = 0; // times in a row that there was no room to draw
  let view = 0;

  const told = (use, width, height) => {
    const theme = use === "screen" ? themeName() : "light";
    return composed(model, { theme, width, height, use, view, moved, spot: held.spot });
  };
  // JupyterLab hides all for a moment while it changes its theme, too short for the observer of sizes
  const later = () => {
    if (missed++ >= MOST_MISSED) return; // hidden for longer: its size tells when it is back
    clearTimeout(rest);
    rest = setTimeout(onMove, REST);
  };
  const draw = (isPaper = false) => {
    const { clientWidth: width, clientHeight: height } = figure;
    if (!library) return;
    if (width < 1 || height < 1) return later();
    missed = 0;
    clearTimeout(rest);
    for (const { name, visible } of model.get("figure").data ?? []) if (visible === false && name) moved.add(name);
    for (const { name } of model.get("overlay") ?? []) moved.add(name);
    const { data, layout } = told(isPaper ? "paper" : "screen", width, height);
    library.react(figure, data, layout, { displayModeBar: false, responsive: false, staticPlot: isPaper });
    held.around = null;
    isStale = false;
    if (!isPaper && moved.size) movedByHand(figure, model.get("overlay") ?? [], moved, held);
    drawn = `${themeName()} ${width} ${height}`;
    figure.dataset.drawn = String(Number(figure.dataset.drawn ?? 0) + 1);
    figure.dataset.drawnIn = isPaper ? "light" : themeName();
  };
  const isPrinting = () => document.documentElement.classList.contains("printing");
  const paint = () => {
    frame = 0;
    if (isPrinting()) return; // the end of printing draws anew
    const overlay = model.get("overlay") ?? [];
    const isKnown = !isStale && library && overlay.every(({ name }) => moved.has(name));
    if (!isKnown || !movedByHand(figure, overlay, moved, held)) return draw();
    figure.dataset.moved = String(Number(figure.dataset.moved ?? 0) + 1);
    clearTimeout(rest);
    rest = setTimeout(soon, REST);
  };
  const onMove = () => (frame ||= requestAnimationFrame(paint));
  const soon = () => {
    isStale = true;
    onMove();
  };
  const resized = () => {
    const now = `${themeName()} ${figure.clientWidth} ${figure.clientHeight}`;
    if (now !== drawn && !isPrinting()) soon();
  };
  const label = () => {
    figure.setAttribute("aria-label", model.get("label"));
    tools();
  };
  const tools = () => {
    for (const old of el.querySelectorAll(":scope > .save")) old.remove();
    const [name, table] = [model.get("name"), model.get("table")];
    if (!name) return;
    const kinds = table?.head ? ["csv", "svg", "png"] : ["svg", "png"];
    const press = async (kind) => {
      if (!library && kind !== "csv") throw new Error("the chart is not drawn yet");
      const [width, height] = [figure.clientWidth, Number(model.get("height"))];
      const picture = (wide) => told("file", wide, height);
      await save(kind, { library, name, label: model.get("label"), table, width, height, picture });
    };
    el.append(saveRow(kinds, model.get("label"), press));
  };
  const views = () => {
    const names = (model.get("figure").layout?.meta?.views ?? []).map(({ name }) => String(name));
    if (views.shown === names.join("\n")) return;
    views.shown = names.join("\n");
    for (const old of el.querySelectorAll(":scope > .seg")) old.remove();
    view = Math.min(view, Math.max(names.length - 1, 0));
    const choose = (i) => {
      view = i;
      held.last = held.spot = null;
      soon();
    };
    if (names.length > 1) el.prepend(segments(names, view, choose));
  };
  const changed = () => {
    views();
    soon();
  };
  const heights = () => {
    const height = model.get("height");
    figure.style.setProperty("--h", `${height}px`);
    figure.style.setProperty("--h-phone", `${model.get("height_phone")}px`);
    figure.style.setProperty("--h-print", `${model.get("height_print") || Math.round(height / 1.5)}px`);
    soon();
  };
  const onPaper = () => draw(true);

  model.on("change:figure", changed);
  model.on("change:overlay", onMove);
  model.on("change:label", label);
  model.on("change:name change:table", tools);
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
  views();
  heights();
  plotly(model).then(
    (Plotly) => {
      library = Plotly;
      if (figure.getBoundingClientRect().top < NEAR * innerHeight) turn().then(soon);
      else idle(soon); // controls that can be seen come before charts that cannot
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
    clearTimeout(rest);
    model.off("change:figure", changed);
    model.off("change:overlay", onMove);
    model.off("change:label", label);
    model.off("change:name change:table", tools);
    model.off("change:height change:height_phone change:height_print", heights);
    library?.purge(figure);
  };
}

export default { render };
