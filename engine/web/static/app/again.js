/** Once more: with another seed, with another look, or on for longer. */

import { Refusal, root, send } from "./api.js";
import { $, busy, el, show, write } from "./dom.js";
import { newSeed } from "./numbers.js";
import { t } from "./texts.js";

const TIMES = [2, 4, 8]; // of the effort so far
const ENDED = ["finished", "stopped", "failed"];

/** How many times the effort so far a painting may still have. */
export function timesWithin(effort, most) {
  return TIMES.filter((times) => effort * times <= most * 1.0001);
}

/**
 * @param {object} page
 * @param {() => object} now the painting as it is
 * @param {(effort: number | null) => Promise<void>} resume
 */
export function onceMore(page, now, resume) {
  const by = $("longer-by");

  function draw(job, limits) {
    show($("again"), ENDED.includes(job.state) && (job.again !== false || job.state !== "failed"));
    show($("again-seed").parentElement, job.again !== false);
    $("again-look").href = `${root}/?again=${job.id}`;
    const times = timesWithin(job.effort, limits.effort ?? Infinity);
    show($("longer"), job.state === "finished" && times.length > 0);
    show($("longer-most"), job.state === "finished" && times.length === 0);
    const key = times.join();
    if (by.dataset.of === key) return;
    by.dataset.of = key;
    by.replaceChildren(...times.map((n) =>
      el("option", { value: String(n) }, n === 2 ? t("longer.twice") : t("longer.times", { n }))));
  }

  $("again-seed").addEventListener("click", () => busy($("again-seed"), async () => {
    write($("again-trouble"), "");
    const { id, name, settings } = now();
    try {
      const job = await send({ again: id, settings: JSON.stringify({ ...settings, seed: newSeed() }), name: name ?? "" });
      page.go(`/p/${job.id}`, { job });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      write($("again-trouble"), error.message);
    }
  }), { signal: page.signal });

  $("longer-go").addEventListener("click", () => busy($("longer-go"), () => resume(now().effort * Number(by.value))), { signal: page.signal });
  return { draw };
}
