// What can be chosen and pointed at: the threshold, a pixel, a bar, and how pieces are split.

import { readPng } from "../frame/png.js";
import { range } from "../frame/svg.js";

export const FIRST = "watershed"; // the scene that is shown where nothing says which
export const SMOOTHINGS = [0, 1, 2, 3];
export const DISTANCES = [3, 5, 7, 9];
const HOPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const HOP = 4; // pixels that an arrow key moves on the image
const TURNS = { ArrowLeft: -1, ArrowDown: -1, "-": -1, ArrowRight: 1, ArrowUp: 1, "+": 1, "=": 1 };

export const sceneOf = (data) => data.scenes[data.scene ?? FIRST];

/** Unpacks the pixels of the scene that is shown. Until then, images can't be pointed at. */
export async function prepare(data) {
  const key = data.scene ?? FIRST;
  const scene = data.scenes[key];
  const [values, maps] = await Promise.all(
    [scene.values, scene.maps].map((file) => file && readPng(file.href)),
  );
  const pixels = { values: values.pixels, maps: maps ? layersOf(maps, scene) : [] };
  return { ...data, scenes: { ...data.scenes, [key]: { ...scene, pixels } } };
}

/** The maps lie row by row below one another: the first rows of all, then the second ones. */
const layersOf = ({ pixels }, { maps: { count }, width, height }) =>
  range(count).map((layer) => {
    const map = new Uint16Array(width * height);
    for (let row = 0; row < height; row += 1) {
      const from = (row * count + layer) * width;
      map.set(pixels.subarray(from, from + width), row * width);
    }
    return map;
  });

export const start = (data) => ({
  at: sceneOf(data).start, // which threshold
  split: false,
  smoothing: SMOOTHINGS[0],
  distance: DISTANCES[0],
  pinned: null, // {kind: "image", row, column}
  looked: null, // or {kind: "bar", bar}
  cut: true, // whether the threshold was moved last, and not the pixel
});

/** How many thresholds there are: one fewer than bars. */
export const thresholdsOf = (scene) => scene.bars.length - 1;

/** A threshold as it is written. */
export const thresholdAt = ({ low, step, digits }, at) => (low + at * step).toFixed(digits).replace("-", "−");

/** Which of the splits is shown, or −1. */
export const splitOf = ({ split, smoothing, distance }) =>
  split ? SMOOTHINGS.indexOf(smoothing) * DISTANCES.length + DISTANCES.indexOf(distance) : -1;

/** The watershed splits the mask of the first threshold: moving the threshold ends it. */
export function set(state, name, value, data) {
  const at = sceneOf(data).start;
  const fresh = { ...state, looked: null, cut: true };
  if (name === "split")
    return { ...fresh, split: value === "watershed", at: value === "watershed" ? at : state.at };
  return { ...fresh, [name]: value, split: true, at };
}

export const point = (state, hit) => ({ ...state, looked: hit ? placeOf(hit) : null });

function placeOf(hit) {
  const [kind, place] = hit.split(":");
  const [row, column] = place.split(",").map(Number);
  return kind === "bar" ? { kind, bar: row } : { kind, row, column };
}

/** A click on the image keeps a pixel, and on the same one, gives it up; one on the bars cuts there. */
export function pin(state, hit, data) {
  const place = placeOf(hit);
  if (place.kind === "line") return cut(state, ((place.column + 1) >> 1) - 1, data);
  if (place.kind === "bar") return cut(state, place.bar - 1, data);
  return { ...state, pinned: isSame(state.pinned, place) ? null : place, looked: null, cut: false };
}

const isSame = (one, other) => one?.row === other.row && one?.column === other.column;

function cut(state, to, data) {
  const at = Math.max(0, Math.min(thresholdsOf(sceneOf(data)) - 1, to));
  if (at === state.at && state.cut && !state.looked) return state;
  return { ...state, at, split: state.split && at === state.at, looked: null, cut: true };
}

export function move(state, kind, key, data) {
  if (key === "focus") return state;
  if (kind === "line") {
    const ends = { Home: 0, End: Infinity };
    return cut(state, ends[key] ?? state.at + (TURNS[key] ?? 0), data);
  }
  return movePixel(state, key, sceneOf(data));
}

function movePixel(state, key, { width, height }) {
  const { row, column } = state.pinned ?? { row: height >> 1, column: width >> 1 };
  const fresh = { ...state, looked: null, cut: false };
  if (!state.pinned || !HOPS[key]) return { ...fresh, pinned: { kind: "image", row, column } };
  const [down, right] = HOPS[key].map((part) => part * HOP);
  const within = (place, count) => Math.max(0, Math.min(count - 1, place));
  const pinned = { kind: "image", row: within(row + down, height), column: within(column + right, width) };
  return { ...fresh, pinned };
}

/** What the pointer is on, or the pixel that was kept. */
export const selected = ({ looked, pinned }) => looked ?? pinned;

/** The bar of the selected pixel, or the one that is pointed at; null if there is none. */
export function barOf(state, { pixels, width }) {
  const at = selected(state);
  if (at?.kind === "bar") return at.bar;
  return at?.kind === "image" && pixels ? pixels.values[at.row * width + at.column] : null;
}
