// The sentence below the picture: what the selected value depends on, and why it is so much.

import { selected } from "../frame/selection.js";
import { counted } from "../frame/short.js";
import { CONTRACTING, EXPANDING, levelOf, lengthOf, placeOver, uncutLength } from "./fields.js";
import { readOf, sidesOf } from "./state.js";

const BLOCK = 16; // rows of the image that a value of down4 covers

export function sentence(state, data) {
  const at = selected(state);
  const read = readOf(state, data);
  return `${whatItSees(at, read)} ${why(at, read)}`;
}

export const nameOf = (stage) => (stage === "out_conv" ? "logits" : stage);

function whatItSees({ stage, row, column }, read) {
  const [rows, columns] = sidesOf(read);
  const size = 2 ** levelOf(stage);
  const value = stage === "out_conv" ? "This logit" : `This value of <code>${stage}</code>`;
  const covers = size > 1 ? `covers ${size} × ${size} pixels and ` : "";
  const where = `rows ${spanWords(read.rows.image)}, columns ${spanWords(read.columns.image)}`;
  return `${value} ${covers}depends on <b>${rows} × ${columns}</b> pixels: ${where}.`;
}

const spanWords = ([first, last]) => `${first} to ${last}`;

function why({ stage, row, column }, read) {
  const [rows, columns] = sidesOf(read);
  const uncut = [row, column].map((pixel) => uncutLength(stage, pixel));
  if (rows < uncut[0] || columns < uncut[1]) {
    return `It would be ${uncut.join(" × ")}, but the image ends: the rest is padding.`;
  }
  if (EXPANDING.includes(stage)) return ofBottleneck(stage, row, lengthOf(read.rows.down4), rows);
  return ofLevel(levelOf(stage), rows);
}

/** Each level's field is twice that of the level above, and 4 pixels more. */
function ofLevel(level, rows) {
  if (level === 0) return "Two 3 × 3 convolutions look 2 pixels to each side: 1 + 2·2 = 5.";
  const above = `<code>${CONTRACTING[level - 1]}</code>`;
  return `That's twice the ${(rows - 4) / 2} of ${above}, and 4 more: 2·${(rows - 4) / 2} + 4 = ${rows}.`;
}

/** The way through the bottleneck is the widest: how many of its values are read decides. */
function ofBottleneck(stage, row, count, rows) {
  const values = count === 1 ? "one value" : `${counted(count)} values`;
  const each = rows - (count - 1) * BLOCK;
  const read = `${values} of <code>down4</code>, ${BLOCK} rows apart: ${each} + ${count - 1}·${BLOCK} = ${rows}.`;
  if (stage !== "out_conv") return `By way of the bottleneck it reads ${read}`;
  const where = isAtBorder(row) ? "next to a border between" : "farther inside one of the";
  return `Row ${row} is ${where} blocks of ${BLOCK}, so it reads ${read}`;
}

const isAtBorder = (row) => Math.min(row % BLOCK, BLOCK - 1 - (row % BLOCK)) < 2;
