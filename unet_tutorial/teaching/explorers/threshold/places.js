// Where the image and the chart are, on a wide page and on a phone.

import { PHONE } from "../frame/phone.js";

const WIDE = 844;
const TITLE = 22; // pixels above the image
const STRIP = 1.7; // as wide as this, for its height, an image has its chart below it
const CHART = { above: 30, high: 72, below: 44, left: 34, right: 12 }; // around the bars, for its words

/** {width, height, image, chart, scrolls}: the image as large as fits, the chart below or next to it. */
export function layoutOf({ width, height }, wide) {
  const isStrip = width / height >= STRIP;
  if (!wide) return isStrip ? scrolling({ width, height }) : stacked({ width, height });
  if (!isStrip) return sideBySide({ width, height });
  return below(placed({ width, height }, Math.min(WIDE / width, 240 / height, 3)), WIDE);
}

function placed({ width, height }, scale) {
  return { x: 0, y: TITLE, width: Math.round(width * scale), height: Math.round(height * scale), scale };
}

function below(image, width) {
  const centred = { ...image, x: Math.max(0, Math.round((width - image.width) / 2)) };
  const chart = chartAt({ x: 0, y: TITLE + image.height, width, high: CHART.high });
  return { width, height: chart.y + chart.height + CHART.below, image: centred, chart };
}

function chartAt({ x, y, width, high }) {
  const [left, top] = [x + CHART.left, y + CHART.above];
  return { x: left, y: top, width: width - CHART.left - CHART.right, height: high };
}

function sideBySide(size) {
  const image = placed(size, Math.min(400 / size.width, 372 / size.height));
  const x = image.width + 24;
  const room = Math.max(image.height, 160) - CHART.above - CHART.below;
  const chart = chartAt({ x, y: TITLE, width: WIDE - x, high: Math.min(220, room) });
  const height = Math.max(TITLE + image.height + 2, chart.y + chart.height + CHART.below);
  return { width: WIDE, height, image, chart };
}

function stacked(size) {
  const most = PHONE.height - TITLE - CHART.above - CHART.high - CHART.below;
  return below(placed(size, Math.min(PHONE.width / size.width, most / size.height)), PHONE.width);
}

/** A strip is wider than a phone: it scrolls, and the chart under it stays. */
function scrolling(size) {
  const scale = Math.max(PHONE.width / size.width, Math.min(236 / size.height, 1.65));
  const image = placed(size, scale);
  const chart = chartAt({ x: 0, y: 0, width: PHONE.width, high: CHART.high });
  const height = chart.y + chart.height + CHART.below;
  return { width: PHONE.width, height, image, chart, scrolls: true };
}
