// A data-flow diagram as SVG, wide and tall, and the same as a table. Tab reaches the chosen
// component, arrows the nearest one, Enter or Space chooses. Names are text nodes only. The browser
// sends `value` (a component's id), nothing else.

const SVG = "http:" + "//www.w3.org/2000/svg"; // a name, and no address that anyone asks
const RADIUS = 13; // of a badge
const HEAD = 20; // baseline of the first line of a name

function made(tag, className, text, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

function drawn(tag, attributes, text, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

const plural = (n) => (n === 1 ? "1 threat" : `${n} threats`);

function outline(shape, { width, height }) {
  const round = { person: height / 2, store: 2 }[shape] ?? 8;
  const box = drawn("rect", { class: "box", width, height, rx: round });
  if (shape !== "store") return [box];
  return [box, drawn("path", { class: "bars", d: `M0 5H${width}M0 ${height - 5}H${width}` })];
}

function render({ model, el }) {
  const id = `wb-flow-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-flow");
  const stage = made("div", "stage");
  const key = made("ul", "flow-key");
  key.setAttribute("aria-label", "Key");
  const table = made("details", "data");
  el.append(stage, key, table);
  let focus = ""; // the one component that Tab reaches

  const choose = (one) => {
    model.set("value", one);
    model.save_changes();
  };

  const boxOf = (place, part) => {
    const isPerson = part.shape === "person";
    const left = isPerson ? 22 : 12;
    const first = place.lines.length > 1 ? HEAD : HEAD + 7;
    const group = drawn("g", {
      class: "component",
      role: "button",
      transform: `translate(${place.x} ${place.y})`,
      "aria-label": `${part.name}, ${part.kind} in ${part.zone}, ${plural(part.count)}`,
      "data-id": part.id,
    });
    const lines = place.lines.map((line, i) => drawn("text", { class: "name", x: left, y: first + 15 * i }, line));
    const kind = drawn("text", { class: "kind", x: left, y: first + 15 * place.lines.length + 1 }, part.kind);
    const at = isPerson ? place.width - 20 : place.width - 6;
    const badge = drawn("circle", { class: `badge a${part.tone}`, cx: at, cy: 2, r: RADIUS });
    const count = drawn("text", { class: `count on-a${part.tone}`, x: at, y: 6.4 }, String(part.count));
    group.append(drawn("title", {}, part.name), ...outline(part.shape, place), ...lines, kind, badge, count);
    group.addEventListener("click", () => {
      focus = part.id;
      choose(part.id);
    });
    return group;
  };

  const arrow = (name, kind) =>
    drawn(
      "marker",
      { id: name, class: kind, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 10, markerHeight: 10, markerUnits: "userSpaceOnUse", orient: "auto" },
      undefined,
      drawn("path", { d: "M0 .8 7.4 4 0 7.2z" }),
    );

  const layoutOf = (name, layout, parts) => {
    const svg = drawn("svg", {
      class: `dfd ${name}`,
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: "group",
      "aria-label": model.get("label"),
    });
    svg.style.setProperty("--natural", `${layout.width}px`);
    const marker = { inside: `${id}-${name}-inside`, cross: `${id}-${name}-cross` };
    svg.append(drawn("defs", {}, undefined, arrow(marker.inside, "inside"), arrow(marker.cross, "cross")));
    for (const { x, y, width, height } of layout.zones)
      svg.append(drawn("rect", { class: "zone", x, y, width, height, rx: 10 }));
    for (const line of layout.lines) {
      const kind = line.crosses ? "cross" : "inside";
      const path = { class: `flow ${kind}`, d: line.path, "marker-end": `url(#${marker[kind]})` };
      svg.append(drawn("path", { ...path, "data-source": line.source, "data-target": line.target }));
    }
    const words = (kind, at) => drawn("text", { class: kind, x: at.x, y: at.y, "text-anchor": at.anchor }, at.text);
    svg.append(...layout.zones.map((zone) => words("zone-name", zone.name)));
    svg.append(...layout.lines.filter((line) => line.label).map((line) => words("flow-name", line.label)));
    svg.append(...layout.boxes.map((place) => boxOf(place, parts.get(place.id))));
    svg.addEventListener("keydown", (event) => moved(event, svg, layout));
    return svg;
  };

  const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
  const moves = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const next = (layout, from, [dx, dy]) => {
    const [x0, y0] = middle(layout.boxes.find((box) => box.id === from));
    const ahead = layout.boxes
      .map((box) => [box.id, middle(box)])
      .map(([one, [x, y]]) => [one, (x - x0) * dx + (y - y0) * dy, Math.abs((x - x0) * dy) + Math.abs((y - y0) * dx)])
      .filter(([, along]) => along > 1)
      .sort((a, b) => a[1] + 2 * a[2] - (b[1] + 2 * b[2]));
    return ahead[0]?.[0] ?? from;
  };
  const moved = (event, svg, layout) => {
    const from = event.target.dataset?.id;
    if (!from) return;
    let to;
    if (event.key === "Enter" || event.key === " ") choose(from);
    else if (Object.hasOwn(moves, event.key)) to = next(layout, from, moves[event.key]);
    else if (event.key === "Home") to = layout.boxes[0].id;
    else if (event.key === "End") to = layout.boxes.at(-1).id;
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (!to) return;
    focus = to;
    reached();
    [...svg.querySelectorAll(".component")].find((group) => group.dataset.id === to)?.focus();
  };

  const reached = () => {
    for (const group of stage.querySelectorAll(".component")) group.tabIndex = group.dataset.id === focus ? 0 : -1;
  };
  const chosen = () => {
    const value = model.get("value");
    for (const group of stage.querySelectorAll(".component")) {
      const isChosen = group.dataset.id === value;
      group.classList.toggle("on", isChosen);
      group.setAttribute("aria-pressed", String(isChosen));
    }
    for (const line of stage.querySelectorAll(".flow"))
      line.classList.toggle("near", value !== "" && [line.dataset.source, line.dataset.target].includes(value));
    if (value) focus = value;
    reached();
  };

  const tableOf = (caption, head, rows) => {
    const cells = (tag, row) =>
      row.map((cell, i) => {
        const element = made(i === 0 && tag === "td" ? "th" : tag, typeof cell === "number" ? "n" : "", String(cell));
        if (tag === "th" || i === 0) element.scope = tag === "th" ? "col" : "row";
        return element;
      });
    return made(
      "table",
      "",
      undefined,
      made("caption", "", caption),
      made("thead", "", undefined, made("tr", "", undefined, ...cells("th", head))),
      made("tbody", "", undefined, ...rows.map((row) => made("tr", "", undefined, ...cells("td", row)))),
    );
  };

  const build = () => {
    const { components, flows, layouts } = model.get("diagram");
    const parts = new Map(components.map((part) => [part.id, part]));
    const isOpen = table.open;
    if (!parts.has(focus)) focus = components[0]?.id ?? "";
    stage.replaceChildren(...Object.entries(layouts).map(([name, layout]) => layoutOf(name, layout, parts)));
    const lacking = ["wide", "tall"].filter((name) => !layouts[name]);
    for (const name of lacking)
      stage.append(made("p", `note too-large ${name}`, "This system is too large for a diagram here: the table has all of it."));
    const item = (kind, text) => made("li", "", undefined, made("i", kind), text);
    key.replaceChildren(
      item("cross", "flow across a trust boundary"),
      item("inside", "flow inside a zone"),
      item("zone", "zone of trust"),
      item("badge a3", "threats, stronger is more"),
    );
    const across = (flow) => (flow.crosses ? `crosses, ${plural(flow.count)}` : "stays inside");
    table.replaceChildren(
      made("summary", "", "Show as a table"),
      made(
        "div",
        "",
        undefined,
        tableOf(
          "Components",
          ["Component", "Kind", "Zone", "Threats"],
          components.map((part) => [part.name, part.kind, part.zone, part.count]),
        ),
        tableOf(
          "Data flows",
          ["From", "To", "Carries", "Trust boundary"],
          flows.map((flow) => [flow.source, flow.target, flow.carries, across(flow)]),
        ),
      ),
    );
    table.open = isOpen;
    chosen();
  };

  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const active = el.getRootNode().activeElement;
      const had = el.contains(active) ? active.dataset?.id : undefined;
      build();
      const shown = [...stage.querySelectorAll(".component")].filter((group) => group.dataset.id === had);
      shown.find((group) => group.getClientRects().length)?.focus();
    });
  };
  model.on("change:diagram change:label", soon);
  model.on("change:value", chosen);
  build();
  return () => {
    cancelAnimationFrame(frame);
    model.off("change:diagram change:label", soon);
    model.off("change:value", chosen);
  };
}

export default { render };
