// The picture of max pooling: the image with its windows, and the output. On a wide page, each
// pixel of the output is as large as its window, so that one sees what covers what.

import { selected } from "../frame/selection.js";
import { formula, frameAround, inkOn, numberGrid } from "../frame/grid.js";
import { PHONE } from "../frame/phone.js";
import { short, sizeOf } from "../frame/short.js";
import { box, group, round, tag, text } from "../frame/svg.js";
import { unreadOf } from "../frame/windows.js";
import { layerOf, mapOf, readerOf, shapeOf, windowOf, winnersOf } from "./state.js";

const MOST = 52; // pixels; the side of a cell
const SMALL = 40; // a cell in which three digits are too wide for a ring
const SHRUNK = 0.84;
const HEADING = 28;
const ROOM = 364;
const ABOVE = 38; // pixels; from the image to the output below it
const WIDE = 844;

export function poolingPicture(state, wide) {
  const layout = (wide ? wideLayout : narrowLayout)(state);
  const at = selected(state);
  const drawn = { state, at, layout, read: readOf(state, at) };
  const named = {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    role: "group",
    "aria-label": nameOf(state),
  };
  return tag("svg", named, imageGrid(drawn), wide && arrow(layout), outputGrid(drawn));
}

function nameOf(state) {
  const [image, output] = [mapOf(state), winnersOf(state)].map(sizeOf);
  return (
    `Max pooling: an image of ${image} numbers with windows of 2 × 2 on it, and the output of ${output}. ` +
    "The largest number of each window is ringed, and the numbers that no window reaches are hatched"
  );
}

/** The output that is selected, or whose window has the selected pixel, with its winner. */
function readOf(state, at) {
  const output = at.kind === "output" ? at : readerOf(state, at.row, at.column);
  if (!output) return null;
  const winner = winnersOf(state)[output.row][output.column];
  const isMade = at.kind === "output" || (winner.row === at.row && winner.column === at.column);
  return { output, winner, isMade };
}

function wideLayout(state) {
  const { rows, columns } = shapeOf("image", state);
  const side = Math.min(MOST, ROOM / Math.max(rows, columns));
  const output = { x: WIDE - 2 - ROOM, y: HEADING, side: 2 * side };
  return { width: WIDE, height: HEADING + ROOM + 2, image: { x: 2, y: HEADING, side }, output };
}

function narrowLayout(state) {
  const [image, output] = ["image", "output"].map((kind) => shapeOf(kind, state));
  const high = (PHONE.height - HEADING - ABOVE - 4) / (image.rows + output.rows);
  const side = Math.min(MOST, (PHONE.width - 4) / image.columns, high);
  const y = HEADING + image.rows * side + ABOVE;
  const height = y + output.rows * side + 4;
  return { width: PHONE.width, height, image: { x: 2, y: HEADING, side }, output: { x: 2, y, side } };
}

// The parts are groups, so that the grid which has the focus keeps its place in the tree.

function imageGrid(drawn) {
  const { state, at, layout, read } = drawn;
  const map = mapOf(state);
  const unread = unreadOf(map, layerOf(state));
  const grey = greyScale(state.image);
  const wins = new Set(
    winnersOf(state)
      .flat()
      .map(({ row, column }) => `${row},${column}`),
  );
  const isOn = (one, row, column) => one?.row === row && one?.column === column;
  const cell = (row, column) => {
    const value = map[row]?.[column];
    const outside = value === undefined;
    return {
      words: outside ? "−∞" : short(value),
      grey: outside ? undefined : grey(value),
      lit: (read?.isMade && isOn(read.winner, row, column)) || (at.kind === "image" && isOn(at, row, column)),
      strong: wins.has(`${row},${column}`),
      outside,
      unread: !outside && (unread.rows.includes(row) || unread.columns.includes(column)),
    };
  };
  const shape = shapeOf("image", state);
  const title = `image ${sizeOf(map)}${state.padding ? ", padded" : ""}`;
  return group(
    {},
    fitIntoRings(numberGrid("image", { title }, shape, layout.image, cell), layout.image.side),
    windowsAndRings(drawn, shape, (value) => inkOn(grey(value))),
    read && frameAround(windowPlaces(state, read.output), shape, layout.image),
  );
}

/** In small cells, the numbers of the winners are smaller, so that their rings don't cut them. */
function fitIntoRings(grid, side) {
  if (side >= SMALL) return grid;
  const children = grid.children.map((one) => (/ strong/.test(one.named?.class) ? shrink(one) : one));
  return { ...grid, children };
}

function shrink(words) {
  const size = Number(words.named["font-size"]);
  const y = Number(words.named.y) - 0.36 * (1 - SHRUNK) * size;
  const named = { ...words.named, y: String(round(y)), "font-size": String(round(SHRUNK * size)) };
  return { ...words, named };
}

function windowPlaces(state, { row, column }) {
  const pixels = windowOf(state, row, column);
  return { rows: pixels.map((pixel) => pixel.row), columns: pixels.map((pixel) => pixel.column) };
}

/** The outline of each window, and a ring in the pixel that wins it. */
function windowsAndRings({ state, layout, read }, { first }, inkOf) {
  const { x, y, side } = layout.image;
  const winners = winnersOf(state).flat();
  const isLit = (one) => read?.isMade && one === read.winner;
  const inset = Math.min(3, 0.06 * side);
  const outlined = (name) =>
    winners.map(({ output: [row, column] }) =>
      box(x + 2 * column * side, y + 2 * row * side, 2 * side, 2 * side, { class: name }),
    );
  const ring = ({ row, column, value }) => {
    const [left, top] = [x + (column - first) * side + inset, y + (row - first) * side + inset];
    return box(left, top, side - 2 * inset, side - 2 * inset, {
      class: "winner",
      rx: 6,
      stroke: inkOf(value),
    });
  };
  return [outlined("halo"), outlined("window"), winners.filter((one) => !isLit(one)).map(ring)];
}

/** Greys for the values of an image: of 0 to 1, of 0 to 255, or from its least to its largest. */
function greyScale(image) {
  const values = image.flat();
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const high = [1, 255].find((top) => least >= 0 && most <= top) ?? most;
  const low = high === most && least < 0 ? least : Math.min(0, least);
  return (value) => (value - low) / (high - low || 1);
}

const arrow = ({ image, output }) =>
  text((image.x + ROOM + output.x) / 2, HEADING + ROOM / 2, "→", { class: "number middle", "font-size": 30 });

function outputGrid({ state, at, layout, read }) {
  const winners = winnersOf(state);
  const grey = greyScale(state.image);
  const isRead = (row, column) => read && read.output.row === row && read.output.column === column;
  const cell = (row, column) => ({
    words: short(winners[row][column].value),
    grey: grey(winners[row][column].value),
    lit: isRead(row, column) && read.isMade,
  });
  const shape = shapeOf("output", state);
  const { x, y } = layout.output;
  const map = mapOf(state);
  const rows = `${winners.length}${map.length === map[0].length ? "" : " rows"}`;
  const given = { size: map.length, kernel: 2, stride: 2, padding: state.padding, changed: state.changed };
  return group(
    {},
    numberGrid("output", { title: `output ${sizeOf(winners)}` }, shape, layout.output, cell),
    formula(given, rows, { x: x + 112, y: y - 12 }),
    read && frameAround({ rows: [read.output.row], columns: [read.output.column] }, shape, layout.output),
  );
}
