// The picture of stamps: input and kernel at the left, the sheet, and the sum in full at the right.

import { selected } from "../frame/selection.js";
import { numberGrid } from "../frame/grid.js";
import { PHONE, SMALLEST } from "../frame/phone.js";
import { box, group, tag, text, written } from "../frame/svg.js";
import { sheetParts } from "./sheet.js";
import { numbersOf, outputSide, sheetSide, stampsOn } from "./stamps.js";
import { same, shapeOf } from "./state.js";
import { sumInFull } from "./sums.js";

const WIDE = {
  width: 844,
  height: 367,
  input: { x: 2, y: 28, room: 144 },
  kernel: { x: 2, y: 216, room: 144 },
  sheet: { x: 196, y: 28, room: 288 },
  sum: { x: 532, y: 28 },
};
const BELOW = 51; // pixels; the bars below the sheet
const LARGEST = 40; // pixels; the side of a cell

export function stampsPicture(state, wide) {
  const layout = layoutOf(state, wide);
  const at = selected(state);
  const stamps = at.kind === "sheet" ? stampsOn(at.row, at.column, state) : [];
  return tag(
    "svg",
    { viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": describe(state) },
    inputGrid(state, at, stamps, layout.input),
    kernelGrid(state, at, stamps, layout.kernel),
    sheetParts(state, at, layout.sheet),
    layout.sum && sumInFull(state, at, layout.sum),
    weightSteps(state, layout.kernel),
  );
}

function describe(state) {
  const [size, side] = [state.size, outputSide(state)];
  return (
    `An input of ${size} × ${size} numbers, a kernel of ${state.kernel} × ${state.kernel}, and the sheet of ` +
    `${side} × ${side} that it is stamped onto, ${state.stride} apart`
  );
}

/** Where the grids are, and the side of their cells. */
function layoutOf(state, wide) {
  const layout = wide ? WIDE : narrowLayout(sheetSide(state));
  const placeOf = (kind) => {
    const { room } = layout[kind];
    return { ...layout[kind], side: Math.min(LARGEST, room / shapeOf(kind, state).rows) };
  };
  return { ...layout, input: placeOf("input"), kernel: placeOf("kernel"), sheet: placeOf("sheet") };
}

/** On a phone, the sheet is below input and kernel, and a finger can hit its cells. */
function narrowLayout(count) {
  const y = 174;
  const room = Math.max(PHONE.height - y - BELOW, SMALLEST * count);
  return {
    width: PHONE.width,
    height: y + room + BELOW,
    input: { x: 2, y: 28, room: 112 },
    kernel: { x: 178, y: 28, room: 112 },
    sheet: { x: 2, y, room },
  };
}

const isAt = (at, kind, row, column) => at.kind === kind && at.row === row && at.column === column;

function inputGrid(state, at, stamps, place) {
  const { ink } = numbersOf(state);
  const cell = (row, column) => {
    const stamp = stamps.find(({ pixel }) => same(pixel, row, column));
    const words = stamp ? `${stamp.ink}·${written(stamp.by)}` : written(ink[row][column]);
    const lit = stamp || at.kind === "kernel" || isAt(at, "input", row, column);
    return { words, lit, dim: stamps.length && !stamp };
  };
  const title = `input ${state.size} × ${state.size}`;
  return numberGrid("input", { title }, shapeOf("input", state), place, cell);
}

function kernelGrid(state, at, stamps, place) {
  const { weights } = numbersOf(state);
  const cell = (row, column) => {
    const used = stamps.some(({ weight }) => same(weight, row, column));
    const lit = used || at.kind === "input" || isAt(at, "kernel", row, column);
    return { words: written(weights[row][column]), lit, dim: stamps.length && !used };
  };
  const title = `kernel ${state.kernel} × ${state.kernel}`;
  return numberGrid("kernel", { title }, shapeOf("kernel", state), place, cell);
}

/** Two buttons that change the weight that is kept. With keys, it's + and − on the kernel. */
function weightSteps(state, { x, y, room }) {
  if (state.pinned.kind !== "kernel" || state.ink !== "numbers") return "";
  return ["+", "-"].map((key, i) =>
    group(
      { class: "step", role: "button", "aria-label": `weight ${key} 1`, "data-hit": `step:${key},0` },
      box(x + room + 6, y + i * 30, 26, 26, { rx: 5 }),
      text(x + room + 19, y + 18 + i * 30, key === "-" ? "−" : "+", { class: "middle" }),
    ),
  );
}
