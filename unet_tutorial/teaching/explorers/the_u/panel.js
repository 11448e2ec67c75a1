// What is open: the mask with what a cut has changed, or the maps of one level, both ways.

import { box, group, range, stop, tag, text, written } from "../frame/svg.js";
import { mapTile, mark, maskTiles } from "./maps_picture.js";
import { ALL_ON, offLevels } from "./maps_state.js";
import { decoderAt, encoderAt, LEVELS, levelOf } from "./u.js";

const COLUMNS = 4;

/** One stop of the Tab key, whatever is open. */
export function panel(state, data, { panel: place }) {
  const isMask = state.open === "out_conv";
  const [label, room, parts] = isMask ? maskPanel(state, data, place) : mapsPanel(state, data, place);
  return stop("open", `${label}: arrow keys move the mark`, room, parts);
}

const listed = (items) => items.join(", ").replace(/, ([^,]*)$/, " and $1");

export function nameOfCut(on) {
  const off = offLevels(on);
  if (!off.length) return "with all skips";
  if (off.length === LEVELS) return "without any skip";
  return `without ${off.length > 1 ? "skips" : "skip"} ${listed(off)}`;
}

const isMarked = ({ at }) => at.kind === "map";

function maskPanel(state, data, { x, y, side, words }) {
  const place = { x, y, side };
  const parts = [
    text(x, y - 10, `mask ${nameOfCut(state.on).replace("skips ", "").replace(" and", ",")}`, { class: "heading" }),
    maskTiles(state, data, place),
    outline(data, place),
    pointable("mask", data.side, place),
    group({}, words ? rightOfMask(state, data, words) : belowMask(state, data, place)),
    isMarked(state) && mark(state, data, data.side, place),
  ];
  return ["The mask", { x, y, width: side }, parts];
}

const hasTruth = ({ truth, changes }) => truth !== false && changes[ALL_ON].dice !== undefined;

function outline(data, { x, y, side }) {
  const scale = `translate(${x} ${y}) scale(${side / data.side})`;
  const d = hasTruth(data) ? data.outline : "";
  return group({ transform: scale, class: "expert" }, tag("path", { d }), tag("path", { class: "dashes", d }));
}

function scoreWords(on, data) {
  if (!hasTruth(data)) return "";
  const [before, now] = [ALL_ON, on].map((each) => data.changes[each].dice.toFixed(2));
  return on === ALL_ON ? `Dice ${now}` : `Dice ${before} → ${now}`;
}

/** What the line is, or the pixels that a cut has changed. */
function belowMask({ on }, data, { x, y, side }) {
  const bottom = y + side + 20;
  const line = hasTruth(data) ? "The dashed line is the expert's outline." : "What is brighter is foreground.";
  const room = { y: bottom - 12, turn: x + side * 0.5, long: side * 0.2 };
  return [
    text(x + side, y - 10, scoreWords(on, data), { class: "end" }),
    on === ALL_ON ? text(x, bottom, line, { class: "quiet" }) : changeBars(data.changes[on], data, room),
  ];
}

/** The same to the right of the mask, on a phone. */
function rightOfMask({ on }, data, { x, y }) {
  const line = hasTruth(data) ? ["dashed line:", "expert's outline"] : ["brighter:", "foreground"];
  const { gained, lost } = data.changes[on];
  const words = on === ALL_ON ? line : [`${written(gained)} gained`, `${written(lost)} lost`];
  const colours = ["gained", "lost"].map((name, i) => box(x, y + 32 + 22 * i, 10, 10, { class: name }));
  return [
    text(x, y + 18, scoreWords(on, data)),
    words.map((each, i) => text(x + (on === ALL_ON ? 0 : 16), y + 42 + 22 * i, each)),
    on !== ALL_ON && colours,
  ];
}

/** Lost to the left, gained to the right, each with its number: no legend. */
function changeBars({ gained, lost }, { changes }, { y, turn, long }) {
  const most = Math.max(1, changes[ALL_ON].pixels);
  const lengthOf = (count) => (long * Math.min(count, most)) / most;
  return group(
    {},
    box(turn - lengthOf(lost), y, lengthOf(lost), 16, { class: "lost" }),
    box(turn, y, lengthOf(gained), 16, { class: "gained" }),
    text(turn - lengthOf(lost) - 6, y + 13, `${written(lost)} lost`, { class: "end" }),
    text(turn + lengthOf(gained) + 6, y + 13, `${written(gained)} gained`),
    tag("path", { class: "flow", d: `M${turn} ${y - 4}V${y + 20}` }),
  );
}

function mapsPanel(state, data, place) {
  const level = levelOf(state.open);
  const find = (wanted) => data.blocks.find(({ name }) => name === wanted);
  const rows = [encoderAt(level), level < LEVELS && decoderAt(level)].filter(Boolean).map(find);
  const room = { ...place, width: COLUMNS * place.map + 12, height: rows.length * place.high - 26 };
  const parts = rows.map((block, way) => mapsOf(block, way, state, data, place));
  return [`Maps of level ${level}`, room, parts];
}

function mapsOf(block, way, state, data, place) {
  const count = Math.min(block.shown, COLUMNS * place.rows);
  const places = range(count).map((i) => placeOfMap(i, way, place));
  return group(
    {},
    mapsTitle(block, way, count, place.x, place.y + way * place.high - 9),
    places.map((at, i) => [mapTile(block, i, state, data, at), pointable(`map${way}${i}`, block.side, at)]),
    isMarked(state) && places.map((at) => mark(state, data, block.side, at)), // last: not always there
  );
}

const placeOfMap = (i, way, { x, y, map, high }) => ({
  x: x + (i % COLUMNS) * (map + 4),
  y: y + way * high + Math.floor(i / COLUMNS) * (map + 4),
  side: map,
});

const pointable = (kind, pixels, { x, y, side }) =>
  box(x, y, side, side, { class: "over", "data-pixels": `${kind}:${pixels}` });

function mapsTitle({ name, channels }, way, count, x, y) {
  const where = name === "down4" ? "at the bottom" : way ? "on the way up" : "on the way down";
  const which = channels > count ? `${count} of its ${channels} maps` : `its ${channels} maps`;
  const heading = tag("tspan", { class: "heading" }, where);
  return tag("text", { x, y }, heading, tag("tspan", { class: "quiet" }, `  ${name}, ${which}`));
}
