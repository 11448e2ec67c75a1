// Where everything of the U with its maps lies: on a wide page, and on a phone.

import { PHONE } from "../frame/phone.js";
import { encoderAt, isUp, LEVELS, levelOf } from "./u.js";

const WIDE = {
  width: 844,
  height: 384,
  middle: 236,
  top: 26,
  gap: 13,
  sides: [80, 68, 58, 50, 46],
  lefts: [78, 102, 122, 142],
  image: { x: 2, y: 34, side: 64 },
  mask: { x: 406, y: 34, side: 64 },
  shapes: true,
  panel: { x: 516, y: 26, side: 290, map: 78, rows: 2, high: 188 },
};
const NARROW = {
  width: PHONE.width,
  height: PHONE.height,
  middle: 179,
  top: 22,
  gap: 7,
  sides: [52, 44, 37, 31, 28],
  lefts: [64, 76, 86, 96],
  image: { x: 2, y: 24, side: 46 },
  mask: { x: 310, y: 24, side: 46 },
  shapes: false,
  panel: { x: 2, y: 280, side: 220, map: 86, rows: 1, high: 114, words: { x: 234, y: 280 } },
};

export const layoutFor = (wide) => (wide ? WIDE : NARROW);

/** The square of a block in the U; the last one is the mask. */
export function squareOf(name, layout) {
  if (name === "out_conv") return layout.mask;
  const level = levelOf(name);
  const side = layout.sides[level];
  const y = layout.sides.slice(0, level).reduce((sum, above) => sum + above + layout.gap, layout.top);
  if (level === LEVELS) return { x: layout.middle - side / 2, y, side };
  const left = layout.lefts[level];
  return { x: isUp(name) ? 2 * layout.middle - left - side : left, y, side };
}

/** Where the arrow of a skip is, and its switch: half-way along. */
export function skipOf(level, layout) {
  const { x, y, side } = squareOf(encoderAt(level), layout);
  const left = x + side;
  return { left, right: 2 * layout.middle - left, y: y + side / 2, middle: layout.middle };
}
