// The sentence below the picture of one convolution: about what is selected, and about the edges.

import { selected } from "../frame/selection.js";
import { capital, counted, isFraction, isShort, lastOnes, short, sizeOf, weightWords } from "../frame/short.js";
import { termsOf, unreadOf } from "../frame/windows.js";
import { layersOf, mapsOf, presetOf, traceOf } from "./state.js";

const MOST = 6; // terms that a sum is written out with
const LAYER = { size: 1, kernel: 1, stride: 1, padding: 1 }; // a change of these is said first

export function sentence(state) {
  const at = selected(state);
  if (at.kind === "kernel") return ofWeight(state, at);
  const words = at.kind === "image" ? ofPixel(state, at) : ofOutput(state, at);
  if (state.looked) return words;
  const isNew = state.changed in LAYER;
  const edges = ofEdges(state, isNew);
  return (isNew ? `${edges} ${words}` : `${words} ${edges}`).trim();
}

// One pixel of the output

function ofOutput(state, { row, column }) {
  const terms = termsOf(mapsOf(state)[0], layersOf(state)[0], row, column);
  if (terms.every(({ outside }) => outside)) return ofPadding(terms);
  const words = { edge: ofEdge, blur: ofBlur, copy: ofCopy }[presetOf(state)] ?? ofSum;
  return `${words(terms)}${ofZeros(terms)}`;
}

function ofZeros(terms) {
  const zeros = terms.filter(({ outside }) => outside).length;
  if (!zeros) return "";
  const of = `of the ${counted(terms.length)} pixels in the window`;
  return ` ${capital(counted(zeros))} ${of} ${zeros === 1 ? "is" : "are"} padding.`;
}

function ofPadding({ length }) {
  const pixels = length === 1 ? "The one pixel" : `All ${counted(length)} pixels`;
  return `${pixels} in this window ${length === 1 ? "is" : "are"} padding, so the sum is <b>0</b>.`;
}

const totalOf = (terms) => terms.reduce((sum, { product }) => sum + product, 0);

function totalWords(terms) {
  const total = totalOf(terms);
  return `${isShort(total) ? "" : "≈ "}<b>${short(total)}</b>`;
}

function ofSum(terms) {
  const sum = sumOf(terms);
  if (sum) return `${sum}.`;
  const all = capital(`${terms.length === 1 ? "the one product" : `all ${counted(terms.length)} products`}`);
  if (terms.every(({ product }) => product === 0)) {
    return `${all} ${terms.length === 1 ? "is" : "are"} 0, and so is the sum.`;
  }
  return `${all} add up to ${totalWords(terms)}.`;
}

/** "9·1 + 9·1 + 9·1 = 27": the products that aren't 0; or "" for none, and for too many. */
function sumOf(terms) {
  const counting = terms.filter(({ product }) => product !== 0);
  if (!counting.length || counting.length > MOST) return "";
  const written = counting.map(({ value, weight }) => `${short(value)}·${weightWords(weight)}`);
  return `${written.join(" + ")} ${isExact(counting) ? "=" : "≈"} <b>${short(totalOf(counting))}</b>`;
}

const isExact = (terms) =>
  isShort(totalOf(terms)) &&
  terms.every(({ value, weight }) => isShort(value) && (isShort(weight) || isFraction(weight)));

/** What the edge kernel tells: its right column minus its left one. */
function ofEdge(terms) {
  const total = totalOf(terms);
  const valuesAt = (weight) => terms.filter((term) => term.weight === weight).map(({ value }) => value);
  const [left, right] = [valuesAt(-1), valuesAt(1)];
  const sum = sumOf(terms) || `together ${totalWords(terms)}`;
  if (isEven(left) && isEven(right) && left[0] !== right[0]) {
    return `The kernel finds a jump from ${short(left[0])} to ${short(right[0])} here: ${sum}.`;
  }
  if (total === 0) return "Left and right are equally bright here, so the sum is <b>0</b>.";
  return `It gets ${total > 0 ? "brighter" : "darker"} from left to right here: ${sum}.`;
}

