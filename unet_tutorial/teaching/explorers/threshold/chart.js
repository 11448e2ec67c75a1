// The chart: how often each value occurs, the Dice at every threshold, and the line to drag.

import { short } from "../frame/short.js";
import { box, group, range, round, tag, text, written } from "../frame/svg.js";
import { curvesOf, limitsOf } from "./scores.js";
import { barOf, splitOf, thresholdAt, thresholdsOf } from "./state.js";

const GRIP = 11;

export function chartView(state, scene, place) {
  return group(
    {
      role: "slider",
      tabindex: 0,
      "data-keys": "line",
      "aria-label": `threshold of the ${scene.name}: arrow keys move it`,
      "aria-valuemin": thresholdAt(scene, 0),
      "aria-valuemax": thresholdAt(scene, thresholdsOf(scene) - 1),
      "aria-valuenow": thresholdAt(scene, state.at),
      "aria-valuetext": `${thresholdAt(scene, state.at)}: ${readingOf(state, scene)}`,
    },
    axes(scene, place),
    bars(state, scene, place),
    group({ class: "curve" }, curve(scene, place)),
    cutLine(state, scene, place),
    columnsOf(scene, place),
    box(place.x - 4, place.y - 4, place.width + 8, place.height + 8, { class: "ring", rx: 4 }),
  );
}

/** What is written above the line: the score here, and the number of pieces. */
export function readingOf(state, scene) {
  const { line, dice } = curvesOf(scene);
  const value = line[state.at];
  const score = dice ? `Dice ${value.toFixed(2)}` : `${Math.round(100 * value)} % of the pixels`;
  const split = splitOf(state);
  const tally = split < 0 ? scene.pieces?.[state.at] : scene.splits[split];
  return tally ? `${score}, ${counted(tally[0], "piece")}` : score;
}

const counted = (count, name) => `${written(count)} ${name}${count === 1 ? "" : "s"}`;

const barWidth = (scene, { width }) => width / scene.bars.length;

// Bars: as high as the logarithm of their pixels

function bars(state, scene, place) {
  const most = Math.log1p(Math.max(...scene.bars));
  const heightOf = (count) => (Math.log1p(count) / most) * place.height;
  const path = (counts, name, from, to) =>
    tag("path", { class: name, d: pathOf(counts, from, to, heightOf, place) });
  const [middle, end] = [state.at + 1, scene.bars.length];
  const here = barOf(state, scene);
  return group(
    {},
    path(scene.bars, "bar", 0, middle),
    path(scene.bars, "bar in", middle, end),
    scene.inside && [
      path(scene.inside, "bar inside", 0, middle),
      path(scene.inside, "bar in inside", middle, end),
    ],
    group({}, here !== null && path(scene.bars, "bar here", here, here + 1)),
  );
}

function pathOf(counts, from, to, heightOf, { x, y, width, height }) {
  const step = width / counts.length;
  const gap = step > 5 ? 1 : 0;
  return range(to - from, from)
    .filter((bar) => counts[bar])
    .map((bar) => {
      const high = round(heightOf(counts[bar]));
      return `M${round(x + bar * step)} ${round(y + height)}v-${high}h${round(step - gap)}v${high}z`;
    })
    .join("");
}

// The line of Dice, or of the share of pixels, at every threshold

function curve(scene, { x, y, width, height }) {
  const [low, high] = limitsOf(scene);
  const step = width / scene.bars.length;
  let isOn = false;
  const d = curvesOf(scene).line.map((value, i) => {
    const isThere = value >= low;
    const command =
      isThere && `${isOn ? "L" : "M"}${round(x + (i + 1) * step)} ${round(yOf(value, low, high, y, height))}`;
    isOn = isThere;
    return command || "";
  });
  return [tag("path", { class: "halo", d: d.join("") }), tag("path", { d: d.join("") })];
}

const yOf = (value, low, high, y, height) => y + height * (1 - (value - low) / (high - low));

function axes(scene, { x, y, width, height }) {
  const [low, high] = limitsOf(scene);
  const name = scene.inside ? "Dice" : "share";
  const what = width > 500 || !scene.inside ? ": how many pixels have it (log scale)" : "";
  const strong = scene.inside ? "; strong: inside the expert's nuclei" : "";
  return group(
    { "aria-hidden": "true" },
    text(x - 5, y - 10, name, { class: "quiet end" }),
    text(x - 5, y + 5, high.toFixed(1), { class: "quiet end" }),
    text(x - 5, y + height + 3, low.toFixed(1), { class: "quiet end" }),
    tag("path", { class: "ruler", d: `M${x} ${round(y + height + 0.5)}h${width}` }),
    ticksOf(scene).map((value) => {
      const at = x + ((value - scene.low) / scene.step + 1) * (width / scene.bars.length);
      return text(at, y + height + 24, short(value), { class: "quiet middle" });
    }),
    text(x + width / 2, y + height + 40, `${scene.name}${what}${strong}`, { class: "quiet middle" }),
  );
}

/** Round values along the axis, four to eight of them. */
function ticksOf(scene) {
  const last = scene.low + (thresholdsOf(scene) - 1) * scene.step;
  const power = 10 ** Math.floor(Math.log10((last - scene.low) / 4));
  const step = [5, 2.5, 2, 1].map((part) => part * power).find((each) => (last - scene.low) / each >= 3.5);
  const first = Math.ceil(scene.low / step - 1e-9);
  return range(Math.floor(last / step + 1e-9) - first + 1, first).map((i) => i * step);
}

function cutLine(state, scene, place) {
  const { x, y, width, height } = place;
  const [low, high] = limitsOf(scene);
  const at = round(x + (state.at + 1) * barWidth(scene, place));
  const value = curvesOf(scene).line[state.at];
  const words = readingOf(state, scene);
  const room = 7.2 * (words.length + 6); // pixels, about
  const left = Math.max(x, Math.min(x + width - room, at - 18));
  return group(
    { class: "cut" },
    tag("path", { d: `M${at} ${y - 6}V${y + height}` }),
    value >= low &&
      tag("circle", { class: "dot", cx: at, cy: round(yOf(value, low, high, y, height)), r: 4.5 }),
    tag(
      "text",
      { x: round(left), y: y - 11 },
      tag("tspan", { class: "heading" }, thresholdAt(scene, state.at)),
      tag("tspan", { dx: 8 }, words),
    ),
    tag("circle", { class: "grip", cx: at, cy: y + height, r: GRIP }),
    tag("path", {
      class: "arrows",
      d: `M${at - 3} ${y + height - 4}l-4 4l4 4M${at + 3} ${y + height - 4}l4 4l-4 4`,
    }),
  );
}

const kept = new WeakMap(); // scene -> its columns at each place, so that nothing is compared again

/** What the pointer is on: a bar; and, pressed, the line between two bars. */
function columnsOf(scene, place) {
  const key = `${place.x} ${place.y} ${place.width} ${place.height}`;
  if (kept.get(scene)?.key !== key) kept.set(scene, { key, columns: makeColumns(scene, place) });
  return kept.get(scene).columns;
}

function makeColumns(scene, place) {
  const step = barWidth(scene, place);
  const count = scene.bars.length;
  const column = (bar) =>
    box(place.x + bar * step, place.y - 24, step, place.height + 24 + GRIP, {
      "data-hit": `bar:${bar}`,
      class: "column",
    });
  return group({ "data-drag": `line:1,${2 * count}` }, range(count).map(column));
}
