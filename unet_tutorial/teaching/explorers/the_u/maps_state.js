// The U with its maps: which skips are on, what is open, and what is pointed at.

import { placeOf, stepFrom } from "../frame/selection.js";
import { isUp, LEVELS, levelOf, walkFrom } from "./u.js";

export const ALL_ON = 2 ** LEVELS - 1; // bit l says that the skip of level l is on

/** `kept` is what was clicked: {kind: "block", name}, {kind: "skip", level} or {kind: "map", row, column}. */
export const startMaps = () => ({
  face: "maps",
  on: ALL_ON,
  open: "out_conv",
  skip: 0, // the one that keys have reached
  kept: { kind: "block", name: "out_conv" },
  looked: null,
});

export const isOn = (on, level) => Boolean((on >> level) & 1);

export const offLevels = (on) => [0, 1, 2, 3].filter((level) => !isOn(on, level));

/** Whether what a block returns depends on a skip that is cut: those of its level and below. */
export const isTouched = (name, on) =>
  (isUp(name) || name === "out_conv") && on >> levelOf(name) !== ALL_ON >> levelOf(name);

/** Rows and columns of what is open. */
export const openSide = ({ open }, { side }) => side >> levelOf(open);

function partOf(hit) {
  const [kind, place] = hit.split(":");
  if (kind === "block") return { kind, name: place };
  if (kind === "skip") return { kind, level: Number(place) };
  return { ...placeOf(hit), kind: "map" };
}

export const pointMaps = (state, hit) => ({ ...state, looked: hit && partOf(hit) });

export function pinMaps(state, hit) {
  const part = partOf(hit);
  if (part.kind === "skip") return toggled(state, part.level);
  if (part.kind === "block") return opened(state, part.name);
  return { ...state, kept: part, looked: null };
}

const toggled = (state, level) => ({
  ...state,
  on: state.on ^ (1 << level),
  skip: level,
  kept: { kind: "skip", level },
  looked: null,
});

const opened = (state, name) => ({ ...state, open: name, kept: { kind: "block", name }, looked: null });

/** A key: on the skips it chooses or switches, on the U it walks, on open maps it moves the mark. */
export function moveMaps(state, kind, key, data) {
  if (kind === "skips") return skipMoved(state, key);
  if (kind === "open") return markMoved(state, key, data);
  return opened(state, key === "focus" || key === "Enter" ? state.open : walkFrom(state.open, key));
}

const DOWN = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -LEVELS, End: LEVELS };

function skipMoved(state, key) {
  if (key === "Enter") return toggled(state, state.skip);
  const level = Math.max(0, Math.min(LEVELS - 1, state.skip + (DOWN[key] ?? 0)));
  return { ...state, skip: level, kept: { kind: "skip", level }, looked: null };
}

function markMoved(state, key, data) {
  const side = openSide(state, data);
  const middle = { kind: "map", row: side >> 1, column: side >> 1 };
  const from = state.kept.kind === "map" ? state.kept : middle;
  return { ...state, kept: stepFrom(from, key, { rows: side, columns: side }), looked: null };
}
