/** What is said about a painting. */

import { duration, known, number, plural, t, term } from "./texts.js";

export const isUnderWay = (job) => job.state === "queued" || job.state === "painting";

/** The state as one sentence, with place and time where they are known. */
export function stateOf(job) {
  if (job.state === "queued") {
    const state = job.place ? plural("state.queued", job.place) : t("state.waiting");
    return job.wait ? t("state.wait", { state, duration: duration(job.wait) }) : state;
  }
  if (job.state === "painting") {
    const state = t(`state.${job.doing ?? "painting"}`);
    return job.remaining && job.doing === "painting" ? t("state.remaining", { state, duration: duration(job.remaining) }) : state;
  }
  if (job.state === "finished" && job.seconds) return t("state.finished-in", { duration: duration(job.seconds) });
  return t(`state.${job.state}`);
}

/** The state without figures that change all the time: for those who are told each change. */
export function stateSaid(job) {
  if (job.state === "queued") return job.place ? plural("state.queued", job.place) : t("state.waiting");
  return stateOf({ ...job, remaining: null });
}

/** What is known about a painting: pairs of a name and a figure. */
export function factsOf(job) {
  const marks = term("mark", job.mark, "shape");
  return [
    [marks, job.shapes && number(job.shapes)],
    [term("measure", job.measure, "error"), job.error !== null && job.error !== undefined && job.error.toFixed(4)],
    [t("facts.time"), job.seconds && duration(job.seconds)],
    [t("facts.size"), job.width && t("facts.pixels", { width: number(job.width), height: number(job.height) })],
    [t("facts.seed"), job.settings?.seed !== undefined && String(job.settings.seed)],
  ].filter(([, figure]) => figure);
}

/** What a painting is called. */
export function nameOf(job) {
  return job.name || t("gallery.untitled");
}

export function stateShort(job) {
  const key = `state.short.${job.state}`;
  return known(key) ? t(key) : job.state;
}
