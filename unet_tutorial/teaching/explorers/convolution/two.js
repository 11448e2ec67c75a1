// Two convolutions in a row, as a DoubleConv has them: how far one output sees.
//
// All weights are 1, so that each number is the sum of the 3 × 3 numbers that it reads.

import { selected } from "../frame/selection.js";
import { frameAround, numberGrid } from "../frame/grid.js";
import { PHONE, SMALLEST } from "../frame/phone.js";
import { counted, isShort, short, sizeOf } from "../frame/short.js";
import { group, tag, text } from "../frame/svg.js";
import { inside, kindsOf, layersOf, mapsOf, shapeOf, traceOf } from "./state.js";

const TITLES = { image: "image", middle: "first output", output: "second output" };
const SHORT_TITLES = { ...TITLES, middle: "first", output: "second" };
const MADE_OF = { middle: "sums of 3 × 3 pixels", output: "sums of those" };
const GAP = 20;
const NOTE = 22;
const HEADING = 28;
const MOST = 44; // pixels; the side of a cell
const TITLE = { wide: 170, narrow: 90 }; // pixels; the room that a heading needs

export function twoPicture(state, wide) {
  const width = wide ? 844 : PHONE.width;
  const places = placesOf(state, wide, width);
  const trace = traceOf(state, selected(state));
  const height = Math.max(...Object.values(places).map(({ bottom }) => bottom)) + NOTE + 4;
  const [image, middle, output] = mapsOf(state).map(sizeOf);
  const name =
    `Two convolutions with 3 × 3 kernels in a row: an image of ${image} pixels, ${middle} sums, ` +
    `and ${output} sums of those. What one output reads is marked in each`;
  return tag(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": name },
    kindsOf(state).map((kind, i) => mapGrid(state, { kind, i, wide, place: places[kind], lit: trace[i] })),
  );
}

/** From left to right, and on to the next line where there is no room. */
function placesOf(state, wide, width) {
  const side = Math.min(MOST, (wide ? wideSide : narrowSide)(state, width));
  const needed = wide ? TITLE.wide : TITLE.narrow;
  let [x, y, bottom] = [2, HEADING, 0];
  const entries = kindsOf(state).map((kind) => {
    const { rows, columns } = shapeOf(kind, state);
    const across = Math.max(columns * side, needed);
    if (x + across > width) [x, y] = [2, bottom + HEADING + NOTE + 8];
    const place = { x, y, side, bottom: y + rows * side };
    bottom = Math.max(bottom, place.bottom);
    x += across + GAP;
    return [kind, place];
  });
  return Object.fromEntries(entries);
}

function wideSide(state, width) {
  const columns = kindsOf(state).map((kind) => shapeOf(kind, state).columns);
  return (width - 4 - 2 * GAP) / columns.reduce((sum, count) => sum + count);
}

/** On a phone, both outputs are side by side below the image, if a finger can hit their cells. */
function narrowSide(state, width) {
  const [image, middle, output] = kindsOf(state).map((kind) => shapeOf(kind, state));
  const nextTo = (width - 4 - GAP) / (middle.columns + output.columns);
  const high = (PHONE.height - 2 * (HEADING + NOTE) - 12) / (image.rows + middle.rows);
  return Math.max(SMALLEST, Math.min(high, nextTo, (width - 4) / image.columns));
}

function mapGrid(state, { kind, i, wide, place, lit }) {
  const map = mapsOf(state)[i];
  const shape = shapeOf(kind, state);
  const most = Math.max(...map.flat().map(Math.abs)) || 1;
  const cell = (row, column) => {
    const value = map[row]?.[column];
    return {
      words: short(value ?? 0),
      shade: Math.abs(value ?? 0) / most,
      lit: lit.rows.includes(row) && lit.columns.includes(column),
      outside: value === undefined,
    };
  };
  const padded = kind !== "output" && state.padding ? ", padded" : "";
  const title = `${(wide ? TITLES : SHORT_TITLES)[kind]} ${sizeOf(map)}${padded}`;
  return group(
    {},
    numberGrid(kind, { title }, shape, place, cell),
    frameAround(lit, shape, place),
    MADE_OF[kind] && text(place.x, place.bottom + NOTE - 4, MADE_OF[kind], { class: "quiet" }),
  );
}

// The sentence

export function twoSentence(state) {
  const at = selected(state);
  return { image: ofPixel, middle: ofSum, output: ofOutput }[at.kind](state, at);
}

const times = ({ rows, columns }) => `${rows.length} × ${columns.length}`;

const product = ({ rows, columns }) => rows.length * columns.length;

function ofOutput(state, at) {
  const [maps, trace] = [mapsOf(state), traceOf(state, at)];
  const [image, middle] = [0, 1].map((i) => inside(trace[i], maps[i]));
  const field = layersOf(state).reduce((side, { weights }) => side + weights.length - 1, 1);
  const rest = product(image) < field ** 2 ? ` The rest of its ${field} × ${field} is padding.` : "";
  return (
    `This ${number(maps[2][at.row][at.column])} adds up ${times(middle)} sums, and they read ` +
    `<b>${times(image)}</b> pixels of the image.${rest}`
  );
}

const number = (value) => `${isShort(value) ? "" : "≈ "}<b>${short(value)}</b>`;

function ofSum(state, at) {
  const [maps, trace] = [mapsOf(state), traceOf(state, at)];
  const value = maps[1][at.row]?.[at.column];
  const count = product(trace[2]);
  const read = `${counted(count)} ${count === 1 ? "output reads" : "outputs read"} it`;
  if (value === undefined) return `This 0 is padding between the two convolutions; ${read}.`;
  const pixels = inside(trace[0], maps[0]);
  return `This ${number(value)} is the sum of <b>${times(pixels)}</b> pixels, and ${read}.`;
}

function ofPixel(state, at) {
  const [maps, trace] = [mapsOf(state), traceOf(state, at)];
  const value = maps[0][at.row]?.[at.column];
  const it = value === undefined ? "This 0 is padding. It" : "This pixel";
  const [sums, outputs, all] = [product(trace[1]), product(trace[2]), maps[2].flat().length];
  return (
    `${it} is part of <b>${counted(sums)}</b> ${sums === 1 ? "sum" : "sums"}, and so of ` +
    `${someOf(outputs, all)}.`
  );
}

function someOf(count, all) {
  if (all === 1) return "the <b>one</b> second output";
  if (count === all) return `<b>all ${counted(all)}</b> second outputs`;
  return `<b>${counted(count)}</b> of the ${counted(all)} second outputs`;
}
