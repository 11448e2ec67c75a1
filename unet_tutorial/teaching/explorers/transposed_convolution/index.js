// The explorer of chapter 05: a transposed convolution, by pointing at it.

import { resetButton, segments } from "../frame/controls.js";
import { widget } from "../frame/mount.js";
import { stampsPicture } from "./picture.js";
import { channelsOf, move, OPTIONS, pin, point, set, start, whyNot } from "./state.js";
import { trainedPicture } from "./trained.js";
import { trainedSentence } from "./trained_words.js";
import { sentence } from "./words.js";

const INKS = [
  { value: "numbers", label: "numbers" },
  { value: "constant", label: "constant" },
  { value: "trained", label: "trained U-Net" },
];
const LABELS = { size: "input" }; // the others are called what PyTorch calls them
const isTrained = (state) => state.ink === "trained";

function controls(state, { controls: names = ["ink", ...Object.keys(OPTIONS)], ...data }) {
  const ink = names.includes("ink") && segments("ink", "ink", INKS, state.ink);
  if (isTrained(state)) return [ink, channelControl(state, data), resetButton()];
  const settings = Object.keys(OPTIONS).filter((name) => names.includes(name));
  return [ink, settings.map((name) => settingControl(state, name)), resetButton()];
}

function channelControl(state, data) {
  const numbered = channelsOf(data).map((channel) => ({ value: channel, label: channel + 1 }));
  return segments("channel", "sheet channel", numbered, state.channel);
}

function settingControl(state, name) {
  const options = OPTIONS[name].map((value) => ({ value, why: whyNot(state, name, value) }));
  return segments(name, LABELS[name] ?? name, options, state[name]);
}

export const explorer = {
  name: "transposed_convolution",
  start,
  controls,
  picture: (state, data, wide) =>
    isTrained(state) ? trainedPicture(state, data, wide) : stampsPicture(state, wide),
  sentence: (state, data) => (isTrained(state) ? trainedSentence(state, data) : sentence(state)),
  set,
  point,
  pin,
  move,
};

export default widget(explorer);
