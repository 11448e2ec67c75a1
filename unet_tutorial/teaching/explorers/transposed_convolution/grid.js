// Squares of numbers: one stop of the Tab key each, arrow keys within.

import { box, range, round, stop, text } from "../frame/svg.js";

const LARGEST = 40; // pixels, the side of a cell
const LEGIBLE = 24; // a smaller cell shows its number only while it is lit

export const cellSide = (room, count) => Math.min(LARGEST, room / count);

/** `cellOf(row, column)` says how a cell looks: {words, lit, dim, shade, cropped}. */
export function grid(kind, title, count, { x, y, room }, cellOf, name = title) {
  const side = cellSide(room, count);
  const cells = range(count * count).map((i) => {
    const [row, column] = [Math.floor(i / count), i % count];
    const place = { x: x + column * side, y: y + row * side, side };
    return cellAt(`${kind}:${row},${column}`, place, cellOf(row, column));
  });
  return stop(
    kind,
    `${name}: arrow keys move`,
    { x, y, width: count * side },
    text(x, y - 12, title, { class: "heading" }),
    box(x, y, count * side, count * side, { class: "paper" }),
    cells,
  );
}

function cellAt(hit, { x, y, side }, { words, shade = 0, lit, dim, cropped }) {
  const look = [lit && "lit", cropped && "cut", dim && "dim"].filter(Boolean).join(" ");
  const size = fontSize(words, side);
  return [
    box(x, y, side, side, {
      class: `cell ${look}`,
      "fill-opacity": lit ? 1 : round(0.62 * shade),
      "data-hit": hit,
    }),
    cropped && box(x, y, side, side, { class: "crossed", fill: "url(#cropped-stamps)" }),
    (side >= LEGIBLE || lit) &&
      text(x + side / 2, y + side / 2 + size * 0.36, words, {
        class: `number middle ${look}`,
        "font-size": round(size),
      }),
  ];
}

const fontSize = (words, side) => Math.min(15, (side * 1.3) / Math.max(2.8, words.length));
