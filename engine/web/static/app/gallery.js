/** One's own paintings. */

import { get, Refusal, remove, root } from "./api.js";
import { $, confirmed, el, say, show, write } from "./dom.js";
import { follow } from "./live.js";
import { isUnderWay, nameOf, stateShort } from "./sentences.js";
import { bytes, percent, plural, t } from "./texts.js";

export async function open(page) {
  const { signal } = page;
  const cards = new Map(); // by id: {job, node}
  const looks = new Map(); // titles by name
  let used = null;
  page.title(t("gallery.title"));
  write($("gallery-trouble"), "");
  $("paintings").replaceChildren();
  show($("gallery-empty"), false);

  function put(job, isNew = true) {
    const old = cards.get(job.id);
    if (old) return redraw(old, job, looks);
    const card = cardOf(job, () => drop(job.id));
    cards.set(job.id, card);
    if (isNew) $("paintings").prepend(card.node);
    else $("paintings").append(card.node);
    card.image.onload = () => redraw(card, card.job, looks);
    redraw(card, job, looks);
    return count();
  }

  function forget(id) {
    const card = cards.get(id);
    if (!card) return;
    const next = (card.node.nextElementSibling ?? card.node.previousElementSibling)?.querySelector("a");
    if (card.node.contains(document.activeElement)) (next ?? $("gallery-title")).focus();
    card.node.remove();
    cards.delete(id);
    count();
  }

  async function drop(id) {
    const { job } = cards.get(id);
    if (!(await confirmed(t("delete.text", { name: nameOf(job) })))) return;
    try {
      await remove(`/api/jobs/${id}`);
      forget(id);
      say(t("delete.done", { name: nameOf(job) }));
      await load();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      write($("gallery-trouble"), error.message);
    }
  }

  function count() {
    show($("gallery-empty"), used !== null && cards.size === 0);
    show($("storage"), cards.size > 0 && used !== null);
    if (used) write($("storage"), plural("gallery.storage", cards.size, { bytes: bytes(used.bytes), most: bytes(used.bytes_most) }));
  }

  /** All of them, as they are now; quietly where a lost connection is said already. */
  async function load(isQuiet = false) {
    try {
      used = await get("/api/jobs", signal);
    } catch (error) {
      if (error instanceof Refusal && !isQuiet) write($("gallery-trouble"), error.message);
      return;
    }
    write($("gallery-trouble"), "");
    const ids = new Set(used.jobs.map((job) => job.id));
    for (const id of [...cards.keys()]) if (!ids.has(id)) forget(id);
    for (const job of used.jobs) put(job, false);
    count();
  }

  const named = get("/api/looks", signal).then((found) => found.looks, () => []);
  for (const look of await named) looks.set(look.name, look.title);
  await load();
  if (signal.aborted) return;
  let wasLost = false;
  function onLost(how) {
    page.lost(how);
    if (wasLost && !how && !signal.aborted) load(true);
    wasLost = Boolean(how);
  }
  follow("/api/events", { job: (job) => put(job), gone: ({ id }) => forget(id) }, {
    signal,
    onLost,
    isThere: async () => true,
    isBusy: () => [...cards.values()].some(({ job }) => isUnderWay(job)),
  });
}

function cardOf(job, onDrop) {
  const image = el("img", { alt: "", loading: "lazy" });
  const state = el("span", { className: "state" });
  const name = el("h2", { className: "name", dir: "auto" });
  const link = el("a", { href: `${root}/p/${job.id}`, "data-go": "" }, el("span", { className: "mat" }, image), name);
  const button = el("button", { type: "button", className: "quiet danger", "aria-label": t("delete.named", { name: nameOf(job) }) }, t("delete.yes"));
  button.addEventListener("click", onDrop);
  return { job, node: el("li", {}, link, state, button), image, name, state };
}

function redraw(card, job, looks) {
  card.job = job;
  const source = `${root}/api/jobs/${job.id}/${job.preview ? `preview.png?v=${job.preview}` : "picture.png"}`;
  card.node.classList.toggle("waiting", !job.preview);
  if (card.image.getAttribute("src") !== source && (card.image.complete || !card.image.src)) card.image.src = source;
  write(card.name, nameOf(job));
  write(card.state, stateOn(job, looks.get(job.preset)));
  card.state.dataset.state = job.state;
}

/** What stands below a painting: its look, or how far it is. */
function stateOn(job, look) {
  if (job.state === "finished" && look) return look;
  if (job.state === "painting" && job.progress) return t("gallery.progress", { state: stateShort(job), percent: percent(job.progress) });
  return stateShort(job);
}
