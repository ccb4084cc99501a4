/** A stream of the server's events that survives sleep and lost connections. */

import { root } from "./api.js";

const PAUSES = [1, 2, 4, 8, 15]; // seconds before it is tried again
const SILENCE = 20; // seconds after which a busy stream is no longer believed

/**
 * Follows a stream until the signal aborts. Each connection begins with the whole state, so nothing is missed.
 * @param {string} path
 * @param {Record<string, (data: any) => void>} handlers by the names of events
 * @param {object} how
 * @param {AbortSignal} how.signal
 * @param {(lost: "" | "lost" | "offline") => void} how.onLost
 * @param {() => Promise<boolean>} how.isThere whether there is still something to follow, asked when it breaks off
 * @param {() => boolean} how.isBusy whether events are expected soon
 */
export function follow(path, handlers, { signal, onLost, isThere, isBusy }) {
  let source = null;
  let tries = 0;
  let timer = 0;
  let heard = Date.now();

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function open() {
    close();
    if (signal.aborted) return;
    heard = Date.now();
    source = new EventSource(root + path);
    source.onopen = () => {
      tries = 0;
      heard = Date.now();
      onLost("");
    };
    source.onerror = lost;
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        heard = Date.now();
        if (!signal.aborted) handle(JSON.parse(event.data || "null"));
      });
    }
  }

  async function lost() {
    close();
    const later = () => {
      onLost(navigator.onLine ? "lost" : "offline");
      timer = setTimeout(open, 1000 * PAUSES[Math.min(tries++, PAUSES.length - 1)]);
    };
    if (signal.aborted) return;
    if ((await isThere()) && !signal.aborted && !source) later(); // meanwhile it may have been opened anew
  }

  function seen() {
    if (document.visibilityState === "hidden") {
      if (!isBusy()) close(); // nobody looks and nothing happens: no connection is kept for it
    } else if (!source || Date.now() - heard > 5000) open();
  }

  const watch = setInterval(() => {
    if (source && isBusy() && Date.now() - heard > 1000 * SILENCE) open();
  }, 5000);
  document.addEventListener("visibilitychange", seen, { signal });
  window.addEventListener("online", open, { signal });
  window.addEventListener("offline", () => onLost("offline"), { signal });
  window.addEventListener("pageshow", (event) => event.persisted && open(), { signal });
  signal.addEventListener("abort", () => {
    clearInterval(watch);
    close();
    onLost("");
  });
  open();
}
