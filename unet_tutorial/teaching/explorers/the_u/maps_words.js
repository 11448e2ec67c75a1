// The live sentence of the U with its maps: the line of code of a block, or what a cut has done.

import { capital } from "../frame/short.js";
import { written } from "../frame/svg.js";
import { ALL_ON, isOn, openSide } from "./maps_state.js";
import { nameOfCut } from "./panel.js";
import { codeOf, decoderAt, encoderAt, levelOf } from "./u.js";

const NEARLY_ALL = 0.9; // of the mask's pixels

export function mapsSentence(state, data) {
  const at = state.looked ?? state.kept;
  if (at.kind === "skip") return ofSkip(at.level, state, data);
  if (at.kind === "map") return ofPlace(state, data);
  return at.name === "out_conv" && !state.looked ? ofMask(state, data) : ofBlock(at.name, data);
}

const blockOf = (wanted, { blocks }) => blocks.find(({ name }) => name === wanted);
const counted = (count, name) => `${written(count)} ${count === 1 ? name : `${name}s`}`;

function ofBlock(wanted, data) {
  const { channels, side, parameters } = blockOf(wanted, data);
  const share = Math.round((100 * parameters) / data.parameters);
  const maps = `${counted(channels, "map")} of ${side} × ${side}`;
  return `<code>${codeOf(wanted)}</code><br>makes <b>${maps}</b> with <b>${written(parameters)}</b> parameters, ${share ? `${share} %` : "less than 1 %"} of all.`;
}

/** A skip that is on: what it carries. One that is cut: what that has changed. */
function ofSkip(level, state, data) {
  if (!isOn(state.on, level)) return ofMask(state, data);
  const { channels, side } = blockOf(encoderAt(level), data);
  const maps = `<b>${counted(channels, "map")} of ${side} × ${side}</b>`;
  const others = state.on === ALL_ON ? "" : ` ${changed(state.on, data)}`;
  return `Skip ${level} carries the ${maps} of ${encoderAt(level)} to ${decoderAt(level)}. Cut it with a click or with Space, and ${decoderAt(level)} gets zeros instead.${others}`;
}

function ofPlace(state, data) {
  const level = levelOf(state.open);
  const side = openSide(state, data);
  if (level === 0) {
    return "One value at level 0 stands for one pixel of the image. Open a deeper block, and a value stands for more of them.";
  }
  const span = 2 ** level;
  return `One value at level ${level} stands for <b>${span} × ${span}</b> pixels of the image: the same place is marked in every map. Only ${side} × ${side} values are left here to say where things are.`;
}

function ofMask({ on }, data) {
  if (on !== ALL_ON) return `${changed(on, data)} ${meaning(on, data)}`;
  const { dice, pixels } = data.changes[on];
  const isScored = data.truth !== false && dice !== undefined;
  const score = isScored ? `reaches a Dice of <b>${dice.toFixed(2)}</b>` : `marks <b>${written(pixels)}</b> pixels`;
  return `With all its skips, the network ${score} on this patch. Cut a skip at its switch: the weights stay as they are, but zeros arrive instead of its maps.`;
}

/** What a cut has changed in the mask. */
function changed(on, { changes }) {
  const { pixels } = changes[ALL_ON];
  const { gained, lost, near } = changes[on];
  const name = capital(nameOfCut(on));
  if (!gained && !lost) return `${name}, the mask is the same.`;
  if (lost > NEARLY_ALL * pixels) {
    return `${name}, <b>${written(lost)} of ${written(pixels)}</b> pixels of the mask are gone.`;
  }
  const share = Math.round((100 * near) / (gained + lost));
  return `${name}, the mask gained <b>${written(gained)}</b> pixels and lost <b>${written(lost)}</b>, ${share} % of them within two pixels of its old outline.`;
}

/** What that shows, and what it doesn't. */
function meaning(on, { changes }) {
  const { gained, lost } = changes[on];
  const it = nameOfCut(on).includes("skips") || nameOfCut(on).includes("any") ? "them" : "it";
  if (!gained && !lost) return `So these weights don't rely on ${it} here.`;
  return `That's how much these weights rely on ${it}, not how well a network trained without ${it} would do.`;
}
