// A convolution that you explore by pointing at it.

import { resetButton, segments } from "../frame/controls.js";
import { widget } from "../frame/mount.js";
import { convolutionPicture } from "./picture.js";
import { move, optionsOf, pin, point, presetOf, presetOptions, set, start } from "./state.js";
import { twoPicture, twoSentence } from "./two.js";
import { sentence } from "./words.js";

const SETTINGS = ["size", "kernel", "stride", "padding"];

/** Python says which controls there are: those that the chapter has taught. */
function controls(state, { controls: asked = [...SETTINGS, "weights"] } = {}) {
  const settings = SETTINGS.filter((name) => asked.includes(name)).map((name) =>
    segments(name, name, optionsOf(state, name), state[name]),
  );
  const presets =
    asked.includes("weights") && segments("preset", "weights", presetOptions(state), presetOf(state));
  return [settings, presets, resetButton()];
}

export const explorer = {
  name: "convolution",
  start,
  controls,
  picture: (state, data, wide) => (state.kernels === 2 ? twoPicture : convolutionPicture)(state, wide),
  sentence: (state) => (state.kernels === 2 ? twoSentence : sentence)(state),
  set,
  point,
  pin,
  move,
};

/** The pictures that are saved: of the chapters 02 and 03. */
export const stills = { still: {}, two_kernels: { kernels: 2 } };

export default widget(explorer);
