// At the right of the sheet, on a wide page: the sum of one place, term by term; what one pixel
// stamps; or what one weight draws.

import { box, group, range, round, tag, text, written } from "../frame/svg.js";
import { numbersOf, stampsOn } from "./stamps.js";

const STEP = 46; // pixels from term to term, if there is room
const ROOM = 300;
const SMALL = 36; // the side of a small stamp

export function sumInFull(state, at, place) {
  const { ink, weights } = numbersOf(state);
  if (at.kind === "input") return products(ink[at.row][at.column], weights, "the kernel", place);
  if (at.kind === "kernel") return products(weights[at.row][at.column], ink, "the input", place);
  const stamps = stampsOn(at.row, at.column, state);
  return stamps.length ? sumOfPlace(stamps, state.kernel, place) : "";
}

/** Each term with the stamp it comes from, and the weight of it that lands here. */
function sumOfPlace(stamps, kernel, { x, y }) {
  const step = Math.min(STEP, ROOM / (stamps.length + 1));
  const total = stamps.reduce((sum, { product }) => sum + product, 0);
  const bottom = y + stamps.length * step;
  return group(
    { "aria-hidden": "true" },
    text(x, y - 12, "ink × the weight that lands here", { class: "quiet" }),
    stamps.map((stamp, i) => termOf(stamp, kernel, { x, middle: y + (i + 0.5) * step, step })),
    tag("path", { class: "ruler", d: `M${x + 136} ${round(bottom + 3)}H${x + 174}` }),
    text(x + 172, bottom + 22, written(total), { class: "heading end" }),
  );
}

function termOf({ ink, weight, by, product }, kernel, { x, middle, step }) {
  const number = (right, value) => text(x + right, middle + 5, written(value), { class: "end" });
  const sign = (left, words) => text(x + left, middle + 5, words, { class: "quiet" });
  return [
    number(14, ink),
    sign(24, "×"),
    smallStamp(weight, kernel, { x: x + 42, middle, side: Math.min(SMALL, step - 4) }),
    number(112, by),
    sign(124, "="),
    number(172, product),
  ];
}

function smallStamp([row, column], kernel, { x, middle, side }) {
  const cell = side / kernel;
  const [left, top] = [x + (SMALL - side) / 2, middle - side / 2];
  return group(
    { class: "small" },
    range(kernel * kernel).map((i) => {
      const [u, v] = [Math.floor(i / kernel), i % kernel];
      const named = { class: u === row && v === column ? "paper here" : "paper" };
      return box(left + v * cell, top + u * cell, cell, cell, named);
    }),
  );
}

/** What one pixel stamps; or what one weight has drawn, which is the input once more. */
function products(factor, rows, title, { x, y }) {
  const cells = rows.flatMap((line, u) =>
    line.map((value, v) => [
      box(x + v * SMALL, y + u * SMALL, SMALL, SMALL, { class: "cell lit", "fill-opacity": 1 }),
      text(x + (v + 0.5) * SMALL, y + (u + 0.5) * SMALL + 5, written(factor * value), {
        class: "number middle lit",
        "font-size": 13,
      }),
    ]),
  );
  const heading = text(x, y - 12, `${written(factor)} × ${title}`, { class: "quiet" });
  return group({ "aria-hidden": "true" }, heading, cells);
}
