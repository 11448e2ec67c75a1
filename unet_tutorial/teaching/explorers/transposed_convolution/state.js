// What can be chosen and pointed at in the explorer of transposed convolutions.

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

export const selected = (state) => state.looked ?? state.pinned;

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
  return refusal(transposedSide, size, kernel, stride, padding, output_padding);
}

/** How many places a part has along one side. */
function sideOf(kind, state) {
  const sides = { input: state.size, kernel: state.kernel, sheet: sheetSide(state) };
  const trained = { features: state.trainedSide / 2, pixel: state.trainedSide, weight: 2 };
  return { ...sides, ...trained }[kind];
}

function kept(at, state) {
  if (!at) return null;
  const last = sideOf(at.kind, state) - 1;
  return { ...at, row: Math.min(at.row, last), column: Math.min(at.column, last) };
}

function placeOf(hit) {
  const [kind, place] = hit.split(":");
  const [row, column] = place.split(",").map(Number);
  return { kind: kind === "after" ? "pixel" : kind, row, column };
}

const isStep = (hit) => hit?.startsWith("step:");

export function point(state, hit) {
  if (isStep(hit)) return state;
  return { ...state, looked: hit ? placeOf(hit) : null };
}

export function pin(state, hit) {
  if (isStep(hit)) return weighted(state, state.pinned, hit[5]);
  return { ...state, pinned: placeOf(hit), looked: null };
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** A key on one of the parts: arrows move, plus, minus and digits change a weight. */
export function move(state, kind, key) {
  const at = state.pinned?.kind === kind ? state.pinned : { kind, row: 0, column: 0 };
  const pinned = { ...state, looked: null, pinned: at };
  if (STEPS[key]) return { ...pinned, pinned: stepped(at, STEPS[key], state) };
  if (kind === "kernel" && state.ink === "numbers") return weighted(pinned, at, key);
  return pinned;
}

function stepped(at, [down, right], state) {
  const last = sideOf(at.kind, state) - 1;
  const within = (place) => Math.max(0, Math.min(last, place));
  return { ...at, row: within(at.row + down), column: within(at.column + right) };
}

function weighted(state, at, key) {
  const old = state.weights[state.kernel][at.row][at.column];
  const value = { "+": old + 1, "=": old + 1, "-": old - 1 }[key] ?? (/^\d$/.test(key) ? Number(key) : old);
  if (value === old || Math.abs(value) > HEAVIEST) return state;
  const weights = square(state.kernel, (u, v) =>
    same([u, v], at.row, at.column) ? value : state.weights[state.kernel][u][v],
  );
  return {
    ...state,
    looked: null,
    changed: "weight",
    weights: { ...state.weights, [state.kernel]: weights },
  };
}

export const channelsOf = (data) => range(data.channels.length);
