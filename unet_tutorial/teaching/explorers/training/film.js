// Pictures of the patch, and the strip of them: tiles of the atlas with the expert's outline.

import { box, group, round, tag, text } from "../frame/svg.js";

/** Where in the atlas the image is, or a frame as it is shown: "probability" or "mask". */
export function tileOf({ tops, frames, columns }, strip, frame) {
  return { x: frame ? frames.indexOf(frame) * columns : 0, y: tops[strip] };
}

/** A tile at a place {x, y, width, height}, with the outline, which is drawn in pixels of the patch. */
export function panel(record, from, place) {
  const [across, down] = [place.width / record.columns, place.height / record.rows].map(round4);
  const transform = `translate(${round(place.x)} ${round(place.y)}) scale(${across} ${down})`;
  const outline = { d: record.outline, transform, "vector-effect": "non-scaling-stroke" };
  const lines = ["expert halo", "expert"].map((name) => tag("path", { class: name, ...outline }));
  return group({}, tile(record, from, place), lines);
}

const round4 = (number) => Math.round(number * 1e4) / 1e4;

/** One frame for each epoch that was looked at, under its epoch. */
export function filmStrip(state, record, selected, { y, width, height, xOf }) {
  return record.frames.map((frame) => {
    const x = xOf(frame.slot) - width / 2;
    const chosen = frame === selected;
    const label = frame.stopped ? "end" : frame.epoch || "start";
    const shown = tileOf(record, state.shown, frame);
    return group(
      { class: "frames" },
      tile(record, shown, { x, y, width, height }),
      box(x, y, width, height, { class: chosen ? "frame chosen" : "edge" }),
      text(x + width / 2, y + height + 15, label, { class: chosen ? "middle heading" : "quiet middle" }),
    );
  });
}

function tile({ rows, columns, atlas }, from, { x, y, width, height }) {
  const corner = { x: round(x), y: round(y), width: round(width), height: round(height) };
  const picture = tag("image", { href: atlas.href, width: atlas.width, height: atlas.height });
  const viewBox = `${from.x} ${from.y} ${columns} ${rows}`;
  return tag("svg", { ...corner, viewBox, preserveAspectRatio: "none", class: "tile" }, picture);
}
