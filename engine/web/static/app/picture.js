/** The picture to paint: dropped, pasted, chosen, photographed, or a sample. */

import { root } from "./api.js";
import { $, el, say, show, write } from "./dom.js";
import { bytes, t } from "./texts.js";

const SIDE = 1600; // pixels that it is shown with at most
const READABLE = /\.(png|jpe?g|jfif|webp|tiff?|bmp|gif|avif|heic|heif)$/i;

/**
 * @typedef {object} Picture
 * @property {"picture" | "sample" | "again"} kind the name of the field that it is sent as
 * @property {File | string} value
 * @property {string} name
 * @property {string | null} source the address of its pixels; null: they are in the file
 */

/** Why a file can't be taken, as a sentence, or null. */
export function fileTrouble(file, mostBytes) {
  const isReadable = file.type.startsWith("image/") || READABLE.test(file.name) || file.type === "";
  if (!isReadable) return t("start.no-picture");
  if (mostBytes && file.size > mostBytes) {
    return t("start.too-large", { size: bytes(file.size), most: bytes(mostBytes) });
  }
  return null;
}

/** A file's name without its ending, as a title. */
export function titleOf(name) {
  return name.replace(/\.[a-z0-9]{1,5}$/i, "").trim();
}

/**
 * @param {object} wish whose `picture` it is
 * @param {AbortSignal} signal
 * @param {() => number} mostBytes of a file
 */
export function choosing(wish, signal, mostBytes) {
  const on = (element, name, handle) => element.addEventListener(name, handle, { signal });

  function take(picture, isNew = true) {
    const hadFocus = $("invitation").contains(document.activeElement);
    wish.picture = picture;
    for (const id of ["picture-trouble", "wish-trouble"]) write($(id), "");
    draw(picture, signal);
    if (hadFocus) $("change").focus({ preventScroll: true });
    if (!isNew) return;
    say(t("start.has", { name: picture.name }));
  }

  function takeFile(file) {
    const trouble = file ? fileTrouble(file, mostBytes()) : t("start.no-picture");
    if (trouble) write($("picture-trouble"), trouble);
    else take({ kind: "picture", value: file, name: titleOf(file.name) || t("start.pasted"), source: null });
  }

  for (const id of ["file", "camera"]) {
    on($(id), "change", () => {
      if ($(id).files.length) takeFile($(id).files[0]);
      $(id).value = "";
    });
  }
  on(document, "paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) {
      event.preventDefault();
      takeFile(file);
    }
  });
  let depth = 0;
  const landing = (is) => document.body.classList.toggle("landing", is);
  const brings = (event) => [...(event.dataTransfer?.types ?? [])].some((type) => type === "Files" || type === "text/uri-list");
  on(document, "dragenter", (event) => brings(event) && landing(++depth > 0));
  on(document, "dragleave", (event) => brings(event) && landing((depth = Math.max(0, depth - 1)) > 0));
  on(document, "dragover", (event) => brings(event) && event.preventDefault());
  on(document, "drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    landing((depth = 0) > 0);
    takeFile(event.dataTransfer.files[0]);
  });
  on($("change"), "click", () => {
    wish.picture = null;
    draw(null, signal);
    $("file").focus();
  });
  draw(wish.picture, signal);
  return { take };
}

/** Pictures to try it with. */
export function drawSamples(samples, take) {
  $("samples-list").replaceChildren(...samples.map((sample) => {
    const source = `${root}/${sample.picture}`;
    const button = el("button", { type: "button", title: sample.about }, el("img", { src: source, alt: t("start.sample", sample), width: 96, height: 96 }));
    button.addEventListener("click", () => take({ kind: "sample", value: sample.name, name: sample.about, source }));
    return el("li", {}, button);
  }));
  show($("samples"), samples.length > 0);
}

async function draw(picture, signal) {
  show($("invitation"), !picture);
  show($("chosen"), Boolean(picture));
  document.body.classList.toggle("has-picture", Boolean(picture));
  if (!picture) return;
  write($("chosen-name"), picture.name);
  show($("chosen-image"), Boolean(picture.source));
  show($("chosen-picture"), false);
  show($("chosen-unseen"), false);
  const shape = (width, height) => $("chosen").style.setProperty("--ratio", String(width / height || 1));
  if (picture.source) {
    const image = $("chosen-image");
    image.onload = () => shape(image.naturalWidth, image.naturalHeight);
    image.src = picture.source;
    return;
  }
  const isShown = await drawFile(picture.value, $("chosen-picture"));
  if (signal.aborted) return;
  shape($("chosen-picture").width, $("chosen-picture").height);
  show($("chosen-picture"), isShown);
  show($("chosen-unseen"), !isShown);
}

/** Draws a file's pixels, upright; false when this browser can't read it. */
async function drawFile(file, canvas) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return false;
  }
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return true;
}
