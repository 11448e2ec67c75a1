// Max pooling, by pointing at it.

import { resetButton, segments } from "../frame/controls.js";
import { widget } from "../frame/mount.js";
import { poolingPicture } from "./picture.js";
import { move, optionsOf, pin, point, set, start } from "./state.js";
import { sentence } from "./words.js";

const controls = (state) => [
  ["size", "padding"].map((name) => segments(name, name, optionsOf(state, name), state[name])),
  resetButton(),
];

export const explorer = {
  name: "pooling",
  start,
  controls,
  picture: (state, _data, wide) => poolingPicture(state, wide),
  sentence,
  set,
  point,
  pin,
  move,
};

export default widget(explorer);
