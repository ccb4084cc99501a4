/** Fields for numbers: sliders, plain numbers, seeds. */

import { el } from "./dom.js";
import { PLACES, scaleOf } from "./scale.js";
import { figure, number, t } from "./texts.js";

const SEEDS = 1_000_000; // a new one is below this: short enough to tell somebody

/** What is wrong with a number that was typed, as a sentence, or null. */
export function numberTrouble(field, text, isBad) {
  const { label, least, most, kind } = field;
  if (isBad) return t("form.number", { label });
  if (text === "") return null;
  const value = Number(text);
  if (!isFine({ kind }) && !Number.isInteger(value)) return t("form.whole", { label });
  const isWithin = (least ?? -Infinity) <= value && value <= (most ?? Infinity);
  return isWithin ? null : t("form.between", { label, least: shown(least), most: shown(most) });
}

/** Whether a field's numbers may have parts: of settings, and of seconds. */
function isFine({ kind }) {
  return kind === "number" || kind === "duration";
}

function shown(value) {
  return value === null || value === undefined ? "…" : new Intl.NumberFormat(document.documentElement.lang).format(value);
}

function box(field, id, value) {
  return el("input", {
    type: "number",
    id,
    value: typeof value === "number" ? String(value) : "",
    placeholder: field.default === "auto" ? t("form.auto") : String(field.default ?? ""),
    inputMode: isFine(field) ? "decimal" : "numeric",
    min: field.least,
    max: field.most,
    step: "any",
  });
}

function reader(field, input) {
  return {
    input,
    get: () => (input.value === "" ? undefined : Number(input.value)),
    trouble: () => numberTrouble(field, input.value, input.validity.badInput),
  };
}

/** A number, with its unit behind. */
export function plainNumber(field, id, value, changed) {
  const input = box(field, id, value);
  input.addEventListener("input", changed);
  const unit = field.unit ? el("span", { className: "unit" }, field.unit) : null;
  return { ...reader(field, input), node: el("span", { className: "with-unit" }, input, unit) };
}

/** A slider, and beside it the same number to be typed. */
export function slider(field, id, value, changed) {
  const scale = scaleOf(field);
  const exact = box(field, `${id}-exact`, value);
  exact.setAttribute("aria-label", t("form.exact", { label: field.label }));
  const range = el("input", { type: "range", id, min: 0, max: PLACES, step: 5 });
  const follow = () => {
    const now = exact.value === "" || exact.validity.badInput ? field.default : Number(exact.value);
    const text = typeof now !== "number" ? exact.placeholder : field.kind === "integer" ? number(now) : figure(now);
    range.value = scale.place(typeof now === "number" ? now : field.least);
    range.setAttribute("aria-valuetext", field.unit ? `${text} ${field.unit}` : text);
    range.style.setProperty("--at", `${range.value / (PLACES / 100)}%`);
  };
  range.addEventListener("input", () => {
    const place = range.value;
    exact.value = String(scale.value(Number(place)));
    follow();
    range.value = place; // where the thumb is held, although the number is rounded
    changed();
  });
  exact.addEventListener("input", () => {
    follow();
    changed();
  });
  follow();
  const unit = field.unit ? el("span", { className: "unit" }, field.unit) : null;
  return { ...reader(field, exact), node: el("span", { className: "slider" }, range, exact, unit), main: range };
}

/** The number that all chance comes from, and a die that throws another one. */
export function seed(field, id, value, changed) {
  const input = box(field, id, value);
  input.addEventListener("input", changed);
  const die = el("button", { type: "button", className: "button die", title: t("form.seed") }, t("form.seed"));
  die.addEventListener("click", () => {
    input.value = String(newSeed());
    changed();
  });
  return { ...reader(field, input), node: el("span", { className: "with-unit" }, input, die) };
}

export function newSeed() {
  return Math.floor(Math.random() * SEEDS);
}
