// What can be chosen and pointed at in the explorer of convolutions.

import { changeWeight, clampPlace, isStep, placeOf, stepFrom } from "../frame/selection.js";
import { convSide, refusal } from "../frame/sizes.js";
import { range } from "../frame/svg.js";
import { convolve, outputShape, readAlong, readersAlong } from "../frame/windows.js";
import { ones, PRESETS, whyNoPreset } from "./kernels.js";

// A bright rectangle on black, and a corner of a second one that starts at row and column 6.
const IMAGE = range(10).map((r) =>
  range(10).map((c) => {
    if (r >= 1 && r <= 4 && c >= 2 && c <= 4) return 9;
    return r >= 6 && c >= 6 ? 5 : 0;
  }),
);

// The same in black and white, up to the largest size: sums of it are small numbers.
const TWO = IMAGE.slice(0, 9).map((row) => row.slice(0, 9).map((value) => Number(value > 0)));

const OPTIONS = {
  1: { size: range(7, 4), kernel: range(5, 1), stride: range(3, 1), padding: range(3) },
  2: { size: range(5, 5), padding: range(2) }, // two kernels: more would be too small to hit
};

const MOST = 99; // a weight can be from −99 to 99

/** `data.image` is a learner's own image, `data.kernels` 2 for two convolutions in a row. */
export function start({ image: own, kernels = 1 } = {}) {
  const image = own ?? (kernels === 2 ? TWO : IMAGE);
  const size = own ? Math.max(image.length, image[0].length) : 7;
  const layer = { kernel: 3, stride: 1, padding: 0 };
  const state = { image, kernels, size, ...layer, preset: "edge", own: {}, looked: null, changed: null };
  return { ...state, pinned: kernels === 2 ? middleOf(state) : strongest(state) };
}

function middleOf(state, kind = "output") {
  const map = mapsOf(state)[kindsOf(state).indexOf(kind)];
  const [row, column] = [map.length, map[0].length].map((count) => Math.floor((count - 1) / 2));
  return { kind, row, column };
}

/** The output that is farthest from 0: something to see, in any image. */
function strongest(state) {
  const output = mapsOf(state).at(-1);
  const most = Math.max(...output.flat().map(Math.abs));
  const row = output.findIndex((line) => line.some((value) => Math.abs(value) === most));
  const column = output[row].findIndex((value) => Math.abs(value) === most);
  return { kind: "output", row, column };
}

/** The kinds of the maps, from the image to the output. */
export const kindsOf = ({ kernels }) => (kernels === 2 ? ["image", "middle", "output"] : ["image", "output"]);

// Kernels

/** The preset that is in use: a kernel of 1 × 1 can only copy. */
export const presetOf = ({ preset, own, kernel }) =>
  (preset === "yours" ? !own[kernel] : whyNoPreset(preset, kernel)) ? "copy" : preset;

export function weightsOf(state) {
  if (state.kernels === 2) return ones(state.kernel);
  const preset = presetOf(state);
  return preset === "yours" ? state.own[state.kernel] : PRESETS[preset](state.kernel);
}

// Maps

const MAKES = ["size", "kernel", "stride", "padding", "kernels", "preset", "own"]; // the maps
const known = new WeakMap(); // image -> the last maps, which every cell asks for

/** The image, and what each convolution makes of it. */
export function mapsOf(state) {
  const last = known.get(state.image);
  if (last && MAKES.every((name) => last.state[name] === state[name])) return last.maps;
  const maps = makeMaps(state);
  known.set(state.image, { state, maps });
  return maps;
}

function makeMaps(state) {
  const image = state.image.slice(0, state.size).map((row) => row.slice(0, state.size));
  const maps = [image];
  for (const layer of layersOf(state)) maps.push(convolve(maps.at(-1), layer));
  return maps;
}

/** The convolutions in a row, as {weights, stride, padding}. */
export function layersOf(state) {
  const { kernels, stride, padding } = state;
  return range(kernels).map(() => ({ weights: weightsOf(state), stride, padding }));
}

/** The rows and columns of each map that the selection reads, and that read it. */
export function traceOf(state, at) {
  const [maps, layers] = [mapsOf(state), layersOf(state)];
  if (at.kind === "kernel") return traceOfWeight(at, maps[1], layers[0]);
  const trace = [];
  const here = kindsOf(state).indexOf(at.kind);
  trace[here] = { rows: [at.row], columns: [at.column] };
  for (let i = here; i > 0; i -= 1) {
    const made = inside(trace[i], maps[i]); // padding is made of nothing
    trace[i - 1] = bothSides((side) => readAlong(made[side], layers[i - 1]));
  }
  for (let i = here; i < layers.length; i += 1) {
    const shape = outputShape(maps[i], layers[i]);
    trace[i + 1] = bothSides((side) => readersAlong(trace[i][side], shape[side], layers[i]));
  }
  return trace;
}

