/** Pictures that melt into each other: the next is loaded when the last is there, and shown when it is decoded. */

import { el } from "./dom.js";

const KEPT = 900; // milliseconds after which the one below is taken away: longer than the fading of the style sheet

/**
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
export function fader(place, signal) {
  let wanted = null;
  let shown = null;
  let isLoading = false;
  let settled = 0;
  place.replaceChildren();

  async function next() {
    if (isLoading || wanted === shown || signal.aborted) return;
    isLoading = true;
    const source = wanted;
    const image = el("img", { alt: "", decoding: "async" });
    image.src = source;
    let isThere = true;
    try {
      await image.decode();
    } catch {
      isThere = false;
    }
    isLoading = false;
    if (signal.aborted) return;
    shown = source;
    if (isThere) lay(image);
    if (wanted !== source) next();
  }

  function lay(image) {
    place.append(image);
    clearTimeout(settled);
    while (place.children.length > 3) place.firstElementChild.remove();
    settled = setTimeout(() => {
      while (place.children.length > 1) place.firstElementChild.remove();
    }, KEPT);
  }

  return {
    /** Shows a picture as soon as it can; only the newest that was asked for counts. */
    show(source) {
      wanted = source;
      next();
    },
    isEmpty: () => place.children.length === 0,
  };
}
