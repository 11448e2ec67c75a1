// What is selected: the value of one stage that covers one pixel of the image.

import { clampPlace, placeOf, selected, stepFrom } from "../frame/selection.js";
import { levelOf, lengthOf, placeOver, readBy, STAGES } from "./fields.js";

/** The stages that one can choose, in the order of the network. */
export const stagesOf = ({ stages = STAGES }) => stages;

/** `data` has the image's `rows` and `columns`, and perhaps `stages` and the `stage` at first. */
export function start(data) {
  const { rows, columns, stage = stagesOf(data).at(-1) } = data;
  return { looked: null, pinned: { stage, row: rows >> 1, column: columns >> 1 } };
}

export const set = (state, name, value) => ({ looked: null, pinned: { ...state.pinned, [name]: value } });

/** The spans of rows and of columns that the selected value depends on, stage by stage. */
export function readOf(state, { rows, columns }) {
  const { stage, row, column } = selected(state);
  return { rows: readBy(stage, row, rows), columns: readBy(stage, column, columns) };
}

/** The numbers of rows and of columns in the image. */
export const sidesOf = (read) => [read.rows, read.columns].map(({ image }) => lengthOf(image));

// Pointer and keys. In the image, a hit is "image:row,column"; in the ladder, it is "down2:row,0",
// where row counts the values of that stage.

export const point = (state, hit) => ({ ...state, looked: hit ? under(state, hit) : null });

export const pin = (state, hit) => ({ looked: null, pinned: { ...under(state, hit), alone: false } });

function under({ pinned }, hit) {
  const { kind, row, column } = placeOf(hit);
  if (kind === "image") return { ...pinned, row, column };
  return { ...pinned, stage: kind, row: rowIn(row, kind, pinned.row), alone: true };
}

/** A row that a value of a stage covers: the one that is kept, or else one in the middle. */
function rowIn(place, stage, kept) {
  const size = 2 ** levelOf(stage);
  return placeOver(kept, stage) === place ? kept : place * size + (size >> 1);
}

/** In the image, arrow keys go to the next pixel; in the ladder, to the next stage or value. */
export function move(state, kind, key, data) {
  const shape = { rows: data.rows, columns: data.columns };
  if (kind === "image") return { looked: null, pinned: stepFrom(state.pinned, key, shape) };
  return { looked: null, pinned: clampPlace(climb(state.pinned, key, stagesOf(data)), shape) };
}

function climb(at, key, stages) {
  const along = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  const next = Math.max(0, Math.min(stages.length - 1, stages.indexOf(at.stage) + along));
  const down = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
  return { ...at, stage: stages[next], row: at.row + down * 2 ** levelOf(at.stage) };
}
