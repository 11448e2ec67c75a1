// The sheet, its size as a formula, and below it the stamps of one row as bars.

import { box, group, range, round, tag, text, written } from "../frame/svg.js";
import { numberGrid } from "../frame/grid.js";
import { isCropped, outputSide, sheetOf, sheetSide, stampsOn } from "./stamps.js";
import { same, shapeOf } from "./state.js";

const BAR = 6; // pixels from bar to bar
const LABEL = 78; // pixels that the label below them takes

export function sheetParts(state, at, place) {
  return group(
    {},
    sheetGrid(state, at, place),
    sizeFormula(state, place),
    stampBars(state, at, place),
    stampFrame(state, at, place), // the last, since it isn't always there
  );
}

function sheetGrid(state, at, place) {
  const sheet = sheetOf(state);
  const most = Math.max(1, ...sheet.flat().map(Math.abs));
  const cell = (row, column) => {
    const value = sheet[row][column];
    const stamp = at.kind !== "sheet" && stampsOn(row, column, state).find((one) => comesFrom(one, at));
    const cropped = isCropped(row, column, state);
    return {
      words: written(stamp ? stamp.product : value),
      shade: Math.abs(value) / most,
      lit: stamp || (at.kind === "sheet" && same([at.row, at.column], row, column)),
      dim: cropped || (at.kind !== "sheet" && !stamp),
      outside: cropped,
      unread: cropped,
    };
  };
  const side = outputSide(state);
  const names = { title: "sheet", name: `sheet ${side} × ${side}` };
  return numberGrid("sheet", names, shapeOf("sheet", state), place, cell);
}

const comesFrom = (stamp, at) => {
  const part = at.kind === "input" ? stamp.pixel : stamp.weight;
  return same(part, at.row, at.column);
};

/** The frame on the sheet: round one place, or round the whole stamp of one pixel. */
function stampFrame(state, at, { x, y, side }) {
  if (at.kind === "kernel") return "";
  const step = side * (at.kind === "input" ? state.stride : 1);
  const length = side * (at.kind === "input" ? state.kernel : 1);
  return box(x + at.column * step, y + at.row * step, length, length, { class: "frame" });
}

/** (n − 1) · s + k + q − 2p with its numbers; the one that has just changed is marked. */
function sizeFormula(state, { x, y, room }) {
  const { padding, output_padding, changed } = state;
  const number = (name) => tag("tspan", { class: changed === name && "changed" }, String(state[name]));
  const parts = [
    ["(", number("size"), " − 1) · ", number("stride"), " + ", number("kernel")],
    output_padding || changed === "output_padding" ? [" + ", number("output_padding")] : "",
    padding || changed === "padding" ? [" − 2 · ", number("padding")] : "",
    ` = ${outputSide(state)}`,
  ];
  return tag("text", { x: x + room, y: y - 12, class: "end" }, parts);
}

/** The stamps of one row of the input, one below the other: the size formula, drawn. */
function stampBars(state, at, { x, y, side }) {
  const { size, kernel, stride } = state;
  const top = y + sheetSide(state) * side + 7;
  const bottom = top + size * BAR + 12;
  const turn = x + (size - 1) * stride * side;
  return group(
    { "aria-hidden": "true" },
    range(size).map((pixel) => {
      const look = `bar slides${isLit(pixel, state, at) ? " lit" : ""}`;
      const place = [x + pixel * stride * side + 1, top + pixel * BAR, kernel * side - 2, BAR - 2];
      return box(...place, { class: look, rx: 2 });
    }),
    turn - x > LABEL && [
      text((x + turn) / 2, bottom, `(${size} − 1) · ${stride}`, { class: "quiet middle" }),
      text(turn + (kernel * side) / 2, bottom, kernel, { class: "quiet middle" }),
    ],
    tag("path", { class: "ruler", d: `M${round(turn)} ${round(top)}V${round(bottom + 2)}` }),
  );
}

function isLit(pixel, { stride, kernel }, at) {
  if (at.kind === "input") return at.column === pixel;
  const along = at.column - pixel * stride;
  return at.kind === "sheet" && along >= 0 && along < kernel;
}
