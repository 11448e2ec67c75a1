// Sizes and costs of a whole U-Net with one image channel and one class. The same as Python's
// size_trace.py, costs.py and formatting.py; a test compares them.

import { poolSide, transposedSide } from "../frame/sizes.js";
import { range, written } from "../frame/svg.js";
import { BLOCKS, decoderAt, encoderAt, isUp, LEVELS } from "./u.js";

export const MULTIPLE = 2 ** LEVELS; // four halvings: 16

/**
 * The sizes of the stages, as far as an image gets: {stages, dropped, failed, upsampled}. `failed`
 * is the part that can't be computed, or "". `dropped` are the rows and columns that poolings drop.
 */
export function traceSizes(height, width, base) {
  const trace = { stages: [stage("input", 1, height, width)], dropped: [], failed: "", upsampled: null };
  trace.stages.push(stage("in_conv", base, height, width));
  for (let level = 1; level <= LEVELS && !trace.failed; level += 1) goDown(trace, level, base);
  for (let level = LEVELS - 1; level >= 0 && !trace.failed; level -= 1) goUp(trace, level);
  if (!trace.failed) trace.stages.push({ ...trace.stages.at(-1), name: "out_conv", channels: 1 });
  return trace;
}

const stage = (name, channels, height, width) => ({ name, channels, height, width });

function goDown(trace, level, base) {
  const { height, width } = trace.stages.at(-1);
  const name = encoderAt(level);
  if (Math.min(height, width) < 2) return (trace.failed = name);
  if (height % 2 || width % 2) trace.dropped.push({ level: level - 1, rows: height % 2, columns: width % 2 });
  return trace.stages.push(stage(name, base * 2 ** level, poolSide(height, 2), poolSide(width, 2)));
}

function goUp(trace, level) {
  const [below, skip] = [trace.stages.at(-1), trace.stages[1 + level]];
  const [height, width] = [below.height, below.width].map((side) => transposedSide(side, 2, 2));
  const name = decoderAt(level);
  if (height === skip.height && width === skip.width) {
    return trace.stages.push(stage(name, skip.channels, height, width));
  }
  trace.failed = name;
  trace.upsampled = { height, width };
}

/** The sides nearest to this one that divide by 16: one below, unless that is 0, and one above. */
export function nearestSides(side) {
  const [below, above] = [Math.floor(side / MULTIPLE), Math.ceil(side / MULTIPLE)];
  return [...new Set([below, above])].filter(Boolean).map((count) => count * MULTIPLE);
}

/** What each block costs for one image: {name: {parameters, activations, multiplications}}. */
export function partCosts(height, width, base) {
  const { stages } = traceSizes(height, width, base);
  const entryOf = (i) => [stages[i].name, costOf(stages[i - 1].channels, stages[i])];
  return Object.fromEntries(range(BLOCKS.length, 1).map(entryOf));
}

function costOf(from, { name, channels: to, height, width }) {
  const area = height * width;
  if (name === "out_conv") return cost(from * to + to, to * area, from * to * area);
  if (isUp(name)) {
    const convs = doubleConvCost(2 * to, to, area); // four products for each value that comes in
    return sum([cost(4 * from * to + to, to * area, from * to * area), convs]);
  }
  return sum([cost(0, name === "in_conv" ? 0 : from * area, 0), doubleConvCost(from, to, area)]);
}

const cost = (parameters, activations, multiplications) => ({ parameters, activations, multiplications });

function doubleConvCost(from, to, area) {
  const weights = 9 * from * to + 9 * to * to;
  return cost(weights + 4 * to, 4 * to * area, weights * area);
}

function sum(costs) {
  const together = (kind) => costs.reduce((all, each) => all + each[kind], 0);
  return cost(together("parameters"), together("activations"), together("multiplications"));
}

/** By name of a measure, what each block has of it and what all have together: {parts, all}. */
export function measured(measure, height, width, base) {
  const costs = partCosts(height, width, base);
  const parts = Object.fromEntries(BLOCKS.map((name) => [name, amountOf(measure, costs[name])]));
  return { parts, all: Object.values(parts).reduce((all, each) => all + each, 0) };
}

/** Memory is that of the activations, at 4 bytes a number. */
const amountOf = (measure, each) => (measure === "memory" ? 4 * each.activations : each[measure]);

/** 36.0 billion, 12.5 million, or below that all digits. */
export function formatCount(number) {
  if (number >= 1e9) return `${scaled(number, 1e9)} billion`;
  return number >= 1e6 ? `${scaled(number, 1e6)} million` : written(number);
}

/** Bytes with a unit; 1 MB is 1,000,000 bytes. */
export function formatBytes(number) {
  if (number >= 1e10) return `${scaled(number, 1e9)} GB`;
  if (number >= 1e6) return `${scaled(number, 1e6)} MB`;
  return number >= 1e3 ? `${scaled(number, 1e3)} kB` : `${number} bytes`;
}

function scaled(number, size) {
  if (number < 1000 * size) return (number / size).toFixed(1);
  return written(Math.round(number / size));
}

export const formatAmount = (measure, amount) =>
  ({ parameters: written, memory: formatBytes, multiplications: formatCount })[measure](amount);
