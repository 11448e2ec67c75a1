// The picture of one convolution: the image with the selected window's products in it, the
// kernel, and the output.

import { selected } from "../frame/selection.js";
import { formula, frameAround, numberGrid } from "../frame/grid.js";
import { PHONE, SMALLEST } from "../frame/phone.js";
import { short, sizeOf, weightWords } from "../frame/short.js";
import { box, group, tag, text } from "../frame/svg.js";
import { termsOf, unreadOf } from "../frame/windows.js";
import { layersOf, mapsOf, shapeOf, traceOf, weightsOf } from "./state.js";

const MOST = 48; // pixels; the side of a cell
const HEADING = 28;
const KERNEL = 130;
const WIDE = { width: 844, room: 336, kernel: { x: 357, y: HEADING }, output: { x: 506, y: HEADING } };
const GAP = 14;
const BUTTONS = { width: 84, height: 46 }; // pixels; below the kernel

export function convolutionPicture(state, wide) {
  const layout = (wide ? wideLayout : narrowLayout)(state);
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

const longest = ({ rows, columns }) => Math.max(rows, columns);

function wideLayout(state) {
  const { width, room, kernel, output } = WIDE;
  const side = Math.min(MOST, room / longest(shapeOf("image", state)));
  return {
    width,
    height: HEADING + room + 2,
    image: { x: 2, y: HEADING, side },
    kernel: { ...kernel, side: Math.min(MOST, KERNEL / state.kernel) },
    output: { ...output, side },
    formula: { x: output.x + 126, y: 16 },
  };
}

/** On a phone, kernel and output are side by side below the image, if the output isn't too large. */
function narrowLayout(state) {
  const [image, output] = ["image", "output"].map((kind) => shapeOf(kind, state));
  const sides = narrowSides(image, output, state.kernel);
  const bottom = HEADING + image.rows * sides.image;
  const kernel = { x: 2, y: bottom + 2 * HEADING, side: sides.kernel };
  const below = kernel.y + state.kernel * kernel.side + BUTTONS.height;
  const place = sides.isNextTo ? { x: sides.right, y: kernel.y } : { x: 2, y: below + HEADING };
  return {
    width: PHONE.width,
    height: Math.max(below, place.y + output.rows * sides.output) + 4,
    image: { x: 2, y: HEADING, side: sides.image },
    kernel,
    output: { ...place, side: sides.output },
    formula: { x: 2, y: bottom + 22 },
  };
}

/** The sides of the cells: what fits on one screen, but a finger has to hit them. */
function narrowSides(image, output, kernel) {
  const [across, down] = [PHONE.width - 4, PHONE.height - 3 * HEADING - 4];
  const most = Math.min(MOST, KERNEL / kernel, (across - GAP - SMALLEST * output.columns) / kernel);
  const weight = Math.max(SMALLEST, most);
  const right = 2 + Math.max(BUTTONS.width, kernel * weight) + GAP;
  const nextTo = (PHONE.width - 2 - right) / output.columns;
  const isNextTo = nextTo >= SMALLEST;
  const high = [down / (image.rows + output.rows), (down - kernel * weight - BUTTONS.height) / image.rows];
  const pixel = Math.max(SMALLEST, Math.min(MOST, across / image.columns, ...high));
  const sum = Math.min(pixel, isNextTo ? nextTo : across / output.columns);
  return { image: pixel, kernel: weight, output: sum, isNextTo, right };
}

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
  return group({}, numberGrid("kernel", { title }, shape, layout.kernel, cell), weightSteps(state, layout));
}

/** Below the kernel: two buttons that change the weight that was clicked, or that one can click. */
function weightSteps({ kernel, pinned }, { width, kernel: { x, y, side } }) {
  const top = y + kernel * side + 10;
  const how = width === PHONE.width ? "tap to change" : "click to change";
  if (pinned.kind !== "kernel") return text(x, top + 14, how, { class: "quiet" });
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
