// What a page does by itself: theme, print, the state of its connection, the end of its kernel.
// It runs in the head, before the first paint and before Voila's own scripts.
(() => {
  const root = document.documentElement;
  const KEPT = "workbench-theme";
  const byId = (id) => document.getElementById(id);

  // theme: the system's until the button is pressed
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null; // storage is closed: the theme lasts for this page
    }
  };
  const theme = () => root.dataset.theme || (system.matches ? "dark" : "light");
  if (["light", "dark"].includes(kept())) root.dataset.theme = kept();
  const nameTheme = () => {
    const button = byId("theme-button");
    const other = theme() === "dark" ? "light" : "dark";
    button.textContent = other === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Switch to the ${other} theme`);
  };
  const switchTheme = () => {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    nameTheme();
    try {
      localStorage.setItem(KEPT, root.dataset.theme);
    } catch {
      return; // storage is closed: the theme lasts for this page
    }
  };

  // paper: light, at the width of paper. This listener runs before those of the charts.
  let before = null;
  addEventListener("beforeprint", () => {
    if (before !== null) return;
    before = root.dataset.theme || "";
    root.dataset.theme = "light";
    root.classList.add("printing");
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    before = null;
  });

  // the connection: Voila says nothing when its kernel is gone, so watch the sockets
  const PATIENCE = 4000; // ms in which a connection may come back
  let leaving = false;
  let ended = false;
  let waiting = 0;
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
    root.classList.toggle("disconnected", Boolean(text));
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
        if (!ended) tell("");
      });
      this.addEventListener("close", () => {
        clearTimeout(waiting);
        waiting = setTimeout(tell, PATIENCE, GONE);
      });
      this.addEventListener("message", heard);
    }
  };

  // closing the page ends its kernel; Voila's own request lacks what its server checks
  addEventListener("pagehide", () => {
    leaving = true;
    const config = byId("jupyter-config-data");
    const key = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1];
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
    byId("rendered_cells").style.display = "";
    root.dataset.ready = "yes";
  };
  window.voila_finish = window.display_cells;

  addEventListener("DOMContentLoaded", () => {
    nameTheme();
    system.addEventListener("change", nameTheme);
    byId("theme-button").addEventListener("click", switchTheme);
    byId("print-button").addEventListener("click", () => print());
  });
})();
