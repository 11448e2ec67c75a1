// What can be chosen and pointed at in the explorer of max pooling, and who wins each window.

import { clampPlace, placeOf, stepFrom } from "../frame/selection.js";
import { poolSide, refusal } from "../frame/sizes.js";
import { range } from "../frame/svg.js";
import { outputShape, readersAlong, termsOf } from "../frame/windows.js";

const FIRST_SIZE = 7;
const PADDINGS = [0, 1];
const WINDOW = [
  [1, 1],
  [1, 1],
];

/** `data.image` is a list of rows: a piece of the nuclei image, or a learner's own. */
export function start({ image }) {
  const size = Math.min(FIRST_SIZE, longest(image));
  const state = { image, size, padding: 0, looked: null, changed: null };
  return { ...state, pinned: brightest(state) };
}

const longest = (image) => Math.max(image.length, image[0].length);

function brightest(state) {
  const values = winnersOf(state).flat();
  const { output } = values.reduce((best, one) => (one.value > best.value ? one : best));
  return { kind: "output", row: output[0], column: output[1] };
}

/** The part of the image that is pooled. */
export const mapOf = ({ image, size }) => image.slice(0, size).map((row) => row.slice(0, size));

/** The windows are those of a convolution with this layer's kernel and stride. */
export const layerOf = ({ padding }) => ({ weights: WINDOW, stride: 2, padding });

const known = new WeakMap(); // state -> its winners, which every cell asks for

/** For each pixel of the output, the pixel of the image that it is: {row, column, value, output}. */
export function winnersOf(state) {
  if (!known.has(state)) known.set(state, findWinners(state));
  return known.get(state);
}

function findWinners(state) {
  const { rows, columns } = outputShape(mapOf(state), layerOf(state));
  return range(rows).map((row) => range(columns).map((column) => winnerOf(state, row, column)));
}

/** Padding never wins; of equal pixels, the first does, as in PyTorch. */
function winnerOf(state, row, column) {
  const candidates = windowOf(state, row, column).filter(({ outside }) => !outside);
  const winner = candidates.reduce((best, one) => (one.value > best.value ? one : best));
  return { row: winner.row, column: winner.column, value: winner.value, output: [row, column] };
}

/** The four pixels of a window, as {row, column, value, outside}. */
export const windowOf = (state, row, column) => termsOf(mapOf(state), layerOf(state), row, column);

/** The output, {row, column}, whose window has a pixel of the image; null if none reaches it. */
export function readerOf(state, row, column) {
  const winners = winnersOf(state);
  const [down, along] = [
    readersAlong([row], winners.length, layerOf(state))[0],
    readersAlong([column], winners[0].length, layerOf(state))[0],
  ];
  return down === undefined || along === undefined ? null : { row: down, column: along };
}

// Controls

/** The options of a setting: {value, why}, where `why` says what is impossible about it. */
export function optionsOf(state, name) {
  const most = longest(state.image);
  const least = Math.min(FIRST_SIZE - 1, most);
  const values = name === "size" ? range(most - least + 1, least) : PADDINGS;
  return values.map((value) => ({ value, why: whyNot({ ...state, [name]: value }) }));
}

const whyNot = ({ image, size, padding }) =>
  refusal(poolSide, Math.min(size, image.length, image[0].length), 2, 2, padding);

/**
 * A control was pressed. What is pinned stays pinned if it still exists; padding, which adds an
 * output at the end, leaves the last one the last.
 */
export function set(state, name, value) {
  const next = { ...state, [name]: value, changed: name, looked: null };
  const pinned = name === "padding" && isLastOutput(state) ? { ...state.pinned, ...END } : state.pinned;
  return { ...next, pinned: clampPlace(pinned, shapeOf(pinned.kind, next)) };
}

const END = { row: Infinity, column: Infinity };

function isLastOutput(state) {
  const { rows, columns } = shapeOf("output", state);
  const { kind, row, column } = state.pinned;
  return kind === "output" && row === rows - 1 && column === columns - 1;
}

// Pointer and keys

/** The rows and columns of a part: the image's padding has numbers below 0. */
export function shapeOf(kind, state) {
  const map = kind === "image" ? mapOf(state) : winnersOf(state);
  const first = kind === "image" ? -state.padding : 0;
  return { rows: map.length - 2 * first, columns: map[0].length - 2 * first, first };
}

export const point = (state, hit) => ({ ...state, looked: hit ? placeOf(hit) : null });

export const pin = (state, hit) => ({ ...state, pinned: placeOf(hit), looked: null, changed: null });

export function move(state, kind, key) {
  if (key === "focus") return state; // what is kept stays, until an arrow key moves
  const at = state.pinned.kind === kind ? state.pinned : { kind, row: 0, column: 0 };
  const pinned = stepFrom(at, key, shapeOf(kind, state));
  return { ...state, looked: null, changed: null, pinned };
}
