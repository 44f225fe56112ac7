// What a visitor takes away of a chart: CSV, SVG and PNG, made here and downloaded without a request.
// It stands in front of chart.js in one module.

const FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"; // a cell that begins so is a formula to a spreadsheet
const LEAST_SAVED = 720; // px; a saved chart is at least so wide
const TYPES = { csv: "text/csv;charset=utf-8", svg: "image/svg+xml", png: "image/png" };

/** A text that plotly shows as it is: no tag, no template, no TeX. */
function literal(text) {
  return text.replace(/[&<>{}$\\]/g, (c) => `&#${c.codePointAt(0)};`).replace(/[\p{Cc}\p{Cf}]/gu, " ");
}

/** Lines of at most `most` characters. */
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= most) lines.push("");
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines;
}

/** RFC 4180, with each text that begins like a formula made plain text by an apostrophe. */
function csv({ head = [], rows = [] }) {
  const cell = (value) => {
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
    const text = String(value ?? "");
    const first = text.replace(/^[ \u00a0]+/, "")[0];
    const plain = first && FORMULA.includes(first) ? `'${text}` : text;
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  return "\ufeff" + [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function download(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The bytes of what plotly gives as a data address. */
function bytes(address) {
  const [kind, content] = [address.slice(0, address.indexOf(",")), address.slice(address.indexOf(",") + 1)];
  return kind.endsWith("base64") ? Uint8Array.from(atob(content), (c) => c.charCodeAt(0)) : decodeURIComponent(content);
}

/** Save a chart: `picture(width)` composes {data, layout} for paper that is so wide. */
async function save(kind, { library, name, label, table, width, height, picture }) {
  if (kind === "csv") return download(`${name}.csv`, csv(table), TYPES.csv);
  const wide = Math.max(width, LEAST_SAVED);
  const lines = wrapped(label, Math.floor(wide / 8)).map(literal);
  const { data, layout } = picture(wide);
  const above = 20 * lines.length + 14;
  const title = { text: lines.join("<br>"), x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top" };
  Object.assign(title, { font: { size: 15 }, pad: { t: 12, l: 12 } });
  const margin = { ...layout.template.layout.margin, ...layout.margin };
  for (const side of ["l", "r", "b"]) margin[side] += 8;
  margin.t += above;
  const whole = { ...layout, title, margin, width: wide, height: height + above, paper_bgcolor: "#ffffff" };
  const scale = kind === "png" ? 2 : 1;
  const image = await library.toImage({ data, layout: whole }, { format: kind, width: wide, height: height + above, scale });
  download(`${name}.${kind}`, bytes(image), TYPES[kind]);
}

/** A quiet row of buttons below a chart. */
function saveRow(kinds, label, press) {
  const row = document.createElement("div");
  row.className = "save no-print";
  row.append("Save:");
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  for (const kind of kinds) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = kind.toUpperCase();
    button.setAttribute("aria-label", `Save the chart \u201c${label}\u201d as ${kind.toUpperCase()}`);
    button.addEventListener("click", async () => {
      told.textContent = "";
      await press(kind).catch((fault) => (told.textContent = `Not saved: ${fault.message}`));
    });
    row.append(button);
  }
  row.append(told);
  return row;
}
