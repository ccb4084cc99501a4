/** A link to a painting for others, where the host allows it. */

import { post, Refusal, remove } from "./api.js";
import { $, busy, say, show, write } from "./dom.js";
import { t } from "./texts.js";

/**
 * @param {string} base address of the painting
 * @param {AbortSignal} signal
 */
export function sharing(base, signal) {
  const trouble = $("share-trouble");

  function draw(url) {
    show($("share-make"), !url, $("share-title"));
    show($("share-made"), Boolean(url), $("share-make"));
    if (url) $("share-link").value = new URL(url, location.href).href;
  }

  /** Does something at a click, and says what was refused. */
  function at(id, work) {
    $(id).addEventListener("click", () => busy($(id), async () => {
      write(trouble, "");
      try {
        await work();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        write(trouble, error.message);
      }
    }), { signal });
  }

  at("share-make", async () => {
    const { url } = await post(`${base}/share`);
    draw(url);
    $("share-link").focus();
    $("share-link").select();
  });
  at("share-copy", async () => {
    $("share-link").select();
    if (navigator.clipboard) await navigator.clipboard.writeText($("share-link").value).catch(copyOld);
    else copyOld();
    say(t("share.copied"));
    write($("share-copy"), t("share.copied-short"));
    setTimeout(() => write($("share-copy"), t("share.copy")), 2500);
  });
  at("share-end", async () => {
    await remove(`${base}/share`);
    draw(null);
    $("share-make").focus();
    say(t("share.ended"));
  });
  return { draw };
}

/** Where a page without https may not write to the clipboard. */
function copyOld() {
  document.execCommand("copy");
}
