/** Looks to choose from, as pictures. */

import { root } from "./api.js";
import { $, el, show, write } from "./dom.js";
import { t } from "./texts.js";

const FEW = 12; // that are shown before one asks for all

/**
 * @param {{name: string, title: string, about: string, picture: string | null, own: boolean}[]} looks
 * @param {string} chosen name
 * @param {(name: string) => void} onChoose
 */
export function drawLooks(looks, chosen, onChoose) {
  const cards = looks.map((look) => card(look, look.name === chosen, onChoose));
  $("looks").replaceChildren(...cards);
  const tell = (name) => write($("look-about"), looks.find((one) => one.name === name)?.about ?? "");
  tell(chosen);
  $("looks").onchange = (event) => tell(event.target.value);
  const rest = cards.filter((one, at) => at >= FEW && !one.querySelector("input").checked);
  const isLong = rest.length > 2;
  if (isLong) for (const one of rest) one.hidden = true;
  const all = $("all-looks");
  show(all, isLong);
  all.textContent = t("looks.all", { n: looks.length });
  all.onclick = () => {
    for (const one of rest) one.hidden = false;
    rest[0].querySelector("input").focus();
    show(all, false);
  };
}

function card(look, isChosen, onChoose) {
  const id = `look-${look.name}`;
  const input = el("input", { type: "radio", name: "look", id, value: look.name, checked: isChosen, className: "unseen", "aria-describedby": `${id}-about` });
  input.addEventListener("change", () => onChoose(look.name));
  const picture = look.picture
    ? el("img", { src: `${root}/${look.picture}`, alt: "", loading: "lazy", width: 240, height: 240 })
    : el("span", { className: "blank", "aria-hidden": "true" }, look.title.slice(0, 1));
  const own = look.own ? el("span", { className: "own" }, t("looks.own")) : null;
  return el("div", { className: "look", title: look.about },
    input,
    el("label", { htmlFor: id }, picture, el("span", { className: "name" }, look.title), own),
    el("span", { id: `${id}-about`, className: "unseen" }, look.about));
}
