// One record as text. What is typed goes to the kernel as a draft; a press of a button as a step.
// One request is on its way at a time. It is sent again, under its number, until it is answered, and
// the kernel does it once. The browser sends `request`, nothing else.

function made(tag, className, text, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

const PAUSE = 400; // ms after the last key until a draft is sent
const PATIENCE = [5000, 10000, 20000, 30000]; // ms until a request is sent again
const SILENT = "Not saved: the kernel does not answer. What you typed stays here.";
const APART = "The kernel does not answer. What you type stays here and is not saved.";
const CHANGES = ["answered", "text", "state", "message", "refused", "has_draft", "theirs", "their_version", "label"]
  .map((name) => `change:${name}`).join(" ");

function render({ model, el }) {
  const id = `wb-record-${Math.random().toString(36).slice(2)}`; // each view has its own copy of this module
  el.classList.add("wb-widget", "wb-record");
  const root = document.documentElement;
  const area = made("textarea");
  Object.assign(area, { id: `${id}-text`, spellcheck: false, autocomplete: "off", rows: 16, maxLength: 60000 });
  area.dataset.lmSuppressShortcuts = "true"; // JupyterLab takes keys first, and Ctrl+S for the notebook
  const title = made("label");
  title.htmlFor = area.id;
  const state = made("p", "state");
  state.id = `${id}-state`;
  const told = made("p", "told");
  told.id = `${id}-told`;
  told.setAttribute("role", "status");
  const silence = made("p", "silence");
  silence.setAttribute("role", "alert");
  area.setAttribute("aria-describedby", `${state.id} ${told.id}`);

  let shown = model.get("text"); // what the kernel said last that stands here
  let sent; // the request that is on its way
  let waiting = []; // the steps that were pressed meanwhile
  let isTyped = false; // since the last request
  let typing = 0;
  let patience = 0;
  let live; // the widget's own model: anywidget's hands on no comm

  // Sent by the comm itself: of two changes the model sends the later one alone, and after a cut it
  // may wait for ever for the end of a message that was lost.
  const heard = (inner) => { live = inner; };
  const send = () => {
    sent.attempt += 1;
    const { action, text, number, attempt } = sent;
    model.set("request", { action, text, number, attempt: String(attempt) });
    try {
      if (live?.comm?.send) live.comm.send({ method: "update", state: { request: model.get("request") }, buffer_paths: [] });
      else model.save_changes();
    } catch {
      // the connection is gone: sent again when it is back
    }
    const pause = PATIENCE[Math.min(sent.attempt, PATIENCE.length) - 1];
    patience = setTimeout(() => {
      sent.isLate = true;
      tell();
      send();
    }, pause);
  };
  const next = () => {
    if (sent) return;
    let step = waiting.shift();
    if (!step && isTyped && !typing) step = { action: "draft", text: area.value };
    if (!step) return;
    if (step.text === area.value) isTyped = false;
    // the time and chance tell requests apart, also those of another page and of another day
    const number = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    sent = { ...step, number, attempt: 0, isLate: false };
    send();
  };
  const isApart = () => root.classList.contains("disconnected");
  const tell = () => {
    const isOpen = sent || isTyped || waiting.length > 0;
    const words = sent?.isLate || (isOpen && isApart()) ? SILENT : isApart() ? APART : "";
    if (silence.textContent !== words) silence.textContent = words;
  };
  const press = (action) => () => {
    clearTimeout(typing);
    typing = 0;
    if ([sent, ...waiting].some((one) => one?.action === action && one.text === area.value)) return;
    waiting.push({ action, text: area.value });
    told.textContent = "";
    next();
  };
  const keys = ["Save", "Undo", "Redo", "Give up the draft", "Save over it"].map((name) => {
    const button = made("button", name === "Save" ? "primary" : "", name);
    button.type = "button";
    return button;
  });
  const [save, undo, redo, giveUp, over] = keys;
  undo.title = "Take back your latest save";
  redo.title = "Save again what you took back last";
  save.addEventListener("click", press("save"));
  undo.addEventListener("click", press("undo"));
  redo.addEventListener("click", press("redo"));
  giveUp.addEventListener("click", press("give up"));
  over.addEventListener("click", press("save over"));
  area.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    press("save")();
  });
  area.addEventListener("input", () => {
    isTyped = true;
    clearTimeout(typing);
    typing = setTimeout(() => {
      typing = 0;
      next();
    }, PAUSE);
    tell();
  });

  const theirs = made("pre");
  theirs.tabIndex = 0; // it may have to be scrolled
  const other = made("details", "theirs", undefined, made("summary"), theirs);
  const put = () => {
    const { selectionStart } = area;
    if (area.value !== model.get("text")) {
      area.value = model.get("text");
      area.setSelectionRange(selectionStart, selectionStart);
    }
  };
  const drawn = () => {
    const isAnswer = sent !== undefined && model.get("answered") === sent.number;
    if (area.value === (isAnswer ? sent.text : shown)) put(); // else keep what was typed since
    shown = model.get("text");
    if (isAnswer) {
      clearTimeout(patience);
      sent = undefined;
    }
    title.textContent = model.get("label");
    state.textContent = `${model.get("state")[0]?.toUpperCase() ?? ""}${model.get("state").slice(1)}`;
    const isRefused = model.get("refused");
    if (told.textContent !== model.get("message")) told.textContent = model.get("message");
    told.classList.toggle("bad", isRefused);
    area.setAttribute("aria-invalid", String(isRefused));
    const version = model.get("their_version");
    const isClash = version > 0;
    const active = el.getRootNode().activeElement;
    if ((active === giveUp && !model.get("has_draft")) || (active === over && !isClash)) area.focus();
    giveUp.hidden = !model.get("has_draft");
    if (isClash && other.hidden) other.open = true;
    other.hidden = over.hidden = !isClash;
    other.firstChild.textContent = `Version ${version}, which somebody else has saved`;
    over.textContent = `Save mine over version ${version}`;
    theirs.textContent = model.get("theirs");
    theirs.setAttribute("aria-label", other.firstChild.textContent);
    tell();
    next();
  };
  let wasApart = isApart();
  const turned = new MutationObserver(() => {
    if (wasApart === isApart()) return;
    wasApart = isApart();
    if (sent && !wasApart) {
      clearTimeout(patience);
      send(); // the connection is back
    }
    tell();
  });
  const leave = (event) => {
    if (sent || isTyped) event.preventDefault(); // what is typed is not yet kept
  };
  turned.observe(root, { attributes: true, attributeFilter: ["class"] });
  addEventListener("beforeunload", leave);
  model.on("change:request", heard);
  model.on(CHANGES, drawn);
  el.append(title, state, area, silence, made("div", "keys", undefined, ...keys), told, other);
  area.value = shown;
  other.hidden = true;
  drawn();
  return () => {
    clearTimeout(typing);
    clearTimeout(patience);
    turned.disconnect();
    removeEventListener("beforeunload", leave);
    model.off("change:request", heard);
    model.off(CHANGES, drawn);
  };
}

export default { render };
