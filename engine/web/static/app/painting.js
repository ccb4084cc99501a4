/** A painting: watched while it is painted, compared, filmed, taken home. */

import { get, post, Refusal, remove } from "./api.js";
import { onceMore } from "./again.js";
import { curve } from "./curve.js";
import { $, busy, confirmed, el, say, show, write } from "./dom.js";
import { takingHome } from "./home.js";
import { follow } from "./live.js";
import { factsOf, isUnderWay, nameOf, stateOf, stateSaid } from "./sentences.js";
import { sharing } from "./share.js";
import { stage } from "./stage.js";
import { date, percent, t } from "./texts.js";

const LARGEST = 6000; // pixels of a side, where the server names no limit

export async function open(page, { id, shared }) {
  const { signal } = page;
  const base = shared ? `/api/shared/${encodeURIComponent(id)}` : `/api/jobs/${encodeURIComponent(id)}`;
  clear();
  show($("end"), !shared);
  let job = null;
  let server = {};
  let looks = [];
  const pictures = stage(base, shared, signal);
  const line = curve($("curve"), () => job?.measure);
  const home = takingHome(base, shared, signal, () => server.limits?.result_size ?? LARGEST);
  const share = sharing(base, signal);
  const again = onceMore(page, () => job, resume);

  function draw(now) {
    const before = job;
    job = now;
    page.title(isUnderWay(job) && job.progress ? `${percent(job.progress)} ${nameOf(job)}` : nameOf(job));
    drawState(job, before);
    write($("painting-look"), shared ? t("shared.kicker") : looks.find((one) => one.name === job.preset)?.title ?? job.preset);
    pictures.draw(job);
    home.draw(isUnderWay(job) ? [] : job.files ?? []);
    if (shared) return;
    drawActions(job);
    again.draw(job, server.limits ?? {});
    show($("share"), Boolean(server.sharing) && (job.state === "finished" || job.state === "stopped"));
    if (job.shared !== before?.shared || !before) share.draw(job.shared);
    show($("kept"), Boolean(job.kept_until));
    if (job.kept_until) write($("kept"), t("kept.until", { date: date(job.kept_until) }));
  }

  async function resume(effort) {
    await doing("again-trouble", () => post(`${base}/resume`, effort ? { effort } : {}));
  }

  /** Does something to the painting and shows what has become of it, or why not. */
  async function doing(trouble, work) {
    write($(trouble), "");
    try {
      draw(await work());
      $("painting-title").focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      write($(trouble), error.message);
    }
  }

  const at = (button, work) => $(button).addEventListener("click", () => busy($(button), work), { signal });
  at("stop", () => doing("action-trouble", () => post(`${base}/stop`)));
  at("go-on", () => doing("action-trouble", () => post(`${base}/resume`, {})));
  at("delete", async () => {
    if (!job || !(await confirmed(t("delete.text", { name: nameOf(job) })))) return;
    try {
      await remove(base);
      say(t("delete.done", { name: nameOf(job) }));
      page.go("/?paintings", { instead: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      write($("action-trouble"), error.message);
    }
  });

  const gone = () => page.gone(t(shared ? "gone.share" : "gone.text"));
  async function isThere() {
    try {
      draw(await get(base, signal));
      return true;
    } catch (error) {
      if (error.status === 404) gone();
      return error.status !== 404 && error.name !== "AbortError";
    }
  }

  if (page.job) draw(page.job);
  [server, looks] = await Promise.all([
    get("/api/server", signal).catch(() => ({})),
    get("/api/looks", signal).then((found) => found.looks).catch(() => []),
  ]);
  if (signal.aborted || !(await isThere()) || signal.aborted) return;
  if (shared) return;
  follow(`${base}/events`, { job: draw, curve: ({ points }) => line.all(points), point: line.add, gone }, {
    signal, onLost: page.lost, isThere, isBusy: () => Boolean(job && isUnderWay(job)),
  });
}

/** Nothing of the last painting is seen while the next one comes. */
function clear() {
  for (const id of ["home", "share", "again", "actions", "stop", "go-on", "progress-part", "curve"]) show($(id), false);
  for (const id of ["painting-title", "painting-look", "state", "message", "action-trouble", "again-trouble", "home-trouble", "share-trouble"]) {
    write($(id), "");
  }
  $("facts").replaceChildren();
}

function drawState(job, before) {
  write($("painting-title"), nameOf(job));
  write($("state"), stateOf(job));
  $("state").dataset.state = job.state;
  write($("message"), job.message ?? (job.state === "failed" ? t("state.lost") : ""));
  show($("progress-part"), isUnderWay(job) && job.state !== "queued");
  drawProgress(job.doing === "painting" || job.progress < 1 ? job.progress : null);
  if (before && stateSaid(before) !== stateSaid(job)) say(stateSaid(job));
  drawFacts(factsOf(job));
}

/** Figures change in place, so that whoever reads them is not thrown out. */
function drawFacts(facts) {
  const places = [...$("facts").querySelectorAll("dd")];
  const names = [...$("facts").querySelectorAll("dt")].map((name) => name.textContent);
  if (names.join() === facts.map(([name]) => name).join()) facts.forEach(([, value], at) => write(places[at], value));
  else $("facts").replaceChildren(...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function drawProgress(share) {
  const bar = $("progress");
  if (share === null || share === undefined) bar.removeAttribute("value");
  else bar.value = share;
  write($("percent"), share === null || share === undefined ? "" : percent(share));
}

function drawActions(job) {
  show($("stop"), isUnderWay(job), $("painting-title"));
  write($("stop"), t(job.state === "queued" ? "action.leave" : "action.stop"));
  show($("go-on"), job.state === "stopped" || job.state === "failed", $("painting-title"));
  show($("actions"), job.state !== "finished");
}
