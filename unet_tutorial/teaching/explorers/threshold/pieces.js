// Pieces of the mask and true nuclei, as sets of pixels and as outlines.

import { splitOf } from "./state.js";

/**
 * The piece that has a pixel, or null where there's none: {pixels, area, holds, touches, best}.
 * `holds` lists the nuclei of which it has more than half of what the mask has; `best` is the
 * nucleus with the largest IoU, {nucleus, iou}.
 */
export function pieceAt(state, scene, { row, column }) {
  const { pixels, width } = scene;
  const first = row * width + column;
  const isIn = insideOf(state, scene, first);
  if (!pixels || !isIn(first)) return null;
  const found = flood(first, isIn, scene);
  return { pixels: found, area: found.length, ...(scene.nuclei && compare(found, state, scene)) };
}

/** Which pixels belong together: of one number after a watershed, or else of the mask. */
function insideOf(state, { pixels }, first) {
  const split = splitOf(state);
  if (split < 0) return (i) => pixels.values[i] > state.at;
  const map = pixels.maps[1 + split];
  return (i) => map[i] > 0 && map[i] === map[first];
}

/** The pixels that can be reached from one of them, along the edges of pixels. */
export function flood(first, isIn, { width, height }) {
  const seen = new Uint8Array(width * height);
  const found = [first];
  seen[first] = 1;
  const visit = (i, isThere) => {
    if (!isThere || seen[i] || !isIn(i)) return;
    seen[i] = 1;
    found.push(i);
  };
  for (const i of found) {
    visit(i - 1, i % width > 0);
    visit(i + 1, i % width < width - 1);
    visit(i - width, i >= width);
    visit(i + width, i < width * (height - 1));
  }
  return found;
}

function compare(found, state, scene) {
  const { values, maps } = scene.pixels;
  const truth = maps[0];
  const shared = countBy(found, truth);
  const [areas, inMask] = areasOf(scene, state.at, values, truth);
  const touches = Object.keys(shared).map(Number);
  const ious = touches.map((nucleus) => ({
    nucleus,
    iou: shared[nucleus] / (found.length + areas[nucleus] - shared[nucleus]),
  }));
  const holds = touches.filter((nucleus) => 2 * shared[nucleus] > inMask[nucleus]);
  const best = ious.reduce((most, one) => (one.iou > (most?.iou ?? 0) ? one : most), null);
  return { holds, touches, best };
}

function countBy(found, truth) {
  const counts = {};
  for (const i of found) if (truth[i]) counts[truth[i]] = (counts[truth[i]] ?? 0) + 1;
  return counts;
}

/** For each nucleus, its pixels, and those of them that are in the mask. */
function areasOf({ nuclei }, at, values, truth) {
  const [areas, inMask] = [new Uint32Array(nuclei + 1), new Uint32Array(nuclei + 1)];
  for (let i = 0; i < truth.length; i += 1) {
    areas[truth[i]] += 1;
    if (values[i] > at) inMask[truth[i]] += 1;
  }
  return [areas, inMask];
}

// Paths

/** The lines between pixels of different numbers, as a path, with those at the image's edge. */
export function outlines(map, { width, height }) {
  const parts = [];
  const at = (row, column) =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : map[row * width + column];
  for (let row = 0; row <= height; row += 1) {
    runs(
      width,
      (i) => at(row - 1, i) !== at(row, i),
      (i, length) => parts.push(`M${i} ${row}h${length}`),
    );
  }
  for (let column = 0; column <= width; column += 1) {
    runs(
      height,
      (i) => at(i, column - 1) !== at(i, column),
      (i, length) => parts.push(`M${column} ${i}v${length}`),
    );
  }
  return parts.join("");
}

function runs(count, isOn, add) {
  for (let i = 0; i < count; i += 1) {
    const first = i;
    while (i < count && isOn(i)) i += 1;
    if (i > first) add(first, i - first);
  }
}

/** Pixels as a path to fill: a bar for each run along a row. */
export function area(pixels, { width }) {
  const parts = [];
  const sorted = Uint32Array.from(pixels).sort();
  for (let i = 0; i < sorted.length;) {
    const first = sorted[i];
    let length = 1;
    while (sorted[i + length] === first + length && (first + length) % width) length += 1;
    parts.push(`M${first % width} ${Math.floor(first / width)}h${length}v1h-${length}z`);
    i += length;
  }
  return parts.join("");
}
