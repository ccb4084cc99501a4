/** Pictures that melt into each other: the next is loaded when the last is there, and shown when it is decoded. */

import { el } from "./dom.js";

const MOST = 3; // pictures that lie over each other, should nobody see them melt

/**
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
export function fader(place, signal) {
  let wanted = null;
  let shown = null;
  let isLoading = false;
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
    shown = isThere ? source : null; // what could not be had is tried again when it is wanted again
    if (isThere) lay(image);
    if (wanted !== source) next();
  }

  function lay(image) {
    place.append(image);
    while (place.children.length > MOST) place.firstElementChild.remove();
    image.addEventListener("animationend", () => {
      while (image.previousElementSibling) image.previousElementSibling.remove();
    });
  }

  return {
    /** Shows a picture as soon as it can; only the newest that was asked for counts. */
    show(source) {
      wanted = source;
      next();
    },
  };
}
