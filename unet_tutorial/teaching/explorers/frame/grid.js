// A grid of numbers: its cells under the pointer, one stop of the Tab key for all of them.

import { box, range, round, stop, tag, text } from "./svg.js";

/**
 * A grid under its heading.
 *
 * `shape` is {rows, columns, first}: `first` numbers its first row and column, −1 with padding 1.
 * `place` is {x, y, side}: the corner, and the side of a cell. `cellOf(row, column)` says what is
 * in a cell: {words, shade or grey, lit, dim, strong, outside, unread}.
 */
export function numberGrid(kind, { title, name = title }, shape, place, cellOf) {
  const { rows, columns } = shape;
  const { x, y, side } = place;
  const cells = placesOf(shape, place).map((at) => ({ at, is: cellOf(at.row, at.column) }));
  return stop(
    kind,
    `${name}: arrow keys move`,
    { x, y, width: columns * side, height: rows * side },
    title && text(x, y - 12, title, { class: "heading" }),
    box(x, y, columns * side, rows * side, { class: "paper" }),
    cells.map(({ at, is }) => drawCell(kind, at, is, side)),
    hatching(
      cells.filter(({ is }) => is.unread).map(({ at }) => at),
      side,
    ),
  );
}

function placesOf({ rows, columns, first = 0 }, { x, y, side }) {
  return range(rows).flatMap((down) =>
    range(columns).map((along) => ({
      row: first + down,
      column: first + along,
      x: x + along * side,
      y: y + down * side,
    })),
  );
}

function drawCell(kind, { row, column, x, y }, cell, side) {
  const { words, shade = 0, grey, strong, ...is } = cell;
  const { lit, unread } = is;
  const flags = ["lit", "dim", "outside", "unread"].filter((flag) => is[flag]).join(" ");
  const isGrey = grey !== undefined && !lit;
  const fill = isGrey ? { fill: greyOf(grey) } : { "fill-opacity": lit ? 1 : round(0.5 * shade) };
  const name = [isGrey ? "pixel" : "cell", flags].join(" ").trim();
  const ink = isGrey && !unread ? { style: `fill: ${inkOn(grey)}` } : {};
  return [
    box(x, y, side, side, { class: name, "data-hit": `${kind}:${row},${column}`, ...fill }),
    label(words, { x, y, side }, `number middle ${flags} ${strong ? "strong" : ""}`.trim(), ink),
  ];
}

const greyOf = (grey) => `rgb(${[grey, grey, grey].map((part) => Math.round(255 * part)).join(" ")})`;

/** Black or white, whichever is easier to read on this grey: 4.5 to 1 or better. */
export const inkOn = (grey) => (grey > 0.46 ? "#000000" : "#ffffff");

/** Words in the middle of a cell, as large as they fit; two of them below each other if they must. */
function label(words, { x, y, side }, name, ink) {
  const parts = [words].flat();
  const onOne = fit([parts.join("")], side, Math.max(15, side / 5));
  if (parts.length === 1 || onOne >= 12) return centred([parts.join("")], onOne, { x, y, side }, name, ink);
  return centred(parts, Math.min(fit(parts, side, 14), side * 0.4), { x, y, side }, name, ink);
}

function centred(lines, size, { x, y, side }, name, ink) {
  const middle = round(x + side / 2);
  const first = y + side / 2 + size * (0.36 - 0.5 * (lines.length - 1));
  const named = { class: name, "font-size": round(size), ...ink };
  if (lines.length === 1) return text(middle, first, lines[0], named);
  const spans = lines.map((line, i) => tag("tspan", { x: middle, dy: i && round(size) }, line));
  return tag("text", { x: middle, y: round(first), ...named }, spans);
}

/** The largest size of letters in which lines fit into a cell; one is about 0.6 of it wide. */
function fit(lines, side, most) {
  const longest = Math.max(...lines.map((line) => String(line).length), 1);
  return Math.min(most, side * 0.46, (side - 4) / (0.62 * longest));
}

/** Diagonal lines over the cells that nobody reads. */
function hatching(places, side) {
  const d = places.map(({ x, y }) =>
    [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3].map((part) => diagonal(x, y, side, part * side)).join(""),
  );
  return places.length && tag("path", { class: "hatch", d: d.join("") });
}

/** The line of the points whose distances from the left and from the top add up to `sum`. */
function diagonal(x, y, side, sum) {
  const [low, high] = [Math.max(0, sum - side), Math.min(side, sum)];
  return `M${round(x + low)} ${round(y + high)}L${round(x + high)} ${round(y + low)}`;
}

/** A frame round some cells of a grid: from the first to the last row and column. */
export function frameAround({ rows, columns }, shape, { x, y, side }) {
  if (!rows.length || !columns.length) return "";
  const first = shape.first ?? 0;
  const [top, left] = [y + (rows[0] - first) * side, x + (columns[0] - first) * side];
  const [height, width] = [rows, columns].map((all) => (all.at(-1) - all[0] + 1) * side);
  return box(left, top, width, height, { class: "frame" });
}

/** A size formula as words, and the number that has just been changed. */
export function formula({ size, kernel, stride, padding, changed }, out, named = {}) {
  const number = (name, value) => tag("tspan", { class: changed === name && "changed" }, String(value));
  return tag(
    "text",
    named,
    "(",
    number("size", size),
    " + 2·",
    number("padding", padding),
    " − ",
    number("kernel", kernel),
    ") // ",
    number("stride", stride),
    ` + 1 = ${out}`,
  );
}
