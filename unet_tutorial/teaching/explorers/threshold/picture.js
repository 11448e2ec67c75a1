// The picture: an image with its mask, and the chart with the threshold.

import { box, group, stop, tag, text } from "../frame/svg.js";
import { chartView } from "./chart.js";
import { barFilter, brightFilter, outlineFilter } from "./filters.js";
import { area, outlines, pieceAt } from "./pieces.js";
import { layoutOf } from "./places.js";
import { sceneOf, selected, splitOf, thresholdAt } from "./state.js";

const THICK = 1.5; // pixels on the page
const BLACK = 0.6;
const SMALL = 2; // pixels on the page; a pixel of the image that is hard to see by itself

export function thresholdPicture(state, data, wide) {
  const scene = sceneOf(data);
  const layout = layoutOf(scene, wide);
  const parts = [
    imageView(state, scene, layout.image, layout.scrolls),
    chartView(state, scene, layout.chart),
  ];
  const named = { role: "group", "aria-label": nameOf(scene) };
  const svg = (width, height, about, ...within) =>
    tag("svg", { viewBox: `0 0 ${width} ${height}`, ...about }, within);
  if (!layout.scrolls) return svg(layout.width, layout.height, named, parts);
  const { width, height, y } = layout.image;
  const size = { style: `width: ${width}px` };
  return tag(
    "div",
    named,
    tag("div", { class: "strip" }, svg(width, height + y + 2, size, parts[0])),
    svg(layout.width, layout.height, {}, parts[1]),
  );
}

function nameOf({ name, nuclei }) {
  const [expert, dice] = nuclei ? [" and of the expert's nuclei", ", the Dice at every threshold,"] : ["", ""];
  return (
    `An image with the outline of its mask${expert}, and below it how often ` +
    `each ${name} occurs${dice} and the threshold as a line to drag`
  );
}

// Parts are groups, so that each keeps its place in the tree.

function imageView(state, scene, place, isShort) {
  const { x, y, width, height } = place;
  const window = { x, y, width, height, viewBox: `0 0 ${scene.width} ${scene.height}`, class: "tile" };
  return stop(
    "image",
    "image: arrow keys move a pixel",
    place,
    text(x, 14, titleOf(state, scene, isShort), { class: "quiet" }),
    tag(
      "svg",
      window,
      base(scene),
      truthLines(scene),
      maskLines(state, scene, place),
      lit(state, scene, place),
    ),
    group(
      {},
      marksOf(state, scene).map((mark) => numberOn(mark, place)),
    ),
    group({}, cursor(state, scene, place)),
    box(x, y, width, height, { class: "over", "data-pixels": `image:${scene.height},${scene.width}` }),
  );
}

function titleOf(state, scene, isShort) {
  const above = isShort ? "" : `, ${scene.name} above ${thresholdAt(scene, state.at)}`;
  const mask = splitOf(state) < 0 ? `the mask${above}` : "the pieces of the watershed";
  const thick = isBar(state) ? "the pixels of this bar" : scene.nuclei ? `thick: ${mask}` : mask;
  if (!scene.nuclei) return thick;
  const numbers = scene.pieces && !isBar(state) ? "; number: nuclei in a piece, if not one" : "";
  return `${thick}; thin: the expert's nuclei${numbers}`;
}

const whole = ({ width, height }, { href }) => tag("image", { href, width, height });

/** The picture of the levels, as a filter makes it. */
const filtered = (scene, made) => [
  made,
  group({ filter: `url(#${made.named.id})` }, whole(scene, scene.values)),
];

/** The image; or the levels, made brighter. */
function base(scene) {
  if (scene.image) return group({}, whole(scene, scene.image));
  return group({}, filtered(scene, brightFilter(darkLevel(scene), scene.bars.length - 1)));
}

/** As in other images here, so many of the pixels are black. */
function darkLevel({ bars, width, height }) {
  let pixels = 0;
  return bars.findIndex((count) => (pixels += count) > BLACK * width * height);
}

const drawn = new WeakMap(); // map -> its outlines

function linesOf(map, scene, named) {
  if (!map) return "";
  if (!drawn.has(map)) drawn.set(map, outlines(map, scene));
  return tag("path", { d: drawn.get(map), ...named });
}

const truthLines = (scene) =>
  group({}, scene.nuclei && linesOf(scene.pixels?.maps[0], scene, { class: "truth" }));

const isBar = (state) => selected(state)?.kind === "bar";

/** The mask's outline, or the watershed's; away while it would hide the pixels of a bar. */
function maskLines(state, scene, { scale }) {
  if (isBar(state)) return group({});
  const split = splitOf(state);
  if (split >= 0) return group({}, linesOf(scene.pixels?.maps[1 + split], scene, { class: "piece-lines" }));
  return group(
    {},
    filtered(scene, outlineFilter(state.at, Math.max(1, Math.round((10 * THICK) / scale) / 10))),
  );
}

/** What is pointed at: a piece with its nuclei, or the pixels of a bar. */
function lit(state, scene, { scale }) {
  const at = selected(state);
  const piece = scene.pieces && at?.kind === "image" ? pieceOf(state, scene) : null;
  if (piece)
    return group({}, tag("path", { class: "piece", d: area(piece.pixels, scene) }), nucleiOf(piece, scene));
  return group({}, isBar(state) && filtered(scene, barFilter(at.bar, scale < SMALL ? 1 : 0)));
}

function nucleiOf({ holds, touches, best }, scene) {
  if (!scene.nuclei || !touches.length) return "";
  const shown = new Set(holds.length ? holds : [best.nucleus]);
  const only = scene.pixels.maps[0].map((nucleus) => (shown.has(nucleus) ? nucleus : 0));
  return tag("path", { class: "nucleus", d: outlines(only, scene) });
}

const pieces = new WeakMap(); // state -> the piece that is pointed at

/** The selected piece; worked out once for picture and sentence. */
export function pieceOf(state, scene) {
  if (!scene.pixels) return null;
  if (!pieces.has(state)) pieces.set(state, pieceAt(state, scene, selected(state)));
  return pieces.get(state);
}

/** Of each piece that doesn't hold exactly one nucleus: how many it holds. */
function marksOf(state, scene) {
  if (isBar(state)) return [];
  const split = splitOf(state);
  return (split < 0 ? scene.pieces?.[state.at] : scene.splits[split])?.[4] ?? [];
}

function numberOn([row, column, holds], { x, y, width, height, scale }) {
  const within = (at, most) => Math.max(9, Math.min(most - 9, at));
  const [left, top] = [x + within((column + 0.5) * scale, width), y + within((row + 0.5) * scale, height)];
  return group(
    { class: "holds" },
    tag("circle", { cx: Math.round(left), cy: Math.round(top), r: 8.5 }),
    text(left, top + 4.5, holds, { class: "number middle", "font-size": 13 }),
  );
}

function cursor(state, scene, { x, y, scale }) {
  const at = selected(state);
  if (at?.kind !== "image") return "";
  const side = Math.max(scale, 5);
  const [left, top] = [at.column, at.row].map((place) => (place + 0.5) * scale - side / 2);
  return box(x + left, y + top, side, side, { class: "here" });
}
