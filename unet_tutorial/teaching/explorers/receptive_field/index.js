// The receptive field: the part of an image that one value of the U-Net depends on.

import { resetButton, segments } from "../frame/controls.js";
import { widget } from "../frame/mount.js";
import { CONTRACTING } from "./fields.js";
import { fieldPicture } from "./picture.js";
import { move, pin, point, set, stagesOf, start } from "./state.js";
import { nameOf, sentence } from "./words.js";

function controls(state, data) {
  const options = stagesOf(data).map((stage) => ({ value: stage, label: nameOf(stage) }));
  return [options.length > 1 && segments("stage", "value of", options, state.pinned.stage), resetButton()];
}

export const explorer = {
  name: "receptive_field",
  start,
  controls,
  picture: fieldPicture,
  sentence,
  set,
  point,
  pin,
  move,
};

export const stills = { still: {}, contracting: { stage: "down2", stages: CONTRACTING } };

export default widget(explorer);