/** A weight is on one pixel for each output. */
function traceOfWeight({ row, column }, output, { stride, padding }) {
  const all = { rows: range(output.length), columns: range(output[0].length) };
  const under = (places, weight) => places.map((place) => place * stride + weight - padding);
  return [{ rows: under(all.rows, row), columns: under(all.columns, column) }, all];
}

/** Those rows and columns that aren't padding. */
export function inside({ rows, columns }, map) {
  const within = (places, count) => places.filter((place) => place >= 0 && place < count);
  return { rows: within(rows, map.length), columns: within(columns, map[0].length) };
}

const bothSides = (make) => ({ rows: make("rows"), columns: make("columns") });

// Controls

/** The options of a setting: {value, why}, where `why` says what is impossible about it. */
export function optionsOf(state, name) {
  const longest = Math.max(state.image.length, state.image[0].length);
  const values = OPTIONS[state.kernels][name] ?? [];
  const there = name === "size" ? values.filter((size) => size < longest).concat(longest) : values;
  return there.map((value) => ({ value, why: whyNot({ ...state, [name]: value }) }));
}

function whyNot({ image, size, kernel, stride, padding, kernels }) {
  let side = Math.min(size, image.length, image[0].length);
  for (let i = 0; i < kernels; i += 1) {
    const why = refusal(convSide, side, kernel, stride, padding);
    if (why) return why.replace(" with dilation=1", ""); // a setting that isn't here
    side = convSide(side, kernel, stride, padding);
  }
  return "";
}

export function presetOptions({ kernel, own }) {
  const options = Object.keys(PRESETS).map((value) => ({ value, why: whyNoPreset(value, kernel) }));
  return own[kernel] ? [...options, { value: "yours" }] : options;
}

/** A control was pressed. What is pinned stays pinned if it still exists, and the middle the middle. */
export function set(state, name, value) {
  const next = { ...state, [name]: value, changed: name, looked: null };
  return { ...next, pinned: pinnedAfter(state, next) };
}

function pinnedAfter({ pinned, ...before }, next) {
  if (pinned.kind === "kernel" && next.changed === "preset") return strongest(next);
  if (next.kernels === 2 && isSame(pinned, middleOf(before, pinned.kind))) return middleOf(next, pinned.kind);
  return clampPlace(pinned, shapeOf(pinned.kind, next));
}

const isSame = (one, other) =>
  one.kind === other?.kind && one.row === other.row && one.column === other.column;

// Pointer and keys

/** The rows and columns of a part: the image's padding has numbers below 0. */
export function shapeOf(kind, state) {
  if (kind === "kernel") return { rows: state.kernel, columns: state.kernel, first: 0 };
  const map = mapsOf(state)[kindsOf(state).indexOf(kind)];
  const first = kind === "output" ? 0 : -state.padding;
  return { rows: map.length - 2 * first, columns: map[0].length - 2 * first, first };
}

/** On the weight that is selected, the pointer shows nothing else. */
export function point(state, hit) {
  const at = hit && !isStep(hit) ? placeOf(hit) : null;
  return { ...state, looked: at?.kind === "kernel" && isSame(at, state.pinned) ? null : at };
}

export function pin(state, hit) {
  if (isStep(hit)) return weighted(state, state.pinned, hit[5]);
  return { ...state, pinned: placeOf(hit), looked: null, changed: null };
}

/** A key on one of the parts: arrows move; plus, minus and digits change a weight. */
export function move(state, kind, key) {
  if (key === "focus") return state; // what is kept stays, until an arrow key moves
  const at = state.pinned.kind === kind ? state.pinned : { kind, row: 0, column: 0 };
  const pinned = stepFrom(at, key, shapeOf(kind, state));
  const next = { ...state, looked: null, changed: null, pinned };
  return kind === "kernel" ? weighted(next, pinned, key) : next;
}

function weighted(state, at, key) {
  const weights = weightsOf(state);
  const changed = changeWeight(weights, at, key, MOST);
  if (changed === weights) return state;
  return { ...state, looked: null, preset: "yours", own: { ...state.own, [state.kernel]: changed } };
}
