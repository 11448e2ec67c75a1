// The sentence below the maps of a trained network: true for whichever network was handed over.

import { selected } from "./state.js";
import { decimal } from "./trained.js";

const WOVEN = 25; // percent of a map's spread; below that, the eye hardly sees it

export function trainedSentence(state, data) {
  const at = selected(state);
  if (!at) return ofWeave(state, data);
  return { features: ofFeatures, pixel: ofPixel, weight: ofWeight }[at.kind](at, state, data);
}

function ofWeave({ channel }, { weave, weaveAfter }) {
  const percent = `<b>${weave[channel]} %</b> of the map's spread`;
  const after = `After the double convolution it is ${weaveAfter} %.`;
  if (weave[channel] < WOVEN) {
    return `Each of the four weights draws a quarter of this map. On average the quarters differ by only ${percent}, so it is hardly woven. ${after}`;
  }
  return `The coverage is even, and still this map is woven: each of the four weights draws a quarter of it, and on average the quarters differ by ${percent}. ${after}`;
}

const ofFeatures = ({ row, column }, _, { inChannels }) =>
  `Input pixel (${row}, ${column}) stamps four pixels of the sheet, and no other pixel stamps there. Each of its ${inChannels} channels brings a 2 × 2 stamp, and the stamps add up.`;

const ofPixel = ({ row, column }) =>
  `Sheet pixel (${row}, ${column}) comes from input pixel (${row >> 1}, ${column >> 1}) alone, with the weights at <b>(${row & 1}, ${column & 1})</b>. The pixel next to it uses other weights.`;

function ofWeight({ row, column }, { channel }, { stamps }) {
  const all = stamps[channel].flat().map(decimal);
  const [own] = all.splice(2 * row + column, 1);
  return `The weights at <b>(${row}, ${column})</b> draw every second pixel of every second row: this quarter, <b>${own}</b> on average. Alone it can't be woven; the other three quarters average ${all[0]}, ${all[1]} and ${all[2]}.`;
}