const isEven = (values) => values.every((value) => value === values[0]);

function ofBlur(terms) {
  if (terms.length === 1) return ofCopy(terms);
  const sum = sumOf(terms) || totalWords(terms);
  return `The mean of the ${counted(terms.length)} pixels: ${sum}.`;
}

const ofCopy = (terms) =>
  `The kernel copies ${terms.length === 1 ? "its one pixel" : "one pixel of its window"}: ` +
  `${sumOf(terms) || "here it is <b>0</b>"}.`;

// One pixel of the image

function ofPixel(state, { row, column }) {
  const [, readers] = traceOf(state, { kind: "image", row, column });
  const count = readers.rows.length * readers.columns.length;
  const value = mapsOf(state)[0][row]?.[column];
  const read = count === 1 ? "window reads" : "windows read";
  if (value === undefined) return `This 0 is padding, not image; ${counted(count)} ${read} it.`;
  if (!count) return "No window reaches this pixel: it could hold anything.";
  if (count === 1)
    return `One window reads this pixel: the output shows what its <b>${short(value)}</b> adds there.`;
  return (
    `${capital(counted(count))} ${read} this pixel, each with another weight on it: ` +
    `the output shows what its <b>${short(value)}</b> adds to each sum.`
  );
}

// One weight

function ofWeight(state, { row, column }) {
  const weight = weightWords(layersOf(state)[0].weights[row][column]);
  const [, output] = mapsOf(state);
  const isOne = output.length * output[0].length === 1;
  const pixels = isOne ? "pixel" : "pixels";
  const which = isOne ? "" : `: ${copyOf(state, row, column)}`;
  const adds = `adds the marked ${pixels} <b>times ${weight}</b> to the output${which}.`;
  const how = state.looked ? "Click or tap it to change it." : "Change it with + and −.";
  return `This weight ${weight === "0" ? "is <b>0</b>: it adds nothing." : adds} ${how}`;
}

/** What a weight adds, as a picture: with a stride, the weights have different pixels. */
function copyOf({ stride, padding }, row, column) {
  if (stride === 1) return `a copy of the image, ${shiftOf(row - padding, column - padding)}`;
  const nth = stride === 2 ? "second" : "third";
  return `every ${nth} pixel of every ${nth} row, from the first marked one`;
}

/** Where the copy of the image goes that a weight adds. */
function shiftOf(up, left) {
  const along = (count, [one, other]) => count !== 0 && `${Math.abs(count)} ${count > 0 ? one : other}`;
  const parts = [along(up, ["up", "down"]), along(left, ["left", "right"])].filter(Boolean);
  return parts.length ? `moved ${parts.join(" and ")}` : "not moved";
}

// The edges

/** Which pixels nobody reads; at stride 1 there are none, and only a new size is worth a word. */
function ofEdges(state, isNew) {
  const [map, output] = mapsOf(state);
  const { rows, columns } = unreadOf(map, layersOf(state)[0]);
  const all = map.length * map[0].length;
  const unread = all - (map.length - rows.length) * (map[0].length - columns.length);
  const becomes = `${sizeOf(map)} becomes <b>${sizeOf(output)}</b>`;
  if (unread)
    return `${becomes}: ${ofUnread(state, rows, columns)} <b>${unread}</b> of ${all} pixels could hold anything.`;
  if (state.stride > 1) return `${becomes}, and every pixel is read.`;
  if (sizeOf(map) === sizeOf(output))
    return `With padding ${state.padding}, ${sizeOf(map)} stays ${sizeOf(map)}.`;
  return isNew ? `${becomes}.` : "";
}

function ofUnread({ stride, kernel }, rows, columns) {
  if (stride > kernel) return "the windows leave gaps, so";
  return `no window reaches ${lastOnes(rows.length, columns.length)}, so`;
}
