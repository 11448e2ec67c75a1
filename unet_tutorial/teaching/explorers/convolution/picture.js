// The picture of one convolution: the image with the selected window's products in it, the
// kernel, and the output.

import { selected } from "../frame/selection.js";
import { formula, frameAround, numberGrid } from "../frame/grid.js";
import { short, sizeOf, weightWords } from "../frame/short.js";
import { box, group, tag, text } from "../frame/svg.js";
import { termsOf, unreadOf } from "../frame/windows.js";
import { layersOf, mapsOf, shapeOf, traceOf, weightsOf } from "./state.js";

const MOST = 48; // pixels; the side of a cell
const HEADING = 28;
const KERNEL = 130;
const WIDE = { width: 844, room: 336, kernel: { x: 357, y: HEADING }, output: { x: 506, y: HEADING } };
const NARROW = { width: 358, room: 354 };
const SMALLEST = 24; // pixels; what a finger can hit

export function convolutionPicture(state, wide) {
  const layout = layoutOf(state, wide);
  const drawn = { state, at: selected(state), trace: traceOf(state, selected(state)), layout };
  const named = {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    role: "group",
    "aria-label": nameOf(state),
  };
  return tag("svg", named, imageGrid(drawn), kernelGrid(drawn), outputGrid(drawn));
}

function nameOf(state) {
  const [image, output] = mapsOf(state).map(sizeOf);
  return (
    `A convolution: an image of ${image} numbers, a kernel of ${state.kernel} × ${state.kernel} weights, ` +
    `and the output of ${output}. The window of one output is marked in the image, with its products`
  );
}

// Where everything is

function layoutOf(state, wide) {
  const { room, ...layout } = wide ? WIDE : NARROW;
  const { rows, columns } = shapeOf("image", state);
  const side = Math.min(MOST, room / Math.max(rows, columns));
  const image = { x: 2, y: HEADING, side, bottom: HEADING + rows * side };
  return wide
    ? { ...wideLayout(layout, state, side), image }
    : { ...narrowLayout(layout, state, image), image };
}

function wideLayout({ width, kernel, output }, state, side) {
  const sides = { kernel: { ...kernel, side: kernelSide(state) }, output: { ...output, side } };
  return { width, height: HEADING + WIDE.room + 2, ...sides, formula: { x: output.x + 126, y: 16 } };
}

/** On a phone, kernel and output are side by side below the image, if the output is small enough. */
function narrowLayout({ width }, state, image) {
  const { rows, columns } = shapeOf("output", state);
  const y = image.bottom + 2 * HEADING;
  const kernel = { x: 2, y, side: kernelSide(state) };
  const nextTo = { x: 2 + KERNEL + 18, y };
  const room = width - 2 - nextTo.x;
  const isNextTo = room / Math.max(rows, columns) >= SMALLEST;
  const steps = y + state.kernel * kernel.side + 46; // the bottom of the buttons below the kernel
  const below = { x: 2, y: steps + HEADING };
  const side = Math.min(image.side, (isNextTo ? room : width - 4) / Math.max(rows, columns));
  const output = { ...(isNextTo ? nextTo : below), side };
  const height = Math.max(steps, output.y + rows * side) + 4;
  return { width, height, kernel, output, formula: { x: 2, y: image.bottom + 22 } };
}

const kernelSide = ({ kernel }) => Math.min(MOST, KERNEL / kernel);

// What is drawn there

// The parts are groups, so that the grid which has the focus keeps its place in the tree.

function imageGrid({ state, at, trace, layout }) {
  const [map, layer] = [mapsOf(state)[0], layersOf(state)[0]];
  const shape = shapeOf("image", state);
  const unread = unreadOf(map, layer);
  const most = largest(map);
  const lit = isIn(trace[0]);
  const cell = (row, column) => {
    const value = map[row]?.[column];
    const weight = lit(row, column) && weightOn(state, at, row, column);
    return {
      words: weight ? [short(value ?? 0), `·${weight}`] : short(value ?? 0),
      shade: Math.abs(value ?? 0) / most,
      lit: lit(row, column),
      outside: value === undefined,
      unread: value !== undefined && (unread.rows.includes(row) || unread.columns.includes(column)),
    };
  };
  const title = `image ${sizeOf(map)}${state.padding ? ", padded" : ""}`;
  const isWhole = at.kind !== "kernel" || state.stride === 1;
  return group(
    {},
    numberGrid("image", { title }, shape, layout.image, cell),
    isWhole && frameAround(trace[0], shape, layout.image),
  );
}

