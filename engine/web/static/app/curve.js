/** The error over time, drawn as a line. */

import { el, svg } from "./dom.js";
import { duration, figure, t, term } from "./texts.js";

export const WIDTH = 300;
export const HEIGHT = 84;
const MOST = 400; // points that are kept; then every second one goes

/** Points [seconds, error] as corners of a line in the drawing, from the top left; the lower edge is no error. */
export function corners(points) {
  const [begin, end] = [points[0][0], points.at(-1)[0]];
  const most = Math.max(...points.map(([, error]) => error)) || 1;
  return points.map(([seconds, error]) => [
    (WIDTH * (seconds - begin)) / (end - begin || 1),
    HEIGHT * (1 - (0.94 * error) / most),
  ]);
}

/** Fewer points of the same line: its ends stay. */
export function thinned(points) {
  return points.length <= MOST ? points : points.filter((_, at) => at % 2 === 0 || at === points.length - 1);
}

/**
 * @param {HTMLElement} place a figure
 * @param {() => string} measure what the error is called
 */
export function curve(place, measure) {
  let points = [];
  const area = svg("path", { class: "area" });
  const line = svg("path", { class: "line", "vector-effect": "non-scaling-stroke" });
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" }, area, line);
  const first = el("span");
  const last = el("span", { className: "last" });
  const span = el("span");
  const caption = el("figcaption");
  place.replaceChildren(el("div", { className: "ends", "aria-hidden": "true" }, first, last), drawing,
    el("div", { className: "ends", "aria-hidden": "true" }, caption, span));

  function draw() {
    place.hidden = points.length < 2;
    if (place.hidden) return;
    const path = corners(points).map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
    line.setAttribute("d", `M${path}`);
    area.setAttribute("d", `M0 ${HEIGHT}L${path}L${WIDTH} ${HEIGHT}Z`);
    const said = {
      measure: term("measure", measure(), "error"),
      first: figure(points[0][1]),
      last: figure(points.at(-1)[1]),
      duration: duration(points.at(-1)[0]),
    };
    first.textContent = said.first;
    last.textContent = said.last;
    span.textContent = said.duration;
    caption.textContent = t("curve.caption", said);
    drawing.setAttribute("aria-label", t("curve.label", said));
  }

  return {
    all(given) {
      points = given;
      while (points.length > MOST) points = thinned(points);
      draw();
    },
    add(point) {
      if (points.length && point[0] < points.at(-1)[0]) return;
      points = thinned([...points, point]);
      draw();
    },
  };
}
