// What a served page does by itself: the state of its connection, whether its figures are still
// those of the study, the end of its kernel.
// Theme and print are in frame.js.
// It runs in the head, before the first paint and before Voila's own scripts.
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // the connection: Voila says nothing when its kernel is gone, so watch the sockets
  const PATIENCE = 4000; // ms in which a connection may come back
  let leaving = false;
  let ended = false;
  let waiting = 0;
  let isApart = false;
  let isStale = false;

  // what a control would answer is not of today's study, or is no answer at all
  // (a record that is edited says so itself, and what is typed there goes on)
  const CONTROLS = "main :is(input, select, textarea, .wb-reset button):not(.wb-record *)";
  const hold = () => {
    const isHeld = isStale || isApart;
    for (const control of document.querySelectorAll(CONTROLS))
      if (isHeld || control.dataset.held) {
        control.disabled = isHeld;
        if (isHeld) control.dataset.held = "1";
        else delete control.dataset.held;
      }
  };
  const tell = (text) => {
    const notice = byId("connection");
    if (leaving || !notice) return;
    notice.replaceChildren(document.createTextNode(text));
    if (text) {
      const again = document.createElement("button");
      again.type = "button";
      again.textContent = "Load again";
      again.addEventListener("click", () => location.reload());
      notice.append(again);
    }
    notice.hidden = !text;
    isApart = Boolean(text);
    root.classList.toggle("disconnected", isApart);
    hold();
  };
  const baseUrl = () => {
    const config = byId("jupyter-config-data");
    return config ? JSON.parse(config.textContent).baseUrl : byId("home").getAttribute("href");
  };
  const GONE = "The workbench behind this page is gone. The figures are as they were; controls no longer work.";
  const ENDED = /"execution_state":\s*"(dead|restarting|autorestarting|terminating)"/;
  const heard = ({ data }) => {
    if (!(data instanceof ArrayBuffer) || data.byteLength > 2048) return;
    if (!ENDED.test(new TextDecoder().decode(data))) return;
    ended = true; // another kernel in its place knows nothing of this page
    tell(GONE);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...place) {
      super(...place);
      if (!String(place[0]).includes("/api/kernels/")) return;
      this.addEventListener("open", () => {
        clearTimeout(waiting);
        waiting = 0;
        if (!ended) tell("");
      });
      this.addEventListener("close", () => {
        clearTimeout(waiting);
        waiting = setTimeout(tell, PATIENCE, GONE);
      });
      this.addEventListener("message", heard);
    }
  };

  // A short cut is over soon after: Jupyter's client connects again once it has asked for its
  // kernel, and where that fails it asks the next time after 10 to 30 s.
  const ASK_EVERY = 1000; // ms
  const ASK_FOR = 60; // times
  const fetched = window.fetch.bind(window);
  window.fetch = async (...asked) => {
    const isOfKernel = /\/api\/kernels\/[^/?]+(\?|$)/.test(asked[0]?.url ?? asked[0]);
    for (let left = isOfKernel ? ASK_FOR : 0; ; left--) {
      try {
        return await fetched(...asked);
      } catch (fault) {
        if (!left || leaving) throw fault;
        await new Promise((done) => setTimeout(done, ASK_EVERY));
      }
    }
  };

  // freshness: the page carries the digest of what it was computed from; the server knows today's
  const LOOK_EVERY = 15000; // ms
  let silent = 0; // looks without an answer
  const CHANGED = "The study has changed since these figures were computed.";
  const FAULTY = "Its file now has a fault, so they cannot be computed again yet";
  const markStale = (fault) => {
    const notice = byId("freshness");
    if (!notice) return;
    const words = document.createElement("span");
    words.textContent = fault ? `${CHANGED} ${FAULTY}: ${fault}` : CHANGED;
    notice.replaceChildren(words);
    if (!fault) {
      const again = document.createElement("button");
      again.type = "button";
      again.textContent = "Run again";
      again.addEventListener("click", () => location.reload());
      notice.append(again);
    }
    notice.hidden = false;
    isStale = true;
    root.classList.add("stale");
    hold();
  };
  const fresh = () => {
    if (!isStale) return;
    isStale = false;
    byId("freshness").hidden = true;
    root.classList.remove("stale");
    hold();
  };
  const look = async () => {
    const page = document.querySelector("[data-source]");
    if (!page || leaving || document.hidden) return;
    let now;
    try {
      const answer = await fetch(`${baseUrl()}workbench/source`, { cache: "no-store" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      now = await answer.json();
    } catch {
      silent += 1;
      if (silent > 1) tell(GONE);
      else setTimeout(look, PATIENCE);
      return;
    }
    if (silent > 1 && !ended && !waiting) tell("");
    silent = 0;
    if (now.digest === page.dataset.source) fresh();
    else if ("waiting" in page.dataset) location.reload(); // a notice; there may be figures now
    else markStale(now.fault);
  };
  setInterval(look, LOOK_EVERY);
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);

  // closing the page ends its kernel; Voila's own request lacks what its server checks
  addEventListener("pagehide", () => {
    leaving = true;
    const config = byId("jupyter-config-data");
    const key = /(?:^|; )workbench-xsrf=([^;]*)/.exec(document.cookie)?.[1];
    if (!config || !key) return;
    const { baseUrl, kernelId } = JSON.parse(config.textContent);
    const form = new FormData();
    form.append("_xsrf", decodeURIComponent(key));
    navigator.sendBeacon(`${baseUrl}voila/api/shutdown/${encodeURIComponent(kernelId)}`, form);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // brought back by the browser, without its kernel
  });

  // '$2M and $3M' is money here: keep Voila's typesetter of formulas away from every fragment
  const FRAGMENTS = ".jp-RenderedHTMLCommon, .widget-html-content";
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (!(node instanceof HTMLElement)) continue;
      if (isStale || isApart) hold(); // a control that has only come now
      if (node.matches(FRAGMENTS)) node.classList.add("mathjax_ignore");
      for (const inner of node.querySelectorAll(FRAGMENTS)) inner.classList.add("mathjax_ignore");
    }
  }).observe(root, { childList: true, subtree: true });

  // what Voila calls while it executes, and when it has shown the outputs
  window.voila_heartbeat = () => {};
  window.voila_process = () => {};
  window.update_loading_text = () => {};
  window.display_cells = () => {
    if (!window.themeLoaded) {
      window.cellLoaded = true;
      return;
    }
    byId("loading")?.remove();
    root.dataset.ready = "yes";
    setTimeout(look, 1000); // the study may have changed while the page was computed
  };
  window.voila_finish = window.display_cells;
})();
