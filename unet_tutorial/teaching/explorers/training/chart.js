// A curve over the epochs: a line with a point for each, and the selected one in numbers.

import { box, group, round, tag, text } from "../frame/svg.js";
import { after } from "./record.js";

const MOST_POINTS = 50; // of a curve; with more, it's the line alone

/** `lines` has what is `told`, and perhaps another, which is dashed; each has a number an epoch. */
export function curve(title, { told, other = [] }, place, frame) {
  const { left, right, y, height, most, xOf } = place;
  const yOf = (value) => y + height * (1 - Math.max(0, Math.min(1, value / most)));
  const at = (values) => values.map((value, i) => [round(xOf(i + 1)), round(yOf(value))]);
  const value = frame && after(told, frame.epoch);
  return group(
    {},
    text(left, y - 9, title, { class: "heading" }),
    box(left, y, right - left, height, { class: "chart" }),
    [most, 0].map((mark) => text(left - 6, yOf(mark) + 5, tenths(mark), { class: "quiet end" })),
    line(at(other), "dashed"),
    line(at(told), "told"),
    told.length <= MOST_POINTS &&
      at(told).map(([cx, cy]) => tag("circle", { class: "point", cx, cy, r: 3 })),
    frame && tag("path", { class: "now", d: `M${round(xOf(frame.epoch))} ${y}v${height}` }),
    value !== undefined && selectedValue(value, xOf(frame.epoch), yOf(value), { left, right, y, height }),
  );
}

const tenths = (number) => String(Math.round(10 * number) / 10);

const line = (points, name) => {
  const d = `M${points.map((point) => point.join(" ")).join("L")}`;
  return points.length > 1 && tag("path", { class: `line ${name}`, d });
};

/** The selected number stands next to its point, where there is room. */
function selectedValue(value, x, y, { right, top, height, ...chart }) {
  const isRight = x > right - 60;
  const below = y < chart.y + 20;
  const named = { class: isRight ? "value end" : "value" };
  return [
    tag("circle", { class: "point selected", cx: round(x), cy: round(y), r: 5 }),
    text(x + (isRight ? -9 : 9), below ? y + 18 : y - 8, value.toFixed(2).replace("-", "−"), named),
  ];
}
