/** Where a number stands on a slider, and what number a place on it means. */

export const PLACES = 1000;
const WIDE = 20; // from this ratio of its ends on, equal steps are equal ratios

/**
 * @param {{least: number, most: number, step?: number | null, kind: string}} field
 */
export function scaleOf({ least, most, step, kind }) {
  const isWide = least > 0 && most / least > WIDE;
  const grain = step || (kind === "integer" ? 1 : 0);
  const on = isWide
    ? (value) => Math.log(value / least) / Math.log(most / least)
    : (value) => (value - least) / (most - least || 1);
  const at = isWide ? (share) => least * (most / least) ** share : (share) => least + share * (most - least);
  return {
    place: (value) => Math.round(PLACES * clamped(on(clamped(value, least, most)), 0, 1)),
    value: (place) => clamped(rounded(at(place / PLACES), grain, isWide), least, most),
  };
}

function clamped(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

/** To whole grains, and of a wide range to two digits: people say 1,200, not 1,187. */
function rounded(value, grain, isWide) {
  const coarse = isWide ? Number(value.toPrecision(2)) : value;
  if (!grain) return Number(coarse.toPrecision(3));
  return Number((Math.round(coarse / grain) * grain).toPrecision(12));
}
