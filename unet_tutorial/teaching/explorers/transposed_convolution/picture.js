// The picture of stamps: input and kernel at the left, the sheet, and the sum in full at the right.

import { selected } from "../frame/selection.js";
import { box, group, tag, text, written } from "../frame/svg.js";
import { grid } from "./grid.js";
import { sheetParts } from "./sheet.js";
import { numbersOf, outputSide, stampsOn } from "./stamps.js";
import { same } from "./state.js";
import { sumInFull } from "./sums.js";

const WIDE = {
  width: 844,
  height: 367,
  input: { x: 2, y: 28, room: 144 },
  kernel: { x: 2, y: 216, room: 144 },
  sheet: { x: 196, y: 28, room: 288 },
  sum: { x: 532, y: 28 },
};
const NARROW = {
  width: 358,
  height: 624,
  input: { x: 2, y: 28, room: 144 },
  kernel: { x: 178, y: 28, room: 144 },
  sheet: { x: 2, y: 214, room: 354 },
  sum: null,
};

export function stampsPicture(state, wide) {
  const layout = wide ? WIDE : NARROW;
  const at = selected(state);
  const stamps = at.kind === "sheet" ? stampsOn(at.row, at.column, state) : [];
  return tag(
    "svg",
    { viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": describe(state) },
    hatching(),
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

const hatching = () =>
  tag(
    "pattern",
    {
      id: "cropped-stamps",
      width: 6,
      height: 6,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
    },
    tag("rect", { width: 1.5, height: 6, class: "stripe" }),
  );

const isAt = (at, kind, row, column) => at.kind === kind && at.row === row && at.column === column;

function inputGrid(state, at, stamps, place) {
  const { ink } = numbersOf(state);
  const cell = (row, column) => {
    const stamp = stamps.find(({ pixel }) => same(pixel, row, column));
    const words = stamp ? `${stamp.ink}·${written(stamp.by)}` : written(ink[row][column]);
    const lit = stamp || at.kind === "kernel" || isAt(at, "input", row, column);
    return { words, lit, dim: stamps.length && !stamp };
  };
  return grid("input", `input ${state.size} × ${state.size}`, state.size, place, cell);
}

function kernelGrid(state, at, stamps, place) {
  const { weights } = numbersOf(state);
  const cell = (row, column) => {
    const used = stamps.some(({ weight }) => same(weight, row, column));
    const lit = used || at.kind === "input" || isAt(at, "kernel", row, column);
    return { words: written(weights[row][column]), lit, dim: stamps.length && !used };
  };
  return grid("kernel", `kernel ${state.kernel} × ${state.kernel}`, state.kernel, place, cell);
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
