// The ladder: a strip for the rows of the image and one for each stage, from the image to the
// logits. The rows that the selected value depends on are amber, in each of them.

import { selected } from "../frame/selection.js";
import { box, group, range, round, stop, tag, text } from "../frame/svg.js";
import { lengthOf, levelOf } from "./fields.js";
import { stagesOf } from "./state.js";
import { nameOf } from "./words.js";

const WIDEST = 34; // pixels; a strip
const SHARE = 0.6; // of a strip in the room that it has
const CLOSE = 54; // pixels from strip to strip; below, every second label is higher up
const RAISED = 15;
const FINEST = 3.5; // pixels; lower blocks are drawn without the lines between them

/** `read` has the rows that are read, stage by stage; `place` is {x, y, width, height}. */
export function ladder(state, data, read, place) {
  const { stage } = selected(state);
  const names = ["image", ...stagesOf(data)];
  const strips = names.map((name, i) => stripOf(name, i, names.length, data.rows, read[name], place));
  return stop(
    "ladder",
    "ladder of the stages: left and right choose one, up and down move",
    place,
    group({ "aria-hidden": "true" }, strips.slice(1).map((strip, i) => funnel(strips[i], strip, place))),
    strips.map((strip) => drawStrip(strip, strip.name === stage, place)),
  );
}

function stripOf(name, number, count, rows, span, place) {
  const pitch = place.width / count;
  const width = Math.min(WIDEST, SHARE * pitch);
  const values = name === "image" ? rows : rows >> levelOf(name);
  const middle = place.x + (number + 0.5) * pitch;
  return { name, values, span, width, middle, x: middle - width / 2, isRaised: pitch < CLOSE && number % 2 };
}

function drawStrip({ name, values, span, width, middle, x, isRaised }, chosen, { y, height }) {
  const unit = height / values;
  const label = y - 10 - (isRaised ? RAISED : 0);
  const looks = ["number", "middle", "stage", chosen && "strong", !span && "unread"].filter(Boolean).join(" ");
  return group(
    {},
    box(x, y, width, height, { class: "strip" }),
    span && box(x, y + span[0] * unit, width, lengthOf(span) * unit, { class: chosen ? "read chosen" : "read" }),
    unit >= FINEST && tag("path", { class: "rungs", d: rungs(values, x, y, width, unit) }),
    text(middle, label, nameOf(name), { class: looks }),
    span && text(middle, y + height + 16, lengthOf(span), { class: "quiet middle" }),
    name !== "image" && box(x - 2, y, width + 4, height, { class: "over", "data-pixels": `${name}:${values},1` }),
  );
}

const rungs = (values, x, y, width, unit) =>
  range(values - 1, 1)
    .map((place) => `M${round(x)} ${round(y + place * unit)}h${round(width)}`)
    .join("");

/** From what one stage reads to what it makes of it. */
function funnel(from, to, { y, height }) {
  if (!from.span || !to.span) return "";
  const edge = ({ values, span }, end) => round(y + ((span[end] + end) * height) / values);
  const [left, right] = [round(from.x + from.width), round(to.x)];
  const d = `M${left} ${edge(from, 0)}L${right} ${edge(to, 0)}V${edge(to, 1)}L${left} ${edge(from, 1)}z`;
  return tag("path", { class: "reach", d });
}
