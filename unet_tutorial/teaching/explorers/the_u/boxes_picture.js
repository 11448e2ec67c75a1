// The U as boxes: what size each block's maps have, where a size breaks, and what each block costs.

import { box, group, range, round, stop, tag, text } from "../frame/svg.js";
import { formatAmount } from "./arithmetic.js";
import { placesOf } from "./boxes_places.js";
import { amountsOf, stageOf, traceOf } from "./boxes_state.js";
import { BLOCKS, decoderAt, encoderAt, isUp, LEVELS, levelOf, readBy } from "./u.js";

const SMALLEST = 24; // pixels; what a finger can hit

export function boxesPicture(state, wide) {
  const amounts = amountsOf(state);
  const { layout, at } = placesOf(state, amounts, wide);
  const all = { ...state, amounts, layout, places: at, at: state.looked ?? state.kept };
  const viewBox = `0 0 ${layout.width} ${layout.height}`;
  const named = { viewBox, role: "group", "aria-label": labelOf(all) };
  const room = { x: 4, y: 6, width: layout.width - 8, height: layout.height - 10 };
  const label = "The blocks of the U: arrow keys walk along it";
  const arrows = range(LEVELS).map((level) => skip(level, all));
  const squares = BLOCKS.map((name) => block(name, all));
  return tag("svg", named, stop("blocks", label, room, flow(all), squares, arrows));
}

function labelOf({ height, width, base_channels, measure, amounts, ...state }) {
  const { failed } = traceOf({ height, width, base_channels });
  const image = `The U-Net with ${base_channels} base channels, for an image of ${height} × ${width}`;
  if (failed && !amounts) return `${image}: it breaks at ${failed}`;
  return amounts ? `The U-Net as squares whose areas are their shares of the ${measure}` : image;
}

/** The path of the data, in pieces from block to block; dashed from where it breaks. */
function flow(all) {
  const names = all.amounts ? BLOCKS : ["input", ...BLOCKS];
  const pieces = names.slice(1).map((name, i) => {
    const [from, to] = [all.places[names[i]], all.places[name]];
    const d = `M${round(from.cx)} ${round(from.cy)}L${round(to.cx)} ${round(to.cy)}`;
    return tag("path", { class: isReached(name, all) ? "flow" : "flow missed", d });
  });
  return group({}, pieces, imageBox(all));
}

const isReached = (name, state) => Boolean(state.amounts || stageOf(name, state));

function imageBox({ places: { input }, layout, amounts, height, width }) {
  if (amounts) return "";
  const { x, y, width: broad, height: tall } = input;
  const below = y + tall + 15;
  return [
    box(x, y, broad, tall, { class: "image" }),
    text(input.cx, y - 10, "image", { class: "name middle" }),
    layout.isWide && text(input.cx, below, `(1, ${height}, ${width})`, { class: "name shape middle" }),
  ];
}

function block(name, all) {
  const place = all.places[name];
  const { looked, kept, amounts } = all;
  const lit = all.at?.name === name && "lit";
  const read = looked?.kind === "block" && readBy(looked.name).includes(name) && "read";
  const missed = !isReached(name, all) && "missed";
  const style = ["block", lit, !lit && read, missed, kept?.name === name && "open", amounts && "share"];
  return group(
    { class: style.filter(Boolean).join(" ") },
    group({}, !amounts && !missed && sheets(name, place)),
    box(place.x, place.y, place.width, place.height, { class: "edge", rx: Math.min(3, place.width / 6) }),
    labels(name, all),
    catcher(name, place),
  );
}

/** What a finger can hit, however small the box is. */
function catcher(name, { cx, cy, width, height }) {
  const [broad, tall] = [width, height].map((side) => Math.max(SMALLEST, side));
  const named = { class: "catch", "data-hit": `block:${name}` };
  return box(cx - broad / 2, cy - tall / 2, broad, tall, named);
}

/** The more maps, the more sheets behind the first: one for each doubling. */
function sheets(name, { x, y, width, height }) {
  const count = name === "out_conv" ? 0 : levelOf(name) + 1;
  return range(count)
    .reverse()
    .map((i) => box(x + 3 * (i + 1), y - 3 * (i + 1), width, height, { class: "sheet", rx: 2 }));
}

