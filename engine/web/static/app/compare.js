/** The painting beside the picture it was painted from: a slider over both. */

import { $ } from "./dom.js";
import { percent, t } from "./texts.js";

/** @param {AbortSignal} signal */
export function comparing(signal) {
  const frame = $("frame");
  const slider = $("split");
  const draw = () => {
    frame.style.setProperty("--split", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", t("compare.value", { percent: percent(slider.value / 100) }));
  };
  slider.addEventListener("input", draw, { signal });
  slider.value = 50;
  draw();
}
