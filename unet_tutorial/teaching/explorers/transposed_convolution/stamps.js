// A transposed convolution in numbers: who stamps what.

import { transposedSide } from "../frame/sizes.js";
import { range } from "../frame/svg.js";

/** The side of the output, after cropping. */
export const outputSide = ({ size, kernel, stride, padding, output_padding }) =>
  transposedSide(size, kernel, stride, padding, output_padding);

/** The side of the sheet before it is cropped. */
export const sheetSide = ({ size, kernel, stride, output_padding }) =>
  (size - 1) * stride + kernel + output_padding;

export const isCropped = (row, column, state) =>
  [row, column].some((at) => at < state.padding || at >= sheetSide(state) - state.padding);

/** Every product that adds up to one place of the sheet. */
export function stampsOn(row, column, state) {
  const { ink, weights } = numbersOf(state);
  return stampersAlong(row, state).flatMap(([r, u]) =>
    stampersAlong(column, state).map(([c, v]) => ({
      pixel: [r, c],
      weight: [u, v],
      ink: ink[r][c],
      by: weights[u][v],
      product: ink[r][c] * weights[u][v],
    })),
  );
}

/** The pixels along one side that stamp a place: [pixel, the weight that lands there]. */
function stampersAlong(place, { size, kernel, stride }) {
  return range(size)
    .map((pixel) => [pixel, place - pixel * stride])
    .filter(([, weight]) => weight >= 0 && weight < kernel);
}

/** The whole sheet, before it is cropped: every pixel of the input stamps the kernel onto it. */
export function sheetOf(state) {
  const { ink, weights } = numbersOf(state);
  const sheet = square(sheetSide(state), () => 0);
  const stamp = (row, column) =>
    weights.forEach((line, u) =>
      line.forEach((weight, v) => {
        sheet[row * state.stride + u][column * state.stride + v] += ink[row][column] * weight;
      }),
    );
  ink.forEach((line, row) => line.forEach((_, column) => stamp(row, column)));
  return sheet;
}

const known = new WeakMap(); // state -> its numbers, which every cell asks for

/** The input and the kernel, as rows of numbers. */
export function numbersOf(state) {
  if (!known.has(state)) known.set(state, makeNumbers(state));
  return known.get(state);
}

function makeNumbers({ ink, size, kernel, weights }) {
  if (ink === "constant") return { ink: square(size, () => 1), weights: square(kernel, () => 1) };
  return { ink: square(size, (r, c) => 1 + ((3 * r + 2 * c) % 4)), weights: weights[kernel] };
}

export const square = (side, value) => range(side).map((r) => range(side).map((c) => value(r, c)));

/**
 * By how many stamps the places are reached that all their stamps can reach, away from the edges:
 * {counts, isThere}. `isThere` is false if this sheet is too small to have a whole period of them.
 */
export function countsInside({ size, kernel, stride }) {
  const along = (place) => range(kernel).filter((u) => (place - u) % stride === 0).length;
  const places = range(stride, kernel * stride).map(along);
  const counts = new Set(places.flatMap((down) => places.map((right) => down * right)));
  return {
    counts: [...counts].sort((a, b) => a - b),
    isThere: (size - 1) * stride - (kernel - 1) + 1 >= stride,
  };
}
