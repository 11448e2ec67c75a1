// The U, drawn with what its blocks really return, and what is open next to it.

import { box, group, range, stop, tag, text, tile } from "../frame/svg.js";
import { panel } from "./panel.js";
import { layoutFor, skipOf, squareOf } from "./places.js";
import { ALL_ON, isOn, isTouched, offLevels, openSide } from "./maps_state.js";
import { decoderAt, encoderAt, isUp, LEVELS, levelOf, readBy } from "./u.js";

const LABEL = "A U-Net whose blocks are their own feature maps of a patch";

export function mapsPicture(given, data, wide) {
  const layout = layoutFor(wide);
  const state = { ...given, at: given.looked ?? given.kept };
  const viewBox = `0 0 ${layout.width} ${layout.height}`;
  const named = { viewBox, role: "group", "aria-label": labelOf(state) };
  return tag(
    "svg",
    named,
    flow(data, layout),
    blocks(state, data, layout),
    skips(state, layout),
    panel(state, data, layout),
    marksInU(state, data, layout),
  );
}

function labelOf({ on }) {
  const off = offLevels(on);
  const skips = off.length ? `without the skips of level ${off.join(", ")}` : "with all four skips";
  return `${LABEL}, ${skips}; next to it, the mask`;
}

function blocks(state, data, layout) {
  const bottom = squareOf("down4", layout);
  const room = { x: 4, y: 6, width: 2 * layout.middle - 8, height: bottom.y + bottom.side - 2 };
  const [first, ...others] = data.blocks;
  const inOrder = [first, others.at(-1), ...others.slice(0, -1)];
  const squares = inOrder.map((block) => blockSquare(block, state, data, layout));
  const label = "The blocks of the U: arrow keys walk along it";
  return stop("blocks", label, room, imageSquare(data, layout), squares);
}

/** The path of the data, from the image down and up again to the mask. */
function flow({ blocks: all }, layout) {
  const centre = ({ x, y, side }) => `${x + side / 2} ${y + side / 2}`;
  const stops = [layout.image, ...all.map(({ name }) => squareOf(name, layout))];
  return tag("path", { class: "flow", d: `M${stops.map(centre).join("L")}` });
}

function imageSquare({ maps, imageTop, side }, { image }) {
  return group(
    {},
    text(image.x + image.side / 2, image.y - 8, "image", { class: "name middle" }),
    tile(maps, { x: 0, y: imageTop, side }, image),
  );
}

function blockSquare(block, state, data, layout) {
  const { name } = block;
  const square = squareOf(name, layout);
  const { x, y, side } = square;
  const touched = isTouched(name, state.on) && "touched";
  const style = ["block", isOpen(name, state.open) && "open", touched, lightOf(name, state)];
  const shown = name === "out_conv" ? maskTiles(state, data, square) : mapTile(block, 0, state, data, square);
  return group(
    { class: style.filter(Boolean).join(" ") },
    box(x - 2, y - 2, side + 4, side + 4, { class: "edge", rx: 3 }),
    shown,
    names(block, square, layout),
    box(x - 2, y - 2, side + 4, side + 4, { class: "catch", "data-hit": `block:${name}` }),
    name === "out_conv" && score(state, data, square),
  );
}

/** Amber: the block that is pointed at, and, thinner, those that it reads. */
function lightOf(name, { looked, on }) {
  if (looked?.kind !== "block") return "";
  if (looked.name === name) return "lit";
  const read = readBy(looked.name).includes(name);
  const isCut = levelOf(name) === levelOf(looked.name) && !isOn(on, levelOf(name)) && isUp(looked.name);
  return read && !isCut ? "read" : "";
}

function score({ on }, { changes, truth }, { x, y, side }) {
  if (truth === false || changes[on].dice === undefined) return "";
  return text(x + side / 2, y + side + 18, changes[on].dice.toFixed(2), {
    class: on === ALL_ON ? "name middle" : "changed middle",
  });
}

/** Both blocks of a level are open at once, one above the other. */
const isOpen = (name, open) =>
  name === open || (![name, open].includes("out_conv") && levelOf(name) === levelOf(open));

