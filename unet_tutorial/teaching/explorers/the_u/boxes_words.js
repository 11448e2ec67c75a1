// The live sentence of the U as boxes: how the sizes go, where they break, and what it costs.

import { written } from "../frame/svg.js";
import { formatAmount, measured, nearestSides } from "./arithmetic.js";
import { amountsOf, MEASURES, stageOf, traceOf } from "./boxes_state.js";
import { BLOCKS, decoderAt, encoderAt, isUp, levelOf } from "./u.js";

export function boxesSentence(state) {
  const at = state.looked ?? state.kept;
  if (at?.kind === "skip") return ofSkip(at.level, state);
  if (at) return state.measure ? ofCost(at.name, state) : ofBlock(at.name, state);
  if (!state.measure) return traceOf(state).failed ? ofBreak(state) : ofFit(state);
  return amountsOf(state) ? ofAll(state) : `${ofBreak(state)} So it doesn't run, and there's nothing to measure.`;
}

const size = ({ height, width }) => `${height} × ${width}`;
const counted = (count, name) => `${written(count)} ${count === 1 ? name : `${name}s`}`;

function ofFit(state) {
  const { height, width } = stageOf("down4", state);
  const sides = state.height === state.width ? "The sides divide" : "Both sides divide";
  return `An image of <b>${size(state)}</b> comes back as a map of ${size(state)}. ${sides} by 16, so four poolings halve them without a remainder, down to ${height} × ${width}, and every skip fits.`;
}

function ofBreak(state) {
  const { failed, upsampled, stages } = traceOf(state);
  if (!upsampled) {
    return `${failed} can't pool <b>${size(stages.at(-1))}</b>: no window of 2 × 2 fits. ${whatFits(state)}`;
  }
  const kept = stageOf(encoderAt(levelOf(failed)), state);
  const down = encoderAt(levelOf(failed) + 1);
  return `${down} pools ${size(kept)}, and ${leftOver(kept)} left over. So at ${failed}, <b>${size(upsampled)}</b> meets the skip's <b>${size(kept)}</b>, and they can't be joined. ${whatFits(state)}`;
}

function leftOver({ height, width }) {
  const odd = [height % 2 && "row", width % 2 && "column"].filter(Boolean);
  return `the last ${odd.join(" and the last ")} ${odd.length > 1 ? "are" : "is"}`;
}

function whatFits(state) {
  const sides = ["height", "width"].filter((side) => state[side] % 16);
  const words = sides.map((side) => `${side} ${nearestSides(state[side]).join(" or ")}`);
  return `What fits: ${words.join(", ")}.`;
}

function ofBlock(name, state) {
  const stage = stageOf(name, state);
  const { failed, stages } = traceOf(state);
  if (!stage) return name === failed ? ofBreak(state) : `${name} is never reached: ${failed} fails before it.`;
  const before = stages[stages.indexOf(stage) - 1];
  return wordsFor(name)(name, stage, before);
}

const wordsFor = (name) =>
  ({ in_conv: ofFirst, out_conv: ofLast })[name] ?? (isUp(name) ? ofUp : ofDown);

const ofFirst = (name, stage) =>
  `${name} makes <b>${counted(stage.channels, "map")}</b> of the image and keeps its size, ${size(stage)}.`;

function ofDown(name, stage, before) {
  const isOdd = before.height % 2 || before.width % 2;
  const rest = isOdd ? ` With an odd side, ${leftOver(before)} left over.` : "";
  return `${name} halves ${size(before)} to <b>${size(stage)}</b> and doubles ${counted(before.channels, "map")} to <b>${written(stage.channels)}</b>.${rest}`;
}

const ofUp = (name, stage, before) =>
  `${name} doubles ${size(before)} to <b>${size(stage)}</b> and joins the skip of ${encoderAt(levelOf(name))}, which has the same size. It returns <b>${counted(stage.channels, "map")}</b>.`;

const ofLast = (name, stage, before) =>
  `${name} makes one map of ${counted(before.channels, "map")}: <b>one number for every pixel</b>, ${size(stage)}.`;

function ofSkip(level, state) {
  const [from, to] = [encoderAt(level), decoderAt(level)];
  const stage = stageOf(from, state);
  const { failed } = traceOf(state);
  if (!stage) return `Skip ${level} has nothing to carry: ${failed} fails before.`;
  if (failed === to) return ofBreak(state);
  const carries = `Skip ${level} carries the <b>${counted(stage.channels, "map")} of ${size(stage)}</b> from ${from} to ${to}`;
  return stageOf(to, state) ? `${carries}, where maps of the same size come from below.` : `${carries}, which is never reached: ${failed} fails before it.`;
}

const percent = (part, all) => {
  const share = (100 * part) / all;
  return `${share < 0.05 ? "less than 0.1" : share.toFixed(1)} %`;
};

const UNITS = { parameters: "parameters", memory: "for activations", multiplications: "multiplications" };

/** The whole network, and its largest part. */
function ofAll(state) {
  const { parts, all } = amountsOf(state);
  const most = BLOCKS.reduce((best, name) => (parts[name] > parts[best] ? name : best));
  const shown = (name) => formatAmount(state.measure, parts[name]);
  const largest = BLOCKS.filter((name) => shown(name) === shown(most));
  const where = largest.length > 1 ? `each of ${largest[0]} to ${largest.at(-1)}` : `${most} alone`;
  const words = TOTALS[state.measure](`<b>${formatAmount(state.measure, all)}</b>`, state);
  const anySize = traceOf(state).failed ? ` An image of ${size(state)} wouldn't pass, but parameters don't depend on it.` : "";
  return `${words}, <b>${percent(parts[most], all)}</b> of that in ${where}. Each square's area is its block's share.${anySize}`;
}

const TOTALS = {
  parameters: (total) => `The whole network has ${total} parameters`,
  memory: (total, state) => `One image of ${size(state)} fills ${total} with activations`,
  multiplications: (total, state) => `One image of ${size(state)} takes ${total} multiplications`,
};

/** One block, in all three measures. */
function ofCost(name, state) {
  const { height, width, base_channels: base } = state;
  const runs = !traceOf(state).failed;
  const words = MEASURES.filter((measure) => runs || measure === "parameters").map((measure) => {
    const side = measure === "parameters" ? [16, 16] : [height, width];
    const { parts, all } = measured(measure, ...side, base);
    const amount = `${formatAmount(measure, parts[name])} ${UNITS[measure]} (${percent(parts[name], all)})`;
    return measure === state.measure ? `<b>${amount}</b>` : amount;
  });
  return `${name} has ${words.join(", ").replace(/, ([^,]*)$/, " and $1")}${runs ? ", for one image" : ""}.`;
}

