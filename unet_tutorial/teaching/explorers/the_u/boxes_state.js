// The U as boxes, without a network: its sizes, what its blocks' areas measure, what is pointed at.

import { measured, traceSizes } from "./arithmetic.js";
import { walkFrom } from "./u.js";

export const FIELDS = { height: 2048, width: 2048, base_channels: 128 }; // and the largest number
export const MEASURES = ["parameters", "memory", "multiplications"];
const DEFAULTS = { height: 96, width: 96, base_channels: 8 }; // also in explorer.py

export const startBoxes = ({ height, width, base_channels, measure = null }) => ({
  face: "boxes",
  height: height ?? DEFAULTS.height,
  width: width ?? DEFAULTS.width,
  base_channels: base_channels ?? DEFAULTS.base_channels,
  measure,
  kept: null, // {kind: "block", name} or {kind: "skip", level}
  looked: null,
});

export function setBoxes(state, name, value) {
  if (name === "measure") return { ...state, measure: value, looked: null };
  const within = Math.max(1, Math.min(FIELDS[name], Math.round(value)));
  return Number.isFinite(within) ? { ...state, [name]: within, kept: null, looked: null } : state;
}

function partOf(hit) {
  const [kind, place] = hit.split(":");
  return kind === "skip" ? { kind, level: Number(place) } : { kind, name: place };
}

export const pointBoxes = (state, hit) => ({ ...state, looked: hit && partOf(hit) });

export const pinBoxes = (state, hit) => ({ ...state, kept: partOf(hit), looked: null });

/** Arrow keys walk along the blocks. */
export function moveBoxes(state, kind, key) {
  if (key === "focus" || key === "Enter") return state;
  return { ...state, kept: { kind: "block", name: walkFrom(state.kept?.name, key) }, looked: null };
}

const known = new WeakMap(); // state -> its trace, which picture and words ask for

export function traceOf(state) {
  if (!known.has(state)) known.set(state, traceSizes(state.height, state.width, state.base_channels));
  return known.get(state);
}

/** The stage of a name, or undefined if the image doesn't get that far. */
export const stageOf = (name, state) => traceOf(state).stages.find((stage) => stage.name === name);

/**
 * What the blocks' areas are: {parts, all}; null where they are the sizes alone, or where the
 * network doesn't run. Parameters don't depend on the image.
 */
export function amountsOf({ height, width, base_channels: base, measure }) {
  if (!measure) return null;
  if (measure === "parameters") return measured(measure, 16, 16, base);
  return traceSizes(height, width, base).failed ? null : measured(measure, height, width, base);
}