function labels(name, all) {
  const [x, y, style] = labelPlace(name, all.places[name], all);
  const second = secondLine(name, all);
  if (all.layout.isWide && levelOf(name) === 0) {
    const shape = tag("tspan", { class: "shape" }, `  ${second}`);
    return tag("text", { x: round(x), y: round(y), class: `name ${style}` }, tag("tspan", {}, name), shape);
  }
  const short = all.layout.isWide ? second : second.split(" · ")[0];
  const hasRoom = all.layout.isWide || name !== "out_conv" || all.amounts;
  return [
    text(x, y, name, { class: `name ${style}` }),
    hasRoom && text(x, y + 15, short, { class: `name shape ${style}` }),
  ];
}

/** Next to the box; above it on level 0, and below it on a phone. */
function labelPlace(name, { cx, cy, width, height }, { layout, amounts }) {
  const level = levelOf(name);
  const half = Math.max(9, height / 2);
  const isOneLine = layout.isWide || !amounts;
  if (name === "out_conv") return [layout.width - 2, cy - half - (isOneLine ? 10 : 22), "end"];
  if (!layout.isWide) return [cx, cy + half + 13, "middle"];
  if (level === 0) return [cx, cy - half - 10, "middle"];
  const sheeted = amounts ? 0 : 3 * (level + 1);
  const away = Math.max(6, width / 2) + 10;
  if (level === LEVELS || isUp(name)) return [cx + away + sheeted, cy - 2, ""];
  return [cx - away, cy - 2, "end"];
}

function secondLine(name, all) {
  const { amounts, measure } = all;
  if (amounts) {
    const share = (100 * amounts.parts[name]) / amounts.all;
    return `${share < 0.05 ? "<0.1" : share.toFixed(1)} % · ${formatAmount(measure, amounts.parts[name])}`;
  }
  const stage = stageOf(name, all);
  if (stage) return `(${stage.channels}, ${stage.height}, ${stage.width})`;
  if (name !== traceOf(all).failed) return "not reached";
  return isUp(name) ? "can't join" : "can't pool";
}

function skip(level, all) {
  const { places, amounts, at } = all;
  const [from, to] = [places[encoderAt(level)], places[decoderAt(level)]];
  const sheeted = amounts ? 0 : 3 * (level + 1);
  const [left, right] = [from.x + from.width + sheeted + 4, to.x - 4];
  const { failed, upsampled } = traceOf(all);
  const breaks = !amounts && upsampled && failed === decoderAt(level);
  const isLit = at?.kind === "skip" && at.level === level;
  const isMissed = !amounts && !stageOf(decoderAt(level), all) && !breaks;
  const style = ["skip", isLit && "lit", breaks && "broken", isMissed && "missed"];
  const catching = { class: "catch", "data-hit": `skip:${level}` };
  return group(
    { class: style.filter(Boolean).join(" ") },
    group({}, breaks ? brokenArrow(left, right, from.cy, all) : wholeArrow(left, right, from.cy)),
    box(left, from.cy - 12, Math.max(SMALLEST, right - left), SMALLEST, catching),
  );
}

const wholeArrow = (left, right, y) =>
  tag("path", { class: "line", d: `M${round(left)} ${round(y)}H${round(right)}m-6 -4l6 4l-6 4` });

/** The skip's size comes from the left, that of the enlarged map from the right; they don't meet. */
function brokenArrow(left, right, y, state) {
  const { failed, upsampled } = traceOf(state);
  const kept = stageOf(encoderAt(levelOf(failed)), state);
  const [middle, by] = [(left + right) / 2, 5];
  const below = state.layout.isWide ? -7 : 18; // on a phone, there is no room for both above it
  const size = ({ height, width }) => `${height} × ${width}`;
  const cross = `M${middle - by} ${y - by}l${2 * by} ${2 * by}m0 ${-2 * by}l${-2 * by} ${2 * by}`;
  return [
    tag("path", { class: "line", d: `M${left} ${y}H${middle - 12}M${right} ${y}H${middle + 12}` }),
    tag("path", { class: "cross", d: cross }),
    text((left + middle - 8) / 2, y - 7, size(kept), { class: "meets middle" }),
    text((right + middle + 8) / 2, y + below, size(upsampled), { class: "meets middle" }),
  ];
}
