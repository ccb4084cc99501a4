/** The form that the server describes: a field for each setting, what was changed in it, and what is wrong with it. */

import { colours } from "./colours.js";
import { el, write } from "./dom.js";
import { plainNumber, seed, slider } from "./numbers.js";

/**
 * @typedef {object} Field as the server describes it
 * @property {string} name of the setting, as on the command line
 * @property {string} label
 * @property {string} about
 * @property {string} kind
 * @property {any} default
 * @property {number | null} least
 * @property {number | null} most
 * @property {number | null} step
 * @property {{name: string, label?: string, about: string}[] | null} choices
 * @property {string | null} unit
 */

const KINDS = { integer: plainNumber, number: plainNumber, seed, colours, choice, truth };

function choice(field, id, value, changed) {
  const input = el("select", { id }, ...field.choices.map(({ name, label }) =>
    el("option", { value: name, selected: String(value) === String(name) }, label || wordOf(name))));
  const about = el("span", { className: "hint" });
  const tell = () => write(about, field.choices[input.selectedIndex]?.about ?? "");
  input.addEventListener("change", () => {
    tell();
    changed();
  });
  tell();
  return { node: el("span", { className: "stack" }, input, about), input, get: () => field.choices[input.selectedIndex]?.name, trouble: () => null };
}

/** A choice as a word: "rotated-rectangle" has no dash for people. */
function wordOf(name) {
  return /^[a-z-]+$/.test(name) ? name.replaceAll("-", " ") : name;
}

function truth(field, id, value, changed) {
  const input = el("input", { type: "checkbox", id, checked: value === true });
  input.addEventListener("change", changed);
  return { node: input, input, get: () => input.checked, trouble: () => null };
}

function words(field, id, value, changed) {
  const input = el("input", {
    type: "text", id, value: String(value ?? ""), placeholder: String(field.default ?? ""), autocomplete: "off", spellcheck: false,
  });
  input.addEventListener("input", changed);
  return { node: input, input, get: () => input.value.trim() || undefined, trouble: () => null };
}

/** A control for a field; those that matter are sliders where they can be. */
function control(field, id, value, changed, isMain) {
  const isSpan = field.kind === "duration" && typeof field.default === "number";
  const isRange = ["integer", "number"].includes(field.kind) && Number.isFinite(field.least) && Number.isFinite(field.most);
  const kind = isSpan ? "number" : field.kind;
  const make = isMain && isRange ? slider : kind === "choice" && !field.choices ? words : KINDS[kind] ?? words;
  return make(field, id, value, changed);
}

/**
 * A field with its label, help and a place for what is wrong.
 * @param {Field} field
 * @param {any} value that the visitor has chosen; undefined: the default
 * @param {(value: any) => void} store is told each value, and undefined for the default
 * @param {boolean} isMain
 */
export function fieldOf(field, value, store, isMain) {
  const id = `set-${field.name.replaceAll(".", "-")}`;
  const wrong = el("span", { id: `${id}-wrong`, className: "trouble" });
  const about = field.about ? el("span", { id: `${id}-about`, className: "hint" }, field.about) : null;
  const changed = () => {
    refuse("");
    const now = made.get();
    store(JSON.stringify(now) === JSON.stringify(field.default) ? undefined : now);
  };
  const made = control(field, id, value === undefined ? field.default : value, changed, isMain);
  const told = [wrong.id, about?.id].filter(Boolean).join(" ");
  const main = made.main ?? made.input;
  function refuse(sentence) {
    write(wrong, sentence);
    if (made.isGroup) return;
    for (const one of new Set([main, made.input])) {
      if (sentence) one.setAttribute("aria-invalid", "true");
      else one.removeAttribute("aria-invalid");
    }
  }
  const node = made.isGroup
    ? el("fieldset", { className: "field", "aria-describedby": told }, el("legend", {}, field.label), made.node)
    : el("div", { className: `field ${field.kind}` }, el("label", { htmlFor: main.id }, field.label), made.node);
  if (!made.isGroup) for (const one of new Set([main, made.input])) one.setAttribute("aria-describedby", told);
  if (about) node.append(about);
  node.append(wrong);
  return {
    field, node, refuse,
    get: made.get,
    trouble: made.trouble,
    focus: () => {
      for (let up = node; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
      made.input.focus();
    },
  };
}

/** The names that a sentence of the server may call a setting by, the longest first. */
function namesOf({ name, label }) {
  return [name, `--${name.split(".").at(-1)}`, label];
}

/**
 * The field that a refusal is about: the one whose name stands first in it.
 * @param {{field: Field}[]} fields
 * @param {string} sentence
 */
export function fieldAbout(fields, sentence) {
  const places = fields.flatMap((one) => namesOf(one.field).map((name) => ({ one, at: wordAt(sentence, name), length: name.length })));
  const found = places.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at || b.length - a.length);
  return found[0]?.one ?? null;
}

function wordAt(sentence, word) {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return sentence.search(new RegExp(`(?<![\\w.-])${escaped}(?![\\w-])`, "i"));
}
