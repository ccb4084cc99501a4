/** What is seen of a painting: the painting itself, the picture beside it, or the film. */

import { made, Refusal, root } from "./api.js";
import { comparing } from "./compare.js";
import { $, show, write } from "./dom.js";
import { fader } from "./fader.js";
import { isUnderWay, nameOf, stateSaid } from "./sentences.js";
import { t } from "./texts.js";

const FILM = "film.mp4";

/**
 * @param {string} base address of the painting
 * @param {boolean} isShared then there is no picture to compare it with
 * @param {AbortSignal} signal
 */
export function stage(base, isShared, signal) {
  const painted = fader($("picture"), signal);
  const original = fader($("original"), signal);
  const file = (name) => `${root}${base}/${name}`;
  const radios = [...document.querySelectorAll("#shows input")];
  const chosen = () => radios.find((radio) => radio.checked).value;
  let job = null;
  let filmOf = "";
  comparing(signal);
  for (const radio of radios) {
    radio.checked = radio.value === "painting";
    radio.addEventListener("change", reveal, { signal });
  }
  $("film").addEventListener("error", () => $("film").hasAttribute("src") && veil(t("film.unplayable")), { signal });
  for (const event of ["loadeddata", "playing"]) $("film").addEventListener(event, () => veil(""), { signal });
  $("large").addEventListener("click", () => $("frame").requestFullscreen().catch(() => {}), { signal });
  show($("large"), Boolean(document.fullscreenEnabled));
  signal.addEventListener("abort", unload);
  reveal();

  /** Shows what was chosen of the three. */
  function reveal() {
    const what = chosen();
    $("frame").dataset.show = what;
    show($("split"), what === "compare");
    if (what === "compare") original.show(file("picture.png"));
    show($("film"), what === "film");
    if (what === "film") load();
    else $("film").pause();
    if (what !== "film") veil("");
  }

  async function load() {
    const film = $("film");
    const address = `${file(FILM)}?v=${job?.seconds ?? 0}`;
    if (filmOf === address) {
      play();
      return;
    }
    filmOf = address;
    veil(t("film.making"));
    film.poster = file(`preview.png?v=${job?.preview ?? 0}`);
    try {
      await made(`${base}/${FILM}`, signal);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      filmOf = "";
      if (chosen() === "film" && !signal.aborted) veil(error.message);
      return;
    }
    if (signal.aborted || filmOf !== address) return;
    film.muted = true;
    film.preload = "auto";
    film.src = address;
    play();
  }

  function play() {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (chosen() === "film" && !isStill && $("film").hasAttribute("src")) $("film").play().catch(() => {});
  }

  function unload() {
    $("film").pause();
    $("film").removeAttribute("src");
    $("film").removeAttribute("poster");
    $("film").load();
  }

  function veil(text) {
    show($("veil"), Boolean(text));
    write($("veil"), text);
  }

  function offer(what, isThere) {
    const radio = radios.find(({ value }) => value === what);
    if (!isThere && radio.checked) {
      radios[0].checked = true;
      reveal();
    }
    show(radio.closest("label"), isThere, radios[0]);
  }

  function draw(now) {
    job = now;
    const isEmpty = !job.preview;
    const frame = $("frame");
    if (job.width) frame.style.setProperty("--ratio", String(job.width / job.height));
    frame.classList.toggle("waiting", isEmpty && !isShared);
    const isDone = !isUnderWay(job) && job.files?.includes("result.png");
    if (!isEmpty) painted.show(file(`${isDone ? "result" : "preview"}.png?v=${job.preview}`));
    else if (!isShared && job.again !== false) painted.show(file("picture.png"));
    const name = nameOf(job);
    const key = isEmpty ? "original" : isUnderWay(job) ? "painting" : "finished";
    $("picture").setAttribute("aria-label", t(`picture.${key}`, { name }));
    offer("compare", !isEmpty && !isShared && job.again !== false);
    offer("film", !isUnderWay(job) && (job.files ?? []).includes(FILM));
    show($("shows"), document.querySelectorAll("#shows label:not([hidden])").length > 1);
    if (isEmpty && isUnderWay(job)) veil(stateSaid(job));
    else if (chosen() !== "film") veil("");
  }

  return { draw };
}
