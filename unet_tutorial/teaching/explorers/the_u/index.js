// The explorer of the whole U-Net (01, 06, 08, 09, 11): with its maps and skips, or as boxes.

import { numberField, resetButton, segments } from "../frame/controls.js";
import { widget } from "../frame/mount.js";
import { tag } from "../frame/svg.js";
import { boxesPicture } from "./boxes_picture.js";
import { FIELDS, MEASURES, moveBoxes, pinBoxes, pointBoxes, setBoxes, startBoxes } from "./boxes_state.js";
import { boxesSentence } from "./boxes_words.js";
import { mapsPicture } from "./maps_picture.js";
import { moveMaps, pinMaps, pointMaps, startMaps } from "./maps_state.js";
import { mapsSentence } from "./maps_words.js";

const HINT = "Open a block. Cut a skip at its switch.";
const LABELS = { base_channels: "base channels" };
const hasMaps = ({ face }) => face === "maps";

function boxesControls(state) {
  const fields = Object.entries(FIELDS).map(([name, most]) =>
    numberField(name, LABELS[name] ?? name, state[name], { least: 1, most }),
  );
  return [state.measure && segments("measure", "area", MEASURES, state.measure), fields, resetButton()];
}

export const explorer = {
  name: "the_u",
  start: (data) => (hasMaps(data) ? startMaps() : startBoxes(data)),
  controls: (state) =>
    hasMaps(state) ? [tag("span", { class: "label hint" }, HINT), resetButton()] : boxesControls(state),
  picture: (state, data, wide) =>
    hasMaps(state) ? mapsPicture(state, data, wide) : boxesPicture(state, wide),
  sentence: (state, data) => (hasMaps(state) ? mapsSentence(state, data) : boxesSentence(state)),
  set: (state, name, value) => (hasMaps(state) ? state : setBoxes(state, name, value)),
  point: (state, hit) => (hasMaps(state) ? pointMaps : pointBoxes)(state, hit),
  pin: (state, hit) => (hasMaps(state) ? pinMaps : pinBoxes)(state, hit),
  move: (state, kind, key, data) =>
    hasMaps(state) ? moveMaps(state, kind, key, data) : moveBoxes(state, kind, key),
};

export const stills = {
  still: {},
  breaks: { height: 100, base_channels: 64 },
  maps: { face: "maps" },
  unscored: { face: "maps", truth: false },
  memory: { height: 480, width: 480, base_channels: 64, measure: "memory" },
};

export default widget(explorer);
