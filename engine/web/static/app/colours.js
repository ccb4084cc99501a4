/** A field for a palette: no limits, a few colours of the picture, or the visitor's own. */

import { el } from "./dom.js";
import { t } from "./texts.js";
import { numberTrouble } from "./numbers.js";

const FEW = 6; // colours of the picture, unless the visitor says how many
const FIRST = ["#1d1c1a", "#f4efe4", "#d1572b"]; // the visitor's own, to begin with
const MOST = 16;
const FEWEST = 2; // colours of the picture
const MANY = 64;

/** The word for no colours of one's own, and that for some of the picture's, of what stands beside colours. */
function wordsOf({ choices }) {
  const isCount = ({ name }) => /^[0-9]+$/.test(name);
  return { none: choices?.find((one) => !isCount(one)), found: choices?.find(isCount) };
}

/** "none", "found" or "own": what a palette's value means. */
export function kindOf(value) {
  if (Array.isArray(value)) return "own";
  return typeof value === "number" ? "found" : "none";
}

export function colours(field, id, value, changed) {
  const most = field.most ?? MOST;
  let own = Array.isArray(value) ? value.map(String) : FIRST;
  const { none, found } = wordsOf(field);
  const there = { none, found, own: true };
  const kinds = ["none", "found", "own"].filter((kind) => there[kind]).map((kind) =>
    el("input", { type: "radio", name: id, value: kind, id: `${id}-${kind}`, checked: kindOf(value) === kind }),
  );
  const count = el("input", {
    type: "number", id: `${id}-count`, value: typeof value === "number" ? value : FEW, min: FEWEST, max: MANY, step: 1,
    inputMode: "numeric", "aria-label": t("form.colours-count"),
  });
  const list = el("div", { className: "swatches" });
  const chosen = () => kinds.find((radio) => radio.checked)?.value ?? "none";

  function draw(focusLast = false) {
    list.replaceChildren(
      ...own.map((colour, at) => swatch(colour, at)),
      own.length < most ? more() : "",
    );
    if (focusLast) list.querySelector(".swatch:last-of-type input")?.focus();
  }

  function swatch(colour, at) {
    const input = el("input", { type: "color", value: colour, "aria-label": t("form.colour", { n: at + 1 }) });
    input.addEventListener("input", () => {
      own = own.with?.(at, input.value) ?? own.map((each, i) => (i === at ? input.value : each));
      changed();
    });
    const less = el("button", { type: "button", className: "less", "aria-label": t("form.colour-less", { n: at + 1 }) }, "×");
    less.addEventListener("click", () => {
      own = own.filter((_, i) => i !== at);
      draw(true);
      changed();
    });
    return el("span", { className: "swatch" }, input, own.length > 1 ? less : null);
  }

  function more() {
    const button = el("button", { type: "button", className: "more", "aria-label": t("form.colour-more") }, "+");
    button.addEventListener("click", () => {
      own = [...own, FIRST[own.length % FIRST.length]];
      draw(true);
      changed();
    });
    return button;
  }

  function reveal() {
    count.hidden = chosen() !== "found";
    list.hidden = chosen() !== "own";
  }
  for (const radio of kinds) {
    radio.addEventListener("change", () => {
      reveal();
      changed();
    });
  }
  count.addEventListener("input", changed);
  draw();
  reveal();
  const rows = kinds.map((radio) =>
    el("div", { className: "choice" }, el("label", {}, radio, el("span", {}, there[radio.value].label ?? t(`form.colours-${radio.value}`))),
      radio.value === "found" ? count : null),
  );
  return {
    node: el("div", { className: "colours" }, ...rows, list),
    input: kinds.find((radio) => radio.checked) ?? kinds[0],
    isGroup: true,
    get: () => ({ none: none?.name, found: Number(count.value), own })[chosen()],
    trouble: () =>
      chosen() === "found"
        ? numberTrouble({ label: t("form.colours-count"), least: FEWEST, most: MANY, kind: "integer" }, count.value || "0", count.validity.badInput)
        : null,
  };
}
