// Which frame of the film strip is selected. They are told apart by their slots, so that what is
// kept stays kept when another one arrives.

import { placeOf } from "../frame/selection.js";
import { recordOf } from "./record.js";

/** As it opens, it shows the latest frame, and follows. */
export const start = () => ({ looked: null, kept: null, shown: "probability", stopping: false });

/** A control was pressed: how frames are shown, or "stop", which the page passes on. */
export const set = (state, name, value) =>
  name === "stop" ? { ...state, stopping: true } : { ...state, [name]: value, looked: null };

/** The selected frame; undefined before there is one. */
export function frameOf(state, data) {
  const { frames } = recordOf(data);
  return frames.find(({ slot }) => slot === (state.looked ?? state.kept)) ?? frames.at(-1);
}

export const point = (state, hit, data) => ({ ...state, looked: hit ? slotUnder(hit, data) : null });

export const pin = (state, hit, data) => keep(state, slotUnder(hit, data), data);

/** The latest frame isn't kept, but followed. */
const keep = (state, slot, data) => {
  const kept = slot === recordOf(data).frames.at(-1)?.slot ? null : slot;
  return { ...state, looked: null, kept };
};

/** The slot of the frame that is nearest to a place along the strip. */
function slotUnder(hit, data) {
  const { column } = placeOf(hit);
  const { frames } = recordOf(data);
  const distance = ({ slot }) => Math.abs(slot - column);
  return frames.reduce((best, one) => (distance(one) < distance(best) ? one : best), frames[0])?.slot ?? null;
}

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -100, End: 100 };

export function move(state, _kind, key, data) {
  const { frames } = recordOf(data);
  const next = frames.indexOf(frameOf({ ...state, looked: null }, data)) + (STEPS[key] ?? 0);
  const frame = frames[Math.max(0, Math.min(frames.length - 1, next))];
  return frame ? keep(state, frame.slot, data) : state;
}
