// The kernels to choose from: what each one does, as weights.

import { range } from "../frame/svg.js";

const square = (side, weight) => range(side).map((u) => range(side).map((v) => weight(u, v)));

const middleOf = (side) => Math.floor((side - 1) / 2);

export const PRESETS = {
  edge: (side) => square(side, (_, v) => (v === side - 1) - (v === 0)),
  blur: (side) => square(side, () => 1 / side ** 2),
  sharpen: (side) =>
    square(side, (u, v) => {
      const away = Math.abs(u - middleOf(side)) + Math.abs(v - middleOf(side));
      return [5, -1][away] ?? 0;
    }),
  copy: (side) => square(side, (u, v) => Number(u === middleOf(side) && v === middleOf(side))),
};

export const ones = (side) => square(side, () => 1);

/** Why a kernel of this side can't do it, or "". */
export function whyNoPreset(preset, side) {
  if (preset === "edge" && side < 2) return "An edge lies between two pixels, and this kernel sees one.";
  if (preset === "sharpen" && side < 3) {
    return "Sharpening compares a pixel with its four neighbours: it needs a kernel of at least 3 × 3.";
  }
  return "";
}
