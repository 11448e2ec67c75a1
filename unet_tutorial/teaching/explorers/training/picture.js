// The picture of a training: the patch with what is predicted of it, the curves of loss and Dice,
// and below them a film strip, each frame under its epoch.

import { PHONE } from "../frame/phone.js";
import { group, stop, tag, text } from "../frame/svg.js";
import { curve } from "./chart.js";
import { lossName, recordOf } from "./record.js";
import { frameOf } from "./state.js";
import { filmStrip, panel, tileOf } from "./film.js";

const HEADING = 28; // pixels, like all lengths below
const LABEL = 20; // the line of epochs below the film strip
const WIDE = { width: 844, panels: { x: 2, y: HEADING, width: 300, height: 292 }, left: 348, right: 838 };
const NARROW = { width: PHONE.width, panels: { x: 2, y: HEADING, width: 354, height: 172 }, left: 30, right: 354 };
const HEIGHTS = { loss: 92, dice: 58, between: 28 };
const BETWEEN_PANELS = 8;
const HIGHEST = 100; // a frame of the strip

export function trainingPicture(state, data, wide) {
  const record = recordOf(data);
  const frame = frameOf(state, data);
  const layout = layoutOf(record, wide);
  const named = {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    role: "group",
    "aria-label": describe(record),
  };
  return tag("svg", named, panels(state, record, frame, layout), charts(state, record, frame, layout));
}

const describe = ({ epochs, frames }) =>
  `A patch of nuclei next to what the network predicts of it, both with the expert's outline; the curves of ` +
  `loss and Dice over ${epochs} epochs; and a film strip of ${frames.length} predictions`;

function layoutOf(record, wide) {
  const base = wide ? WIDE : NARROW;
  const panels = fitPanels(record, base.panels);
  const top = wide ? HEADING : HEADING + panels.height + HEADING;
  const dice = top + HEIGHTS.loss + HEIGHTS.between;
  const film = filmSize(record, base);
  const strip = { ...film, y: dice + HEIGHTS.dice + 12 };
  const bottom = Math.max(strip.y + strip.height + LABEL, HEADING + panels.height + 2);
  const xOf = scaleOf(record, base, film);
  return { width: base.width, height: Math.ceil(bottom), panels, top, dice, strip, xOf };
}

/** The two panels, side by side or one below the other: as they are larger. */
function fitPanels({ rows, columns }, { x, y, width, height }) {
  const across = Math.min((width - BETWEEN_PANELS) / 2 / columns, height / rows);
  const below = Math.min(width / columns, (height - HEADING) / 2 / rows);
  const scale = Math.max(across, below);
  const size = { width: scale * columns, height: scale * rows };
  const second = across >= below ? [x + size.width + BETWEEN_PANELS, y] : [x, y + size.height + HEADING];
  const all = across >= below ? size.height : 2 * size.height + HEADING;
  return { first: { x, y, ...size }, second: { x: second[0], y: second[1], ...size }, height: all };
}

/** The frames of the strip, as large as they fit next to each other. */
function filmSize({ rows, columns, slots }, { left, right }) {
  const room = (right - left) / slots - 4;
  const scale = Math.min(room / columns, HIGHEST / rows);
  return { width: scale * columns, height: scale * rows };
}

/** Where an epoch is along the curves: above the middle of its frame. */
function scaleOf({ slots }, { left, right }, film) {
  const [first, last] = [left + film.width / 2, right - film.width / 2];
  return (slot) => first + (slot * (last - first)) / Math.max(1, slots - 1);
}

function panels(state, record, frame, { panels: { first, second } }) {
  const title = frame ? titleOf(frame) : "";
  return group(
    {},
    text(first.x, first.y - 10, "image", { class: "heading" }),
    panel(record, tileOf(record, "image"), first),
    text(second.x, second.y - 10, title, { class: "heading" }),
    frame && panel(record, tileOf(record, state.shown, frame), second),
  );
}

function titleOf({ epoch, stopped }) {
  if (stopped) return "at the end";
  return epoch ? `epoch ${epoch}` : "at the start";
}

function charts(state, record, frame, layout) {
  const { strip, top, dice, xOf } = layout;
  const edges = { left: xOf(0) - strip.width / 2, right: xOf(record.slots - 1) + strip.width / 2 };
  const along = { ...edges, xOf: (epoch) => xOf((epoch * (record.slots - 1)) / record.epochs) };
  const { curves } = record;
  const told = lossName(record);
  const losses = { told: curves[told], other: told === "training" ? [] : curves.training };
  const title = told === "training" ? "loss" : "validation loss; dashed: training loss";
  const most = Math.max(1, ...curves.training, ...curves.validation);
  const place = { ...edges, x: edges.left, y: top, width: edges.right - edges.left };
  return stop(
    "strip",
    "curves and film strip: arrow keys go from epoch to epoch",
    { ...place, height: strip.y + strip.height - top },
    curve(title, losses, { ...along, y: top, height: HEIGHTS.loss, most }, frame),
    curve("Dice", { told: curves.dice }, { ...along, y: dice, height: HEIGHTS.dice, most: 1 }, frame),
    filmStrip(state, record, frame, { ...strip, xOf }),
    overlays(record, edges, layout),
  );
}

/** What the pointer is on: a frame, or the curves above it. The strip can be dragged along. */
function overlays({ slots }, { left, right }, { top, strip, xOf }) {
  const half = (xOf(1) - xOf(0)) / 2;
  const place = { x: left, width: right - left };
  const [from, to] = [xOf(0) - half, xOf(slots - 1) + half];
  const wide = { ...place, x: from, width: to - from, fill: "transparent" };
  const hits = `strip:1,${slots}`;
  return [
    tag("rect", { ...wide, y: top, height: strip.y - top, class: "over", "data-pixels": hits }),
    tag("rect", {
      ...wide,
      y: strip.y,
      height: strip.height,
      class: "over film",
      "data-pixels": hits,
      "data-drag": hits,
      "data-grip": "strip",
    }),
  ];
}
