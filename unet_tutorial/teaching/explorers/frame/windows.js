// Windows that move over a map: what each one sums up, and who reads what. Rows and columns are
// treated apart, so that what one pixel reads is a list of rows and a list of columns.

import { convSide } from "./sizes.js";
import { range } from "./svg.js";

/** A layer is {weights, stride, padding}; a map is a list of rows. */
export function convolve(map, layer) {
  const { rows, columns } = outputShape(map, layer);
  const sumAt = (row, column) =>
    termsOf(map, layer, row, column).reduce((sum, { product }) => sum + product, 0);
  return range(rows).map((row) => range(columns).map((column) => sumAt(row, column)));
}

export function outputShape(map, { weights, stride, padding }) {
  const side = (size) => convSide(size, weights.length, stride, padding);
  return { rows: side(map.length), columns: side(map[0].length) };
}

/** The products that add up to one pixel of the output. Outside the map, the pixels are 0. */
export function termsOf(map, { weights, stride, padding }, row, column) {
  return weights.flatMap((line, u) =>
    line.map((weight, v) => {
      const [r, c] = [row * stride + u - padding, column * stride + v - padding];
      const pixel = map[r]?.[c];
      const value = pixel ?? 0;
      return { row: r, column: c, value, weight, product: value * weight, outside: pixel === undefined };
    }),
  );
}

/** Along one side, the places that some places of the output read. */
export function readAlong(places, { weights, stride, padding }) {
  const read = places.flatMap((place) => weights.map((_, u) => place * stride + u - padding));
  return [...new Set(read)].sort((a, b) => a - b);
}

/** Along one side, the places of the output, of which there are `count`, that read some places. */
export function readersAlong(places, count, { weights, stride, padding }) {
  const offset = (place, reader) => place + padding - reader * stride;
  const reads = (reader) =>
    places.some((place) => offset(place, reader) >= 0 && offset(place, reader) < weights.length);
  return range(count).filter(reads);
}

/** The rows and columns of a map that no window reaches. */
export function unreadOf(map, layer) {
  const shape = outputShape(map, layer);
  const unread = (size, count) => {
    const read = new Set(readAlong(range(count), layer));
    return range(size).filter((place) => !read.has(place));
  };
  return { rows: unread(map.length, shape.rows), columns: unread(map[0].length, shape.columns) };
}
