// What can be chosen and pointed at in the explorer of transposed convolutions.

import { changeWeight, clampPlace, isStep, placeOf as placeOfHit, stepFrom } from "../frame/selection.js";
import { refusal, transposedSide } from "../frame/sizes.js";
import { range } from "../frame/svg.js";
import { sheetSide, square } from "./stamps.js";

export const OPTIONS = {
  size: [2, 3, 4],
  kernel: [1, 2, 3, 4],
  stride: [1, 2, 3],
  padding: [0, 1],
  output_padding: [0, 1],
};
const HEAVIEST = 20; // a weight; beyond that the products don't fit into their cells
const FIRST = { kind: "sheet", row: 4, column: 4 }; // where four stamps overlap

export const start = (data) => ({
  ink: "numbers",
  size: 4,
  kernel: 3,
  stride: 2,
  padding: 0,
  output_padding: 0,
  weights: Object.fromEntries(OPTIONS.kernel.map((k) => [k, square(k, (u, v) => u * k + v + 1)])),
  channel: data.weave.indexOf(Math.max(...data.weave)), // the most woven
  trainedSide: data.side,
  pinned: FIRST,
  looked: null,
  changed: null,
});

export const same = ([r, c], row, column) => r === row && c === column;

/** A control was pressed. What is pinned stays pinned if it still exists. */
export function set(state, name, value) {
  const next = { ...state, [name]: value, changed: name, looked: null };
  if (name === "channel") return next;
  if (name === "ink" && (value === "trained" || state.ink === "trained")) {
    return { ...next, pinned: value === "trained" ? null : kept(FIRST, next) };
  }
  return { ...next, pinned: kept(next.pinned, next) };
}

/** Why an option can't be chosen, or "". */
export function whyNot(state, name, value) {
  const { size, kernel, stride, padding, output_padding } = { ...state, [name]: value };
  const why = refusal(transposedSide, size, kernel, stride, padding, output_padding);
  return why.replace(" or than dilation=1", ""); // a setting that isn't here
}

/** The rows and columns of a part. */
export function shapeOf(kind, state) {
  const sides = { input: state.size, kernel: state.kernel, sheet: sheetSide(state) };
  const trained = { features: state.trainedSide / 2, pixel: state.trainedSide, weight: 2 };
  const side = { ...sides, ...trained }[kind];
  return { rows: side, columns: side };
}

const kept = (at, state) => at && clampPlace(at, shapeOf(at.kind, state));

/** The map after the double convolution has the sheet's pixels. */
function placeOf(hit) {
  const at = placeOfHit(hit);
  return at.kind === "after" ? { ...at, kind: "pixel" } : at;
}

export function point(state, hit) {
  if (isStep(hit)) return state;
  return { ...state, looked: hit ? placeOf(hit) : null };
}

export function pin(state, hit) {
  if (isStep(hit)) return weighted(state, state.pinned, hit[5]);
  return { ...state, pinned: placeOf(hit), looked: null };
}

/** A key on one of the parts: arrows, Home and End move; plus, minus and digits change a weight. */
export function move(state, kind, key) {
  if (key === "focus") return state; // what is kept stays, until an arrow key moves
  const at = state.pinned?.kind === kind ? state.pinned : { kind, row: 0, column: 0 };
  const pinned = stepFrom(at, key, shapeOf(kind, state));
  const next = { ...state, looked: null, pinned };
  return kind === "kernel" && state.ink === "numbers" ? weighted(next, pinned, key) : next;
}

function weighted(state, at, key) {
  const weights = state.weights[state.kernel];
  const changed = changeWeight(weights, at, key, HEAVIEST);
  if (changed === weights) return state;
  return {
    ...state,
    looked: null,
    changed: "weight",
    weights: { ...state.weights, [state.kernel]: changed },
  };
}

export const channelsOf = (data) => range(data.channels.length);
