// Measured in the page: how each visible text and each mark stands out against what is behind it.
// Contrast is that of WCAG 2.2; a text is blended with its own alpha and the opacity of its boxes.
(() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  /** Any CSS colour as [r, g, b, a], a from 0 to 1. */
  const parsed = (colour) => {
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const contrast = (colour, behind) => ratio(over(colour, behind), behind);
  const faded = ([r, g, b, a], opacity) => [r, g, b, a * opacity];
  const opacityOf = (element) => {
    let all = 1;
    for (let e = element; e; e = e.parentElement) all *= Number(getComputedStyle(e).opacity);
    return all;
  };
  /** The colour behind an element: its boxes from the page upwards. */
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const colour = parsed(getComputedStyle(e).backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  /** The colour behind a point of a chart: what is filled there before the text, over the card. */
  const chartGround = (text, x, y) => {
    const figure = text.closest(".chart") ?? text.closest("svg");
    let colour = ground(figure);
    for (const shape of figure.querySelectorAll("path, rect, circle")) {
      if (shape.closest("defs, clipPath, .crisp.layer-above") || shape.classList.contains("bg") || !shape.getScreenCTM()) continue;
      const { fill, fillOpacity, visibility, display } = getComputedStyle(shape);
      if (fill === "none" || visibility === "hidden" || display === "none") continue;
      if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
      const at = new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse());
      if (!shape.isPointInFill(at)) continue;
      const pattern = /^url\("?#([^")]+)/.exec(fill)?.[1];
      const mark = pattern && document.getElementById(pattern)?.querySelector("path, circle, rect");
      const paint = pattern ? (mark ? getComputedStyle(mark).stroke : "transparent") : fill;
      if (paint === "none") continue;
      colour = over(faded(parsed(paint), Number(fillOpacity) * opacityOf(shape)), colour);
    }
    return colour;
  };
  const seen = (element, box) => {
    const style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility === "visible" && !element.closest(".sr, [hidden], :disabled, script, style, option") && opacityOf(element) > 0.02;
  };
  const texts = () => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || !element) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (!seen(element, box)) continue;
      const style = getComputedStyle(element);
      const isDrawn = element.ownerSVGElement !== null && element.ownerSVGElement !== undefined;
      const colour = faded(parsed(isDrawn ? style.fill : style.color), opacityOf(element) * (isDrawn ? Number(style.fillOpacity) : 1));
      const behind = isDrawn ? chartGround(element, box.left + box.width / 2, box.top + box.height / 2) : ground(element);
      const [size, weight] = [parseFloat(style.fontSize), Number(style.fontWeight)];
      const least = size >= 24 || (size >= 18.66 && weight >= 700) ? 3 : 4.5;
      found.push({ text: node.data.trim().slice(0, 60), ratio: ratio(over(colour, behind), behind), least });
    }
    for (const control of document.querySelectorAll("select, input[type=text]")) {
      const style = getComputedStyle(control);
      if (!seen(control, control.getBoundingClientRect())) continue;
      found.push({ text: `in the control ${control.id}`, ratio: ratio(over(parsed(style.color), ground(control)), ground(control)), least: 4.5 });
    }
    return found;
  };
  /** Marks that carry meaning: curves, rules and points of charts, keys, outlines of controls. */
  const marks = () => {
    const found = [];
    const add = (text, colour, behind) => found.push({ text, ratio: ratio(over(colour, behind), behind), least: 3 });
    const strokes = ".chart .js-line, .chart path.point, .chart .point path, .key svg path, .mark svg path";
    for (const path of document.querySelectorAll(strokes)) {
      const { stroke, strokeOpacity, strokeWidth, fill, fillOpacity } = getComputedStyle(path);
      const opacity = opacityOf(path);
      if (opacity < 0.02 || path.getBoundingClientRect().width === 0) continue;
      const paints = [[fill, Number(fillOpacity)], [stroke, Number(strokeOpacity) * (parseFloat(strokeWidth) > 0)]];
      const seenPaints = paints.filter(([paint, alpha]) => paint !== "none" && alpha * parsed(paint)[3] > 0);
      const behind = ground(path.closest(".chart, .key, .mark"));
      const best = seenPaints.map(([paint, alpha]) => faded(parsed(paint), alpha * opacity)).sort((a, b) => contrast(b, behind) - contrast(a, behind));
      if (best.length) add(`a mark in ${path.closest("[aria-label]")?.ariaLabel ?? "a key"}`.slice(0, 60), best[0], behind);
    }
    for (const control of document.querySelectorAll("select, input[type=text], button:not(.quiet, .save button)")) {
      const box = control.getBoundingClientRect();
      if (seen(control, box)) add(`the outline of ${control.textContent.slice(0, 30)}`, parsed(getComputedStyle(control).borderTopColor), ground(control.parentElement));
    }
    return found;
  };
  globalThis.measured = { texts, marks, ratio, parsed, over, ground };
})();