/** One of a block's maps, as it is with the skips that are on. */
export function mapTile(block, number, { on }, { maps }, place) {
  const variant = isUp(block.name) ? on >> levelOf(block.name) : 0;
  return tile(maps, { x: number * block.side, y: block.tops[variant], side: block.side }, place);
}

/** The image, with the mask on it: what stayed, what was gained and what was lost. */
export const maskTiles = ({ on }, { maps, change, imageTop, side }, place) => [
  tile(maps, { x: 0, y: imageTop, side }, place),
  tile(change, { x: on * side, y: 0, side }, place),
];

function names({ name, channels, side: pixels }, { x, y, side }, layout) {
  const shape = `(${channels}, ${pixels}, ${pixels})`;
  const level = levelOf(name);
  const middle = y + side / 2;
  if (name === "out_conv") return text(x + side / 2, y - 8, "mask", { class: "name middle" });
  if (level === LEVELS) {
    return text(x + side + 9, middle + 5, layout.shapes ? `${name} ${shape}` : name, { class: "name" });
  }
  if (level === 0) return text(x + side / 2, y - 9, name, { class: "name middle" });
  const [at, style] = isUp(name) ? [x + side + 9, "name"] : [x - 9, "name end"];
  const second = layout.shapes && text(at, middle + 12, shape, { class: `${style} shape` });
  return [text(at, middle + (layout.shapes ? -4 : 4), name, { class: style }), second];
}

/** One stop of the Tab key; each skip connection is its own switch. */
function skips(state, layout) {
  const [first, last] = [skipOf(0, layout), skipOf(LEVELS - 1, layout)];
  const room = { x: layout.middle - 28, y: first.y - 16, width: 56, height: last.y - first.y + 32 };
  const label = "The four skip connections: arrow keys choose, Space cuts";
  return stop(
    "skips",
    label,
    room,
    range(LEVELS).map((level) => skip(level, state, layout)),
  );
}

function skip(level, { on, at }, layout) {
  const { left, right, y, middle } = skipOf(level, layout);
  const kept = isOn(on, level);
  const lit = at.kind === "skip" && at.level === level;
  const named = {
    class: ["skip", !kept && "cut", lit && "lit"].filter(Boolean).join(" "),
    "data-hit": `skip:${level}`,
    role: "switch",
    "aria-checked": String(kept),
    "aria-label": `skip of level ${level}, from ${encoderAt(level)} to ${decoderAt(level)}`,
  };
  const line = kept
    ? `M${left + 4} ${y}H${right - 6}m-6 -4l6 4l-6 4`
    : `M${left + 4} ${y}H${middle - 26}M${middle + 26} ${y}H${right - 6}`;
  return group(
    named,
    box(left + 2, y - 14, right - left - 4, 28, { class: "catch" }),
    tag("path", { class: "line", d: line }),
    box(middle - 22, y - 12, 44, 24, { class: "switch", rx: 12 }),
    tag("circle", { class: "knob", cx: middle + (kept ? 10 : -10), cy: y, r: 8 }),
    text(middle + (kept ? -9 : 9), y + 4.5, level, { class: "middle level" }),
  );
}

/** The place that is pointed at in an open map, in every picture of the U. */
function marksInU(state, data, layout) {
  if (state.at.kind !== "map") return "";
  const squares = [layout.image, ...data.blocks.map(({ name }) => squareOf(name, layout))];
  const sides = [data.side, ...data.blocks.map(({ side }) => side)];
  return squares.map((square, i) => mark(state, data, sides[i], square));
}

/** A frame round the pixels of a map that lie where the pointer is in the open one. */
export function mark(state, data, pixels, { x, y, side }) {
  const pointed = openSide(state, data);
  const { row, column } = state.at;
  const span = Math.max(1, pixels / pointed); // pixels of this map per value of the open one
  const unit = side / pixels;
  const corner = (place) => Math.floor((place * pixels) / pointed) * unit;
  const size = Math.max(span * unit, 5);
  const shift = (span * unit - size) / 2;
  const [left, top] = [x + corner(column) + shift - 1, y + corner(row) + shift - 1];
  return box(left, top, size + 2, size + 2, { class: "mark" });
}