const largest = (map) => Math.max(...map.flat().map(Math.abs)) || 1;

const isIn =
  ({ rows, columns }) =>
  (row, column) =>
    rows.includes(row) && columns.includes(column);

/** The weight on a pixel of the selected window, or the selected weight itself. */
function weightOn(state, at, row, column) {
  if (at.kind === "image") return "";
  const { weights, stride, padding } = layersOf(state)[0];
  if (at.kind === "kernel") return weightWords(weights[at.row][at.column]);
  return weightWords(weights[row + padding - at.row * stride][column + padding - at.column * stride]);
}

function kernelGrid({ state, at, trace, layout }) {
  const weights = weightsOf(state);
  const { stride, padding } = state;
  const isUsed = (row, column) => {
    if (at.kind === "output") return true;
    if (at.kind === "kernel") return at.row === row && at.column === column;
    const [down, right] = [at.row + padding - row, at.column + padding - column];
    return down % stride === 0 && right % stride === 0 && isIn(trace[1])(down / stride, right / stride);
  };
  const cell = (row, column) => ({
    words: weightWords(weights[row][column]),
    lit: isUsed(row, column),
  });
  const title = `kernel ${state.kernel} × ${state.kernel}`;
  const shape = shapeOf("kernel", state);
  return group(
    {},
    numberGrid("kernel", { title }, shape, layout.kernel, cell),
    weightSteps(state, layout.kernel),
  );
}

/** Below the kernel: two buttons that change the weight that was clicked, or that one can click. */
function weightSteps({ kernel, pinned }, { x, y, side }) {
  const top = y + kernel * side + 10;
  if (pinned.kind !== "kernel") return text(x, top + 14, "click to change", { class: "quiet" });
  return ["-", "+"].map((key, i) =>
    group(
      { class: "step", role: "button", "aria-label": `weight ${key} 1`, "data-hit": `step:${key}` },
      box(x + i * 40, top, 32, 32, { rx: 6 }),
      text(x + 16 + i * 40, top + 21, key === "-" ? "−" : "+", { class: "middle" }),
    ),
  );
}

function outputGrid({ state, at, trace, layout }) {
  const output = mapsOf(state)[1];
  const shape = shapeOf("output", state);
  const most = largest(output);
  const isLit = isIn(trace[1]);
  const showsSums = at.kind === "kernel" && !state.looked; // a selected weight is one to change
  const lit = (row, column) => !showsSums && isLit(row, column);
  const cell = (row, column) => ({
    words: lit(row, column) ? wordsOfLit(state, at, row, column) : short(output[row][column]),
    shade: Math.abs(output[row][column]) / most,
    lit: lit(row, column),
    strong: at.kind === "output" && lit(row, column),
  });
  const title = `output ${sizeOf(output)}`;
  return group(
    {},
    numberGrid("output", { title }, shape, layout.output, cell),
    sizeFormula(state, layout.formula),
    at.kind === "output" && frameAround(trace[1], shape, layout.output),
  );
}

/** What the selection adds to an output: "9·−1". */
function wordsOfLit(state, at, row, column) {
  const [map, output] = mapsOf(state);
  if (at.kind === "output") return short(output[row][column]);
  const layer = layersOf(state)[0];
  const term = termsOf(map, layer, row, column).find((one, i) =>
    at.kind === "image"
      ? one.row === at.row && one.column === at.column
      : i === at.row * layer.weights.length + at.column,
  );
  return [short(term.value), `·${weightWords(term.weight)}`];
}

/** For an image that isn't square, the formula of its rows. */
function sizeFormula(state, named) {
  const [map, output] = mapsOf(state);
  const isSquare = map.length === map[0].length;
  return formula({ ...state, size: map.length }, output.length + (isSquare ? "" : " rows"), named);
}
