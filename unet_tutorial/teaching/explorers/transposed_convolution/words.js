// The one sentence below the picture.

import { selected } from "../frame/selection.js";
import { capital, counted } from "../frame/short.js";
import { range, written } from "../frame/svg.js";
import { countsInside, isCropped, numbersOf, sheetSide, stampsOn } from "./stamps.js";

const CANNOT_READ = 4; // terms; a longer sum is in the picture alone

export function sentence(state) {
  const at = selected(state);
  return { sheet: ofPlace, input: ofPixel, kernel: ofWeight }[at.kind](state, at);
}

function ofPlace(state, { row, column }) {
  const stamps = stampsOn(row, column, state);
  const total = stamps.reduce((sum, { product }) => sum + product, 0);
  if (isCropped(row, column, state)) {
    if (!stamps.length) return "No stamp reaches this place, and padding crops it.";
    return `Padding crops this place: what was stamped here (${written(total)}) is thrown away.`;
  }
  if (!stamps.length) return ofBlank(state, row, column);
  if (state.ink === "constant") return ofCount(state, stamps.length);
  if (stamps.length === 1) {
    const [{ ink, by }] = stamps;
    return `Only one stamp reaches this pixel: ${ink}·${written(by)} = <b>${written(total)}</b>.`;
  }
  const terms = stamps.map(({ ink, by }) => `${ink}·${written(by)}`).join(" + ");
  const sum = stamps.length > CANNOT_READ ? "add up to" : `add up: ${terms} =`;
  return `${capital(counted(stamps.length))} stamps overlap here and ${sum} <b>${written(total)}</b>.`;
}

function ofBlank(state, row, column) {
  const end = sheetSide(state) - state.output_padding;
  if (row >= end || column >= end) {
    return "output_padding added this row and column. No stamp reaches them, so they stay 0.";
  }
  return "No stamp reaches this pixel: the stride is larger than the kernel, so gaps stay 0.";
}

function ofCount(state, here) {
  const stamps = `${capital(counted(here))} ${here === 1 ? "stamp reaches" : "stamps reach"} this pixel.`;
  const { counts, isThere } = countsInside(state);
  const inside = isThere ? "Away from the edges it is" : "Away from the edges of a larger sheet it would be";
  if (counts.length === 1) {
    return `${stamps} ${inside} <b>${counts[0]}</b> everywhere, so constant ink stays even.`;
  }
  const leaves = counts[0] === 0 ? "gaps" : "a checkerboard";
  return `${stamps} ${inside} <b>${counts.join(", ")}</b> by turns, so constant ink leaves ${leaves}.`;
}

function ofPixel(state, { row, column }) {
  const { kernel, stride } = state;
  const amount = numbersOf(state).ink[row][column];
  const places = range(kernel).flatMap((u) =>
    range(kernel).map((v) => [row * stride + u, column * stride + v]),
  );
  const strength = { 1: "as it is", 2: "twice as strong" }[amount] ?? `${counted(amount)} times as strong`;
  return `This pixel holds ink <b>${amount}</b>: it stamps the whole kernel onto the sheet, ${strength}.${ofLost(places, state)}`;
}

function ofLost(places, state) {
  const cut = places.filter(([row, column]) => isCropped(row, column, state)).length;
  if (!cut) return "";
  if (places.length === 1) return " Padding crops its only place.";
  return ` Padding crops ${cut === places.length ? "all" : cut} of its ${places.length} places.`;
}

function ofWeight(state, { row, column }) {
  const { size, stride, kernel, ink } = state;
  const weight = written(numbersOf(state).weights[row][column]);
  const apart = stride === 1 ? "next to one another" : `${counted(stride)} apart`;
  const alone = kernel <= stride ? " No other weight reaches those pixels." : "";
  const places = range(size).flatMap((r) =>
    range(size).map((c) => [r * stride + row, c * stride + column]),
  );
  const lost = ofLost(places, state);
  const { pinned } = state;
  const isPinned = pinned.kind === "kernel" && pinned.row === row && pinned.column === column;
  const how = isPinned ? " Change it with + and −." : " Click or tap it to change it.";
  const change = ink === "numbers" ? how : "";
  return `The weight <b>${weight}</b> lands on ${size * size} places, ${apart}: once for every input pixel.${lost}${alone}${change}`;
}
