// The threshold and what it finds, by dragging it.

import { resetButton, segments } from "../frame/controls.js";
import { widget } from "../frame/mount.js";
import { thresholdPicture } from "./picture.js";
import { DISTANCES, SMOOTHINGS, move, pin, point, prepare, sceneOf, set, start } from "./state.js";
import { sentence } from "./words.js";

function controls(state, data) {
  if (!sceneOf(data).splits) return [resetButton()];
  const split = state.split ? "watershed" : "connected";
  const chosen = (value) => (state.split ? value : null); // connected pieces have no settings
  return [
    segments("split", "pieces", ["connected", "watershed"], split),
    segments("smoothing", "smoothing", SMOOTHINGS, chosen(state.smoothing)),
    segments("distance", "distance", DISTANCES, chosen(state.distance)),
    resetButton(),
  ];
}

export const stills = {
  still: {},
  train: { scene: "train" },
  patch: { scene: "patch" },
  validation: { scene: "validation" },
};

export const explorer = {
  name: "threshold",
  prepare,
  start,
  controls,
  picture: thresholdPicture,
  sentence,
  set,
  point,
  pin,
  move,
};

export default widget(explorer);
