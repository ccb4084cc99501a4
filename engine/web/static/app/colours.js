/** A field for colours: what the look has, a few that are found in the picture, or the visitor's own. */

import { el } from "./dom.js";
import { numberTrouble } from "./numbers.js";
import { known, t } from "./texts.js";

const FEW = 6; // colours of the picture, unless the visitor says how many
const FIRST = ["#1d1c1a", "#f4efe4", "#d1572b"]; // the visitor's own, to begin with
const FEWEST = 2; // colours of the picture
const MOST = 16;
const FOUND = "found"; // so many, found in the picture
const OWN = "own";

/** Which way of choosing a value belongs to: a word of the field, FOUND or OWN. */
export function wayOf(value) {
  if (Array.isArray(value)) return OWN;
  return /^\d+$/.test(String(value)) ? FOUND : String(value);
}

/** The ways that a field offers, with what they are called. Words that are colours themselves are the visitor's own. */
export function waysOf({ choices }) {
  const words = (choices ?? []).map(({ name, label, about }) => ({ way: wayOf(name), about: label || about }));
  const offered = words.filter(({ way, about }) => way === FOUND || about || known(`form.colours-${way}`));
  return [...offered, { way: OWN, about: "" }].map(({ way, about }) => ({ way, label: about || t(`form.colours-${way}`) }));
}

export function colours(field, id, value, changed) {
  const most = field.most ?? MOST;
  const ways = waysOf(field);
  const first = ways.some(({ way }) => way === wayOf(value)) ? wayOf(value) : ways[0].way;
  let own = Array.isArray(value) ? value.map(String) : FIRST;
  const radios = ways.map(({ way }) => el("input", { type: "radio", name: id, value: way, id: `${id}-${way}`, checked: way === first }));
  const count = el("input", {
    type: "number", id: `${id}-count`, value: wayOf(value) === FOUND ? value : FEW, min: FEWEST, max: most, step: 1,
    inputMode: "numeric", "aria-label": t("form.colours-count"),
  });
  const list = el("div", { className: "swatches" });
  const chosen = () => radios.find((radio) => radio.checked).value;

  function draw(focusLast = false) {
    list.replaceChildren(...own.map(swatch), own.length < most ? more() : "");
    if (focusLast) [...list.querySelectorAll("input")].at(-1).focus();
  }

  function set(colours, isDrawn = true) {
    own = colours;
    if (isDrawn) draw(true);
    changed();
  }

  function swatch(colour, at) {
    const input = el("input", { type: "color", value: colour, "aria-label": t("form.colour", { n: at + 1 }) });
    input.addEventListener("input", () => set(own.map((each, i) => (i === at ? input.value : each)), false));
    const less = el("button", { type: "button", className: "less", "aria-label": t("form.colour-less", { n: at + 1 }) }, "×");
    less.addEventListener("click", () => set(own.filter((_, i) => i !== at)));
    return el("span", { className: "swatch" }, input, own.length > 1 ? less : null);
  }

  function more() {
    const button = el("button", { type: "button", className: "more", "aria-label": t("form.colour-more") }, "+");
    button.addEventListener("click", () => set([...own, FIRST[own.length % FIRST.length]]));
    return button;
  }

  function reveal() {
    count.hidden = chosen() !== FOUND;
    list.hidden = chosen() !== OWN;
  }
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      reveal();
      changed();
    });
  }
  count.addEventListener("input", changed);
  draw();
  reveal();
  const rows = radios.map((radio, at) =>
    el("div", { className: "choice" }, el("label", {}, radio, el("span", {}, ways[at].label)), radio.value === FOUND ? count : null));
  return {
    node: el("div", { className: "colours" }, ...rows, list),
    input: radios.find((radio) => radio.checked),
    isGroup: true,
    get: () => ({ [FOUND]: Number(count.value), [OWN]: own })[chosen()] ?? chosen(),
    trouble: () => {
      const bounds = { label: t("form.colours-count"), least: FEWEST, most, kind: "integer" };
      return chosen() === FOUND ? numberTrouble(bounds, count.value || "0", count.validity.badInput) : null;
    },
  };
}
