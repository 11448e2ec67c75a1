// The picture of a receptive field: the image with a cross and the squares that are seen, and next
// to it, row by row, the ladder of the stages that lead there.

import { PHONE } from "../frame/phone.js";
import { selected } from "../frame/selection.js";
import { box, group, round, stop, tag, text } from "../frame/svg.js";
import { lengthOf, levelOf, placeOver, readBy } from "./fields.js";
import { ladder } from "./ladder.js";
import { readOf, sidesOf, stagesOf } from "./state.js";
import { nameOf } from "./words.js";

const HEADING = 40; // pixels, like all lengths below
const COUNTS = 20; // the line of numbers below the ladder
const WIDE = { width: 844, room: 1024 / 3, ladder: { x: 376, width: 466 } }; // 256 pixels are sharp in a still
const NARROW = { room: 290, between: 44, ladder: { x: 2, width: PHONE.width - 4 } };
const LOOK = { preserveAspectRatio: "none", "image-rendering": "pixelated" }; // in a still; smooth on a page
const HANDLE = 20; // what a finger takes the cross by: its radius
const [GAP, ARM] = [4, 10]; // of the cross: free in the middle, and each of its arms

export function fieldPicture(state, data, wide) {
  const layout = (wide ? wideLayout : narrowLayout)(data);
  const read = readOf(state, data);
  const named = {
    viewBox: `0 0 ${layout.width} ${Math.ceil(layout.height)}`,
    role: "group",
    "aria-label": describe(state, data, read),
  };
  return tag("svg", named, imageView(state, data, read, layout), ladder(state, data, read.rows, layout.ladder));
}

function describe(state, data, read) {
  const { stage, row, column } = selected(state);
  const value = stage === "out_conv" ? "one logit" : `one value of ${stage}`;
  return (
    `An image with a cross at row ${row}, column ${column}, dark but for the ${sidesOf(read).join(" by ")} ` +
    `pixels that ${value} depends on; and a ladder of the network's stages, from the image to ` +
    `${nameOf(stagesOf(data).at(-1))}, with the rows that each has to supply`
  );
}

function wideLayout({ rows, columns }) {
  const scale = WIDE.room / Math.max(rows, columns);
  const height = rows * scale;
  const image = { x: 2, y: HEADING, width: columns * scale, height, scale };
  const ladder = { ...WIDE.ladder, y: HEADING, height };
  return { width: WIDE.width, height: HEADING + height + COUNTS, image, ladder };
}

function narrowLayout({ rows, columns }) {
  const scale = Math.min(NARROW.room / rows, (PHONE.width - 4) / columns);
  const image = { x: 2, y: 2, width: columns * scale, height: rows * scale, scale };
  const y = image.y + image.height + NARROW.between;
  const height = PHONE.height - COUNTS - NARROW.room - NARROW.between - 2;
  return { width: PHONE.width, height: y + height + COUNTS, image, ladder: { ...NARROW.ladder, y, height } };
}

function imageView(state, data, read, { image, width }) {
  const { x, y, height } = image;
  const at = selected(state);
  const place = { x: round(x), y: round(y), width: round(image.width), height: round(height) };
  const heading = `image ${data.rows} × ${data.columns}`;
  return stop(
    "image",
    "image: arrow keys move the cross",
    image,
    width > PHONE.width && text(x, y - 12, heading, { class: "heading" }),
    tag("image", { href: data.image.href, ...place, ...LOOK }),
    group(
      { "data-pixels": `image:${data.rows},${data.columns}` },
      box(x, y, image.width, height, { class: "over" }),
      handle(at, image),
    ),
    group(
      { class: "marks" },
      shadow(read, image),
      otherSquares(at, data, image),
      square(read, image),
      cross(at, image),
    ),
  );
}

/** A finger that comes down here moves the cross; anywhere else, it scrolls the page. */
function handle({ row, column }, { x, y, width, height, scale }) {
  const radius = Math.min(HANDLE, width / 2, height / 2);
  const within = (place, length) => Math.max(radius, Math.min(length - radius, (place + 0.5) * scale));
  const [across, down] = [x + within(column, width), y + within(row, height)];
  return tag("circle", { class: "handle", "data-grip": "cross", cx: round(across), cy: round(down), r: round(radius) });
}

/** Where spans of rows and columns are in the picture. */
function placeOf(rows, columns, { x, y, scale }) {
  return [x + columns[0] * scale, y + rows[0] * scale, lengthOf(columns) * scale, lengthOf(rows) * scale];
}

function shadow({ rows, columns }, image) {
  const outer = rectangle(image.x, image.y, image.width, image.height);
  const inner = rectangle(...placeOf(rows.image, columns.image, image));
  return tag("path", { class: "shadow", "fill-rule": "evenodd", d: outer + inner });
}

const rectangle = (x, y, width, height) =>
  `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;

/** What the other stages see at this pixel; nothing while a stage is pointed at. */
function otherSquares({ stage, row, column, alone }, data, image) {
  const others = alone ? [] : stagesOf(data).filter((each) => each !== stage);
  const places = others.map((each) =>
    placeOf(readBy(each, row, data.rows).image, readBy(each, column, data.columns).image, image),
  );
  const d = [...new Set(places.map((place) => rectangle(...place)))].join("");
  return [tag("path", { class: "others halo", d }), tag("path", { class: "others", d })];
}

/** What the selected value sees, and how large that is. */
function square(read, image) {
  const place = placeOf(read.rows.image, read.columns.image, image);
  const [x, y, , height] = place;
  const above = y - 7 > image.y + 12;
  const label = above ? y - 7 : Math.min(y + height + 17, image.y + image.height - 7);
  return [
    box(...place, { class: "seen halo" }),
    box(...place, { class: "seen" }),
    text(x + 3, label, sidesOf(read).join(" × "), { class: "size" }),
  ];
}

function cross({ stage, row, column }, image) {
  const { x, y, scale } = image;
  const size = 2 ** levelOf(stage);
  const [first, left] = [row, column].map((pixel) => placeOver(pixel, stage) * size);
  const [across, down] = [x + (column + 0.5) * scale, y + (row + 0.5) * scale];
  const arms = [[1, 0], [-1, 0], [0, 1], [0, -1]].map(
    ([a, b]) => `M${round(across + GAP * a)} ${round(down + GAP * b)}l${ARM * a} ${ARM * b}`,
  );
  const d = arms.join("");
  return [
    size > 1 && box(...placeOf([first, first + size - 1], [left, left + size - 1], image), { class: "value" }),
    tag("path", { class: "cross halo", d }),
    tag("path", { class: "cross", d }),
  ];
}
