// Where the boxes of the U lie: by size, or with areas that are shares of a cost.

import { PHONE } from "../frame/phone.js";
import { range } from "../frame/svg.js";
import { BLOCKS, isUp, LEVELS, levelOf } from "./u.js";

const WIDE = {
  isWide: true,
  width: 844,
  height: 382,
  middle: 422,
  top: 34,
  gap: 14,
  sides: [78, 64, 52, 42, 34],
  columns: [240, 254, 266, 276],
  ends: [82, 762], // of the image, and of out_conv
  label: 0,
  whole: 140, // the side of the square that all blocks make together
};
const NARROW = {
  isWide: false,
  width: PHONE.width,
  height: PHONE.height - 26, // there are more controls
  middle: 179,
  top: 34,
  gap: 8,
  sides: [50, 44, 38, 32, 28],
  columns: [92, 92, 92, 92],
  ends: [22, 336],
  label: 34, // below each block
  whole: 128,
};
const FLATTEST = 0.25; // a box is at least so high or so wide for its longer side

/** Each block's box, by name: {x, y, width, height, cx, cy}; with "input", the image. */
export function placesOf(state, amounts, wide) {
  const layout = wide ? { ...WIDE, height: WIDE.height - (state.measure ? 22 : 0) } : NARROW;
  const names = ["input", ...BLOCKS];
  const sizes = Object.fromEntries(names.map((name) => [name, sizeOf(name, state, amounts, layout)]));
  const rows = range(LEVELS + 1).map((level) => (amounts ? highest(level, sizes) : layout.sides[level]));
  const tops = rows.map((_, level) =>
    rows.slice(0, level).reduce((sum, high) => sum + high + layout.gap + layout.label, layout.top),
  );
  const place = (name) => {
    const { width, height } = sizes[name];
    const [cx, cy] = [columnOf(name, layout), tops[levelOf(name)] + rows[levelOf(name)] / 2];
    return { x: cx - width / 2, y: cy - height / 2, width, height, cx, cy };
  };
  return { layout, at: Object.fromEntries(names.map((name) => [name, place(name)])) };
}

const highest = (level, sizes) =>
  Math.max(18, ...BLOCKS.filter((name) => levelOf(name) === level).map((name) => sizes[name].height));

function columnOf(name, { ends, columns, middle }) {
  if (name === "input") return ends[0];
  if (name === "out_conv") return ends[1];
  const level = levelOf(name);
  if (level === LEVELS) return middle;
  return isUp(name) ? 2 * middle - columns[level] : columns[level];
}

function sizeOf(name, state, amounts, { sides, whole, isWide }) {
  const isEnd = name === "input" || name === "out_conv";
  if (amounts && name !== "input") {
    const side = whole * Math.sqrt(amounts.parts[name] / amounts.all);
    return { width: side, height: side };
  }
  const side = isEnd ? sides[0] * (isWide ? 1 : 0.55) : sides[levelOf(name)];
  const [tall, broad] = [state.height, state.width].map((each) =>
    Math.max(FLATTEST, each / Math.max(state.height, state.width)),
  );
  return { width: side * broad, height: side * tall };
}
