// The last transposed convolution of a trained network, on a patch of an image.

import { selected } from "../frame/selection.js";
import { PHONE } from "../frame/phone.js";
import { box, group, range, stop, tag, text, tile } from "../frame/svg.js";

const WIDE = {
  width: 844,
  height: 352,
  features: { x: 2, y: 28, side: 144 },
  weight: { x: 2, y: 216, side: 128 },
  pixel: { x: 196, y: 28, side: 306 },
  after: { x: 536, y: 28, side: 306, title: "after the double convolution" },
};
const NARROW = {
  width: PHONE.width,
  height: 466,
  features: { x: 2, y: 28, side: 108 },
  weight: { x: 124, y: 28, side: 108 },
  after: { x: 246, y: 28, side: 108, title: "DoubleConv" },
  pixel: { x: 2, y: 174, side: 288 },
};
const LIGHT = 120; // greys from which on ink is dark

export function trainedPicture(state, data, wide) {
  const layout = wide ? WIDE : NARROW;
  const at = selected(state);
  const name = "Four maps of the trained network: input, stamp, sheet, and what the convolutions make of it";
  return tag(
    "svg",
    { viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": name },
    featuresView(data, layout.features),
    stampGrid(state, data, at, layout.weight),
    sheetView(state, data, at, layout.pixel),
    afterView(data, layout.after),
    marks(at, data.side, layout),
  );
}

function featuresView(data, place) {
  const from = { x: 0, y: data.tops.ink, side: data.side / 2 };
  const title = `input (1 of ${data.inChannels})`;
  return keyed(
    "features",
    title,
    place,
    view("features", title, from.side, tile(data.atlas, from, place), place),
  );
}

/** The sheet; or the quarter of it that one weight has drawn, its pixels twice as large. */
function sheetView(state, data, at, place) {
  const alone = at?.kind === "weight";
  const strip = alone ? `quarter${at.row}${at.column}` : "sheet";
  const side = alone ? data.side / 2 : data.side;
  const from = { x: state.channel * side, y: data.tops[strip], side };
  const title = alone ? "the quarter that this weight draws" : "the sheet: every pixel stamped once";
  return keyed("pixel", title, place, view("pixel", title, data.side, tile(data.atlas, from, place), place));
}

function afterView(data, place) {
  const from = { x: 0, y: data.tops.after, side: data.side };
  return view("after", place.title, data.side, tile(data.atlas, from, place), place);
}

const view = (kind, title, pixels, picture, { x, y, side }) => [
  text(x, y - 12, title, { class: "heading" }),
  picture,
  box(x, y, side, side, { class: "over", "data-pixels": `${kind}:${pixels}` }),
];

const keyed = (kind, title, { x, y, side }, parts) =>
  stop(kind, `${title}: arrow keys move`, { x, y, width: side }, parts);

/** What the average pixel stamps: four numbers, as light as the sheet shows them. */
function stampGrid(state, data, at, { x, y, side }) {
  const [numbers, shades] = [data.stamps[state.channel], data.shades[state.channel]];
  const lit = weightUnder(at)?.join();
  const cells = range(4).map((i) => {
    const [u, v] = [i >> 1, i & 1];
    const place = { x: x + (v * side) / 2, y: y + (u * side) / 2, side: side / 2 };
    const cell = stampCell(numbers[u][v], shades[u][v], place, lit === `${u},${v}`);
    return group({ "data-hit": `weight:${u},${v}` }, cell);
  });
  const heading = text(x, y - 12, "average stamp", { class: "heading" });
  return keyed("weight", "stamp of the average pixel", { x, y, side }, [heading, cells]);
}

export const decimal = (number) => number.toFixed(2).replace("-", "−");

function stampCell(number, shade, { x, y, side }, lit) {
  const grey = Math.round(255 * shade);
  const ink = `fill:${grey > LIGHT ? "#1b2733" : "#fff"}`;
  return [
    box(x, y, side, side, { fill: `rgb(${grey},${grey},${grey})` }),
    text(x + side / 2, y + side / 2 + 5, decimal(number), { class: "middle", style: ink }),
    lit && box(x + 2, y + 2, side - 4, side - 4, { class: "mark" }),
  ];
}

const weightUnder = (at) =>
  at && { weight: [at.row, at.column], pixel: [at.row & 1, at.column & 1] }[at.kind];

/** The same place in every picture. */
function marks(at, pixels, layout) {
  if (!at || at.kind === "weight") return "";
  const isCoarse = at.kind === "features";
  const mark = (kind, count, row, column, span = 1) => {
    const { x, y, side } = layout[kind];
    const unit = side / count;
    const length = span * unit + 4;
    return box(x + column * unit - 2, y + row * unit - 2, length, length, { class: "mark" });
  };
  const [row, column] = isCoarse ? [at.row, at.column] : [at.row >> 1, at.column >> 1];
  const fine = isCoarse ? [2 * at.row, 2 * at.column, 2] : [at.row, at.column];
  return [
    mark("features", pixels / 2, row, column),
    mark("pixel", pixels, ...fine),
    mark("after", pixels, ...fine),
  ];
}
