// The blocks of the U, their levels, and the lines of code that call them.

import { range } from "../frame/svg.js";

export const LEVELS = 4;

export const encoderAt = (level) => (level ? `down${level}` : "in_conv");
export const decoderAt = (level) => (level < LEVELS ? `up${LEVELS - level}` : null);

export const BLOCKS = [
  ...range(LEVELS + 1).map(encoderAt),
  ...range(LEVELS)
    .map((number) => LEVELS - 1 - number)
    .map(decoderAt),
  "out_conv",
];

export const isUp = (name) => name.startsWith("up");

export const levelOf = (name) =>
  name.startsWith("down") ? Number(name[4]) : isUp(name) ? LEVELS - Number(name[2]) : 0;

/** What a block reads: the block before it, and for a step up the one whose skip it gets. */
export function readBy(name) {
  const before = BLOCKS[BLOCKS.indexOf(name) - 1];
  return [before, isUp(name) && encoderAt(levelOf(name))].filter(Boolean);
}

const OUTPUTS = [
  ...range(LEVELS).map((level) => `contracting${level}`),
  "bottleneck",
  ...range(LEVELS).map((number) => `expanding${LEVELS - 1 - number}`),
];

/** The line of the U-Net's forward that calls a block. */
export function codeOf(name) {
  const at = BLOCKS.indexOf(name);
  const before = at ? OUTPUTS[at - 1] : "x";
  const skip = isUp(name) ? `, contracting${levelOf(name)}` : "";
  const call = `self.${name}(${before}${skip})`;
  return name === "out_conv" ? `return ${call}` : `${OUTPUTS[at]} = ${call}`;
}

const ALONG = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1, Home: -100, End: 100 };

/** The block that an arrow key leads to: keys walk along with the data. */
export function walkFrom(name, key) {
  const at = BLOCKS.indexOf(name);
  if (at < 0) return BLOCKS[0];
  return BLOCKS[Math.max(0, Math.min(BLOCKS.length - 1, at + (ALONG[key] ?? 0)))];
}
