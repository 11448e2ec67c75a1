// The mask as filters over the picture of the levels, so that no pixel goes through JavaScript.
// A filter's id says what it does: explorers on one page may share it.

import { tag } from "../frame/svg.js";

const LEVELS = 255; // a pixel of level n has the red n / 255
const AMBER = [0.965, 0.765, 0.267];

/** Amber where the level is at least `least`, and nothing elsewhere. */
const atLeast = (least, named = {}) =>
  tag("feColorMatrix", {
    in: "SourceGraphic",
    values: [...AMBER.map((part) => `0 0 0 0 ${part}`), `${LEVELS} 0 0 0 ${1 - least}`].join(" "),
    ...named,
  });

const filter = (id, ...parts) =>
  tag("filter", { id, x: 0, y: 0, width: 1, height: 1, "color-interpolation-filters": "sRGB" }, parts);

/** The outline of what is above threshold `at`, `thick` pixels of the image wide. */
export const outlineFilter = (at, thick) =>
  filter(
    `threshold-outline-${at}-${String(thick).replace(".", "_")}`,
    atLeast(at + 1, { result: "mask" }),
    tag("feMorphology", { operator: "erode", radius: thick, result: "within" }),
    tag("feComposite", { in: "mask", in2: "within", operator: "out" }),
  );

/** The pixels of one bar, each `by` pixels larger on all sides, so that single ones can be seen. */
export const barFilter = (bar, by) =>
  filter(
    `threshold-bar-${bar}-${by}`,
    atLeast(bar, { result: "from" }),
    atLeast(bar + 1, { result: "above" }),
    tag("feComposite", { in: "from", in2: "above", operator: "out" }),
    by > 0 && tag("feMorphology", { operator: "dilate", radius: by }),
  );

/** Levels as greys: up to `black` they are black, and the highest is white. */
export const brightFilter = (black, white) =>
  filter(`threshold-bright-${black}-${white}`, tag("feColorMatrix", { values: brighter(black, white) }));

function brighter(black, white) {
  const [by, less] = [LEVELS / (white - black), -black / (white - black)];
  return `${by} 0 0 0 ${less} 0 ${by} 0 0 ${less} 0 0 ${by} 0 ${less} 0 0 0 1 0`;
}
