/** The page: which view an address opens, and how one goes from one to another. */

import { root } from "./api.js";
import { $, write } from "./dom.js";
import * as gallery from "./gallery.js";
import * as painting from "./painting.js";
import * as start from "./start.js";
import { t } from "./texts.js";

/** What the visitor has chosen so far; it outlives the views. */
const wish = start.nothing();
let leaving = new AbortController();
let here = ""; // the address that is open

/** The view of an address, as its section's id, and what it is about. */
export function viewOf(path, query) {
  const [kind, id] = path.slice(root.length).split("/").filter(Boolean);
  if (kind === "p" && id) return { view: "painting", id, shared: false };
  if (kind === "s" && id) return { view: "painting", id, shared: true };
  if (query.has("paintings")) return { view: "gallery" };
  return { view: "start", again: query.get("again"), look: query.get("look") };
}

const OPEN = { start: start.open, painting: painting.open, gallery: gallery.open };

/** @param {object | null} job what is known already of the painting that is opened */
function open(isFirst = false, job = null) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  here = location.pathname + location.search;
  const found = viewOf(location.pathname, new URLSearchParams(location.search));
  $("nav").hidden = false;
  for (const link of $("nav").querySelectorAll("[data-at]")) {
    if (link.dataset.at === found.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const page = { signal, go, title, gone, lost, wish, job };
  reveal(found.view, isFirst, () => signal.aborted || OPEN[found.view](page, found));
}

/** Shows one section instead of another, softly where the visitor likes that. */
function reveal(view, isFirst, fill = () => {}) {
  const isStill = isFirst || !document.startViewTransition || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const change = () => {
    turn(view, isFirst);
    fill();
  };
  if (isStill) change();
  else document.startViewTransition(change).ready.catch(() => {}); // where nobody sees it, it is left out
}

/** Shows one section, with the focus on its heading when the visitor came from another one. */
function turn(view, isFirst) {
  for (const section of document.querySelectorAll(".view")) section.hidden = section.id !== view;
  document.body.dataset.view = view;
  if (isFirst) return;
  window.scrollTo(0, 0);
  $(`${view}-title`).focus({ preventScroll: true });
}

/** To an address of ours. */
function go(path, { instead = false, job = null } = {}) {
  history[instead ? "replaceState" : "pushState"](null, "", root + path);
  open(false, job);
}

function title(text) {
  document.title = text ? t("site.page", { title: text }) : t("site.title");
}

/** Instead of what isn't there. */
function gone(text) {
  leaving.abort();
  title(t("gone.title"));
  write($("gone-title"), t("gone.title"));
  write($("gone-text"), text);
  reveal("gone", false);
}

function lost(how) {
  write($("lost"), how ? t(how === "offline" ? "trouble.offline" : "trouble.lost") : "");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-go]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.getAttribute("href").slice(root.length));
});
window.addEventListener("popstate", () => {
  if (location.pathname + location.search !== here) open(); // and not for a place on the same page
});
open(true);
