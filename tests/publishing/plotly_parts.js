// Which parts of the installed plotly.js a published page can do without: node's own reader of
// JavaScript (node --expose-internals plotly_parts.js plotly.min.js TRACE ...) finds what can be
// reached from the last line of the bundle, with these kinds of traces and no others. Prints JSON:
// the SHA-256 of the whole, and the ranges of bytes that are left out.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { parse } = require("internal/deps/acorn/acorn/dist/acorn");

const [, , path, ...wanted] = process.argv;
const source = readFileSync(path, "utf8");
const text = ({ start, end }) => source.slice(start, end);
const LAZY = new Set(["W", "Ea"]); // the bundler's wrappers: what they hold runs when it is asked for

function each(node, visit) {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) for (const part of node) each(part, visit);
  else if (visit(node) !== false)
    for (const [key, part] of Object.entries(node)) if (key !== "type") each(part, visit);
}

let statements = null;
each(parse(source, { ecmaVersion: "latest" }), (node) => {
  if (node.type === "VariableDeclarator" && node.id.name === "Plotly") statements = node.init.callee.body.body;
  return statements === null;
});

// a unit is one declared name with what it holds, or a statement that declares none
const units = statements.flatMap((statement) => statement.declarations ?? [statement]);
const owner = new Map();
for (const unit of units) each(unit.id, (node) => node.type === "Identifier" && owner.set(node.name, unit));

/** The units whose names occur in a node; a name that an inner scope hides counts as well. */
function used(node, skipped) {
  const found = new Set();
  const note = (part) => {
    if (skipped.has(part)) return false;
    const [inner, isName] =
      part.type === "MemberExpression" ? [part.object, !part.computed] : [part.value, part.type === "Property" && !part.computed && !part.shorthand];
    if (isName) {
      each(inner, note);
      return false;
    }
    if (part.type === "Identifier" && owner.has(part.name)) found.add(owner.get(part.name));
    return true;
  };
  each(node, note);
  return found;
}

// the last line registers every kind of trace: [bar(), box(), ...]
let list = null;
each(statements.slice(-5), (node) => {
  if (node.type === "CallExpression" && node.callee.property?.name === "register") list = node.arguments[0].elements;
});
function kind(call) {
  const outer = text(owner.get(call.callee.name));
  const inner = /exports=([\w$]+)\(\)/.exec(outer)?.[1];
  return /\bname:"(\w+)"/.exec(inner ? text(owner.get(inner)) : outer)?.[1];
}
const unwanted = new Set(list.filter((call) => !wanted.includes(kind(call))));
if (list.length - unwanted.size !== wanted.length) throw new Error(`not all of ${wanted} are in plotly.js`);

const isLazy = (unit) => unit.type === "FunctionDeclaration" || LAZY.has(unit.init?.callee?.name);
const kept = new Set();
const open = units.filter((unit) => !isLazy(unit));
while (open.length) {
  const unit = open.pop();
  if (kept.has(unit)) continue;
  kept.add(unit);
  open.push(...used(unit.type === "VariableDeclarator" ? unit.init : unit, unwanted));
}

const ranges = [];
for (const statement of statements) {
  const dropped = (statement.declarations ?? [statement]).filter((unit) => !kept.has(unit));
  if (dropped.length === (statement.declarations?.length ?? 1)) ranges.push([statement.start, statement.end]);
  else for (const { id, end } of dropped) ranges.push([id.end, end]); // the name stays, and holds nothing
}
for (const call of unwanted) ranges.push([call.start, call.end + (source[call.end] === "," ? 1 : 0)]);
const cuts = [];
for (const [start, end] of ranges.sort(([a], [b]) => a - b)) {
  if (cuts.length && cuts.at(-1)[1] === start) cuts.at(-1)[1] = end;
  else cuts.push([start, end]);
}
let [at, byte] = [0, 0];
const bytes = (place) => {
  byte += Buffer.byteLength(source.slice(at, place));
  at = place;
  return byte;
};
const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
console.log(JSON.stringify({ sha256: digest, traces: ["scatter", ...wanted], cuts: cuts.map((cut) => cut.map(bytes)) }));
