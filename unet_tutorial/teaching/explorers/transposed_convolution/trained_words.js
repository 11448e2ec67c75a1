// The sentence below the maps of a trained network: true for whichever network was handed over.

import { selected } from "../frame/selection.js";
import { decimal } from "./trained.js";

const WOVEN = 25; // percent of a map's standard deviation; below that, the eye hardly sees it

export function trainedSentence(state, data) {
  const at = selected(state);
  if (!at) return ofWeave(state, data);
  return { features: ofFeatures, pixel: ofPixel, weight: ofWeight }[at.kind](at, state, data);
}

function ofWeave({ channel }, { weave, weaveAfter }) {
  const seen = weave[channel] < WOVEN ? "so one hardly sees a weave" : "and that's the weave you see";
  return (
    "Each weight draws a quarter of the pixels. The quarters' averages " +
    `differ by up to ${part(weave[channel])} the map's standard deviation, ${seen}. ` +
    `After the convolutions, they differ by up to ${part(weaveAfter)} its own.`
  );
}

/** So many percent "of", or "times", something. */
const part = (percent) =>
  percent < 100 ? `<b>${percent} %</b> of` : `<b>${(percent / 100).toFixed(1)}</b> times`;

const ofFeatures = ({ row, column }, _, { inChannels }) =>
  `Input pixel (${row}, ${column}) stamps four pixels of the sheet, and no other pixel stamps there. Each of its ${inChannels} channels brings a 2 × 2 stamp, and the stamps add up.`;

const ofPixel = ({ row, column }) =>
  `Sheet pixel (${row}, ${column}) comes from input pixel (${row >> 1}, ${column >> 1}) alone, with the weights at <b>(${row & 1}, ${column & 1})</b>. The pixel next to it uses other weights.`;

function ofWeight({ row, column }, { channel }, { stamps }) {
  const all = stamps[channel].flat().map(decimal);
  const [own] = all.splice(2 * row + column, 1);
  return `The weights at <b>(${row}, ${column})</b> draw every second pixel of every second row: this quarter, <b>${own}</b> on average. Alone it shows no weave; the other three quarters average ${all[0]}, ${all[1]} and ${all[2]}.`;
}
