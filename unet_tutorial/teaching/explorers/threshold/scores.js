// How many pixels are above each threshold, and what that makes of the Dice.

import { range } from "../frame/svg.js";
import { thresholdsOf } from "./state.js";

const known = new WeakMap(); // scene -> its curves
const ROUGHLY = 0.015; // below the best Dice, and still on the plateau

export function curvesOf(scene) {
  if (!known.has(scene)) known.set(scene, measure(scene));
  return known.get(scene);
}

/** For each threshold: pixels of the mask, those of them in nuclei, and the Dice if there is truth. */
function measure(scene) {
  const mask = above(scene.bars);
  const total = scene.bars.reduce((sum, count) => sum + count, 0);
  const share = mask.map((count) => count / total);
  if (!scene.inside) return { mask, share, line: share };
  const [right, truth] = [above(scene.inside), scene.inside.reduce((sum, count) => sum + count, 0)];
  const dice = mask.map((count, i) => (count + truth ? (2 * right[i]) / (count + truth) : 1));
  return { mask, share, right, truth, dice, line: dice };
}

/** The sums of the counts to the right of each threshold. */
function above(counts) {
  const sums = [];
  counts.reduceRight((sum, count) => (sums.unshift(sum), sum + count), 0);
  return sums.slice(0, -1);
}

/** Around the best Dice, the thresholds that stay above a round number: {least, from, to, best}. */
export function plateauOf(scene) {
  const { dice } = curvesOf(scene);
  const best = dice.indexOf(Math.max(...dice));
  const least = Math.floor((dice[best] - ROUGHLY) * 100 + 1e-9) / 100;
  let [from, to] = [best, best];
  while (from > 0 && dice[from - 1] > least) from -= 1;
  while (to < dice.length - 1 && dice[to + 1] > least) to += 1;
  return { least, from, to, best };
}

/** What the line of Dice, or of shares, is drawn between: the last tenths, if half of it is there. */
export function limitsOf(scene) {
  const { line, dice } = curvesOf(scene);
  if (!dice) return [0, 1];
  const high = Math.min(1, Math.ceil(Math.max(...line) * 10 + 1e-9) / 10);
  const isThere = (low) => line.filter((value) => value >= low).length >= line.length / 2;
  const low = [0.2, 0.4].map((room) => high - room).find(isThere);
  return [low ?? 0, high];
}

export const allThresholds = (scene) => range(thresholdsOf(scene));
