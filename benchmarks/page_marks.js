// Run in the page before its own scripts: notes when messages leave and arrive (performance.now).
// Frames follow v1.kernel.websocket.jupyter.org: a count of offsets, the offsets, then the parts
// channel, header, parent header, metadata, content.
(() => {
  const marks = { origin: performance.timeOrigin, sent: [], heard: [] };
  globalThis.__marks = marks;
  const words = new TextDecoder();

  const parts = (data) => {
    if (!(data instanceof ArrayBuffer) && !ArrayBuffer.isView(data)) return null;
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const at = (i) => Number(view.getBigUint64(8 * (i + 1), true));
    const read = (i) => JSON.parse(words.decode(bytes.subarray(at(i), at(i + 1))) || "{}");
    return { header: read(1), parent: read(2), content: read(4), size: bytes.byteLength };
  };
  const note = (list, data) => {
    const now = performance.now();
    const message = parts(data);
    if (!message) return;
    const { header, parent, content, size } = message;
    const state = content?.data?.state ?? {};
    list.push({
      now,
      size,
      type: header.msg_type,
      id: header.msg_id,
      date: header.date,
      parent: parent.msg_id,
      keys: content?.data?.method === "update" ? Object.keys(state) : [],
      status: content?.execution_state,
    });
  };

  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => note(marks.heard, event.data));
    }
    send(data) {
      note(marks.sent, data);
      super.send(data);
    }
  };

  // Move the first slider as a hand would, and answer once the chart behind it stands on the
  // screen. A curve may be moved by the chart's own script, so what counts is that a line changed.
  globalThis.__move = (value) =>
    new Promise((resolve) => {
      const input = document.querySelector("main input[type=range]");
      const chart = document.querySelector(".wb-chart .chart");
      marks.sent.length = marks.heard.length = 0;
      const watch = new MutationObserver(() => {
        // the chart may still be tidying up after the move before
        if (!marks.heard.some(({ keys }) => keys.includes("overlay") || keys.includes("figure"))) return;
        const drawn = performance.now();
        watch.disconnect();
        // the frame after next begins when this one has been painted
        requestAnimationFrame(() =>
          requestAnimationFrame(() => resolve({ ...marks, start, drawn, painted: performance.now() })),
        );
      });
      watch.observe(chart, { subtree: true, attributes: true, attributeFilter: ["d"] });
      input.value = value;
      const start = performance.now();
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
})();
