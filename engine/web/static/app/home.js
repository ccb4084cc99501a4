/** What can be taken home: files, made when they are asked for. */

import { made, Refusal, root } from "./api.js";
import { $, busy, el, say, show, write } from "./dom.js";
import { number, t, term } from "./texts.js";

const SIZES = [1024, 2048, 4096, 6000]; // pixels of the longest side
const OTHERS = ["film.mp4", "film.gif", "result.svg", "result.pdf", "plot.svg", "plot.hpgl", "result.json", "spec.yaml"];

/**
 * @param {string} base address of the painting's files
 * @param {boolean} isShared then its size is the server's to choose
 * @param {AbortSignal} signal
 * @param {() => number} mostPixels of a side
 */
export function takingHome(base, isShared, signal, mostPixels) {
  let drawn = "";
  const size = $("png-size");

  function draw(files) {
    const now = `${files.join()} ${mostPixels()}`;
    if (now === drawn) return;
    drawn = now;
    show($("home"), files.includes("result.png"));
    show(size, !isShared);
    drawSizes();
    $("files").replaceChildren(...OTHERS.filter((name) => files.includes(name)).map((name) => el("li", {}, link(name))));
  }

  function drawSizes() {
    const chosen = size.value || "2048";
    const most = mostPixels();
    size.replaceChildren(...SIZES.filter((side) => side <= most).map((side) =>
      el("option", { value: String(side), selected: String(side) === chosen }, t("home.pixels", { n: number(side) }))));
    address();
  }

  function address() {
    $("png").href = `${root}${base}/result.png?${isShared ? "" : `size=${size.value}&`}download=1`;
  }

  function link(name) {
    const anchor = el("a", { href: `${root}${base}/${name}?download=1`, download: "" }, t(`file.${name}`));
    anchor.addEventListener("click", (event) => take(event, anchor, t(`file.${name}`)), { signal });
    return anchor;
  }

  /** Waits until a file has been made, and only then lets the browser fetch it: refusals are said here. */
  function take(event, from, name) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || from.dataset.ready) {
      delete from.dataset.ready;
      return;
    }
    event.preventDefault();
    busy(from, async () => {
      write($("home-trouble"), "");
      write($("making"), t("home.making", { name }));
      try {
        await made(from.getAttribute("href").slice(root.length), signal);
        if (signal.aborted) return;
        say(t("home.made", { name }));
        from.dataset.ready = "yes";
        from.click();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        write($("home-trouble"), error.message);
      } finally {
        write($("making"), "");
      }
    });
  }

  size.addEventListener("change", address, { signal });
  $("png").addEventListener("click", (event) => take(event, $("png"), term("file", "result.png", "result.png")), { signal });
  return { draw };
}
