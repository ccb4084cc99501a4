/** Texts of the visitor's language, and numbers as people of that language write them. */

const words = JSON.parse(document.getElementById("texts").textContent);
export const language = document.documentElement.lang;
const rules = new Intl.PluralRules(language);

/**
 * A text by its key, with its places {name} filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return fill(words[key] ?? key, values);
}

/** Whether there is a text. */
export function known(key) {
  return key in words;
}

/** A text about n things: it has keys for the forms that its language has (one, other ...). */
export function plural(key, n, values = {}) {
  const form = `${key}.${rules.select(n)}`;
  return t(known(form) ? form : `${key}.other`, { n: number(n), ...values });
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** Three significant digits: an error, an effort. */
export function figure(value) {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value);
}

export function percent(share) {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/** Seconds as "8 s", "3 min", "2 h": as exact as one wants to know it. */
export function duration(seconds) {
  if (seconds < 90) return t("time.seconds", { n: number(Math.max(1, Math.round(seconds))) });
  if (seconds < 5400) return t("time.minutes", { n: number(Math.round(seconds / 60)) });
  return t("time.hours", { n: number(seconds / 3600, 1) });
}

export function bytes(count) {
  if (count < 1e6) return t("size.kb", { n: number(Math.ceil(count / 1e3)) });
  if (count < 1e9) return t("size.mb", { n: number(count / 1e6, count < 1e7 ? 1 : 0) });
  return t("size.gb", { n: number(count / 1e9, 1) });
}

export function date(iso) {
  return new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(new Date(iso));
}

/** The text of a name that the server gave, or of another one when nobody has translated it. */
export function term(group, name, otherwise) {
  const key = `${group}.${name}`;
  return t(known(key) ? key : `${group}.${otherwise}`);
}
