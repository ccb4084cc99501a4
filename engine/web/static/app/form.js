/** The settings of a look: the few that matter, and the rest under "more". */

import { get } from "./api.js";
import { $, el, show } from "./dom.js";
import { fieldAbout, fieldOf } from "./fields.js";

/** Settings that mean the same for all painters: what was chosen is kept when the look changes. */
const COMMON = /^(seed|film\..*)$/;

/**
 * @param {object} wish whose `values` keep what the visitor has changed, by painter and name
 * @param {AbortSignal} signal
 */
export function settings(wish, signal) {
  let fields = [];
  let asked = 0;

  const keyOf = (painter, name) => (COMMON.test(name) ? name : `${painter}/${name}`);

  /** Builds the fields of a look; what was chosen for its painter before is kept. */
  async function build(look) {
    const turn = ++asked;
    const form = await get(`/api/form?preset=${encodeURIComponent(look)}`, signal);
    if (turn !== asked) return;
    draw(form);
  }

  function draw(form) {
    const make = (isMain) => (field) => {
      const key = keyOf(form.painter, field.name);
      const store = (value) => {
        if (value === undefined) wish.values.delete(key);
        else wish.values.set(key, value);
        offer(form);
      };
      return fieldOf(field, wish.values.get(key), store, isMain);
    };
    const main = form.main.map(make(true));
    const groups = form.more.map(({ title, fields: some }) => ({ title, fields: some.map(make(false)) }));
    fields = [...main, ...groups.flatMap((group) => group.fields)];
    $("main-list").replaceChildren(...main.map((one) => one.node));
    $("more-list").replaceChildren(
      ...groups.map((group) =>
        el("fieldset", { className: "group" }, el("legend", {}, group.title), ...group.fields.map((one) => one.node))),
    );
    show($("main-fields"), main.length > 0);
    show($("more"), groups.length > 0);
    offer(form);
  }

  /** The way back to the look's own settings, where something was changed. */
  function offer(form) {
    const keys = fields.map((one) => keyOf(form.painter, one.field.name)).filter((key) => wish.values.has(key));
    show($("reset"), keys.length > 0, $("paint"));
    $("reset").onclick = () => {
      for (const key of keys) wish.values.delete(key);
      draw(form);
    };
  }

  /** What differs from the look, by the names of settings; or the first field that is wrong, with its sentence. */
  function read() {
    const troubles = fields.map((one) => ({ one, sentence: one.trouble() })).filter(({ sentence }) => sentence);
    for (const { one, sentence } of troubles) one.refuse(sentence);
    if (troubles.length) return { settings: null, wrong: troubles[0] };
    const changed = fields
      .map((one) => [one.field, one.get()])
      .filter(([field, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(field.default));
    return { settings: Object.fromEntries(changed.map(([field, value]) => [field.name, value])), wrong: null };
  }

  /** Shows a refusal of the server at the field that it is about; false when there is none. */
  function refuse(sentence) {
    const one = fieldAbout(fields, sentence);
    if (!one) return false;
    one.refuse(sentence);
    one.focus();
    return true;
  }

  return { build, read, refuse, ready: () => fields.length > 0 };
}
