// The sentence below the picture: about what is pointed at, or about the threshold.

import { capital, counted } from "../frame/short.js";
import { written } from "../frame/svg.js";
import { pieceOf } from "./picture.js";
import { curvesOf, plateauOf } from "./scores.js";
import { barOf, sceneOf, selected, splitOf, thresholdAt, thresholdsOf } from "./state.js";

const [PIECES, SHARED, , FOUND] = [0, 1, 2, 3]; // places in a tally

export function sentence(state, data) {
  const scene = sceneOf(data);
  const at = state.cut ? state.looked : selected(state);
  if (at?.kind === "bar") return ofBar(at.bar, scene);
  if (at?.kind === "image" && scene.pixels) return ofPixel(state, scene);
  if (splitOf(state) >= 0) return ofSplit(state, scene);
  return scene.pieces && scene.nuclei ? ofPieces(state, scene) : ofThreshold(state, scene);
}

const bold = (words) => `<b>${words}</b>`;
const many = (count, one, more = `${one}s`) => `${counted(count)} ${count === 1 ? one : more}`;
const percent = (share) => `${Math.round(100 * share)} %`;

// The threshold

function ofThreshold(state, scene) {
  const { share, dice } = curvesOf(scene);
  const here = bold(thresholdAt(scene, state.at));
  const mask = `Above ${here} ${scene.name} lies ${bold(percent(share[state.at]))} of the image`;
  if (!dice) return `${mask}. ${ofEnds(scene, share)}`;
  return `Above ${here}, the Dice is ${bold(dice[state.at].toFixed(2))}. ${ofPlateau(scene)}`;
}

function ofEnds(scene, share) {
  const last = thresholdsOf(scene) - 1;
  const at = (i) => `${percent(share[i])} at ${thresholdAt(scene, i)}`;
  return `Over all thresholds it goes from ${at(0)} to ${at(last)}.`;
}

function ofPlateau(scene) {
  const { least, from, to } = plateauOf(scene);
  const [low, high] = [from, to].map((at) => thresholdAt(scene, at));
  return `From ${low} to ${high} it stays above ${least.toFixed(2)}.`;
}

// Pieces

function ofPieces(state, scene) {
  const [pieces, shared] = scene.pieces[state.at];
  const there = `there ${pieces === 1 ? "is" : "are"} ${piecesFor(pieces, scene)}`;
  const some = shared === pieces ? "all" : counted(shared);
  const hold = shared
    ? `${some} of them hold${shared === 1 ? "s" : ""} several`
    : "none of them holds several";
  return `Above ${bold(thresholdAt(scene, state.at))} ${there}; ${hold}. ${ofSeparation(state, scene)}`;
}

const piecesFor = (pieces, { nuclei }) =>
  `${bold(many(pieces, "piece"))} for ${many(nuclei, "nucleus", "nuclei")}`;

/** Whether any threshold leaves no piece with several nuclei. */
function ofSeparation(state, scene) {
  const shared = scene.pieces.map((tally) => tally[SHARED]);
  const last = thresholdsOf(scene) - 1;
  if (!shared.includes(0)) {
    const still = shared[last] === 1 ? "one does" : `${counted(shared[last])} do`;
    const even = state.at === last ? "Even here" : `Even at ${thresholdAt(scene, last)} ${still}`;
    return `${even}: <b>no threshold separates them all</b>.`;
  }
  const found = scene.pieces.filter((tally) => !tally[SHARED]).map((tally) => tally[FOUND]);
  const most = `at most ${Math.max(...found)} of the ${scene.nuclei} nuclei are found`;
  return `Where no piece holds several, ${most} (IoU of 0.5 or more).`;
}

function ofSplit(state, scene) {
  const tally = scene.splits[splitOf(state)];
  if (tally.length === 1) return `The watershed makes ${bold(many(tally[PIECES], "piece"))} of this mask.`;
  const [pieces, shared, , found] = tally;
  const some = shared === 1 ? "One piece still holds" : `${capital(counted(shared))} pieces still hold`;
  const all = found === scene.nuclei;
  const which = all ? "and all" : `but only ${bold(written(found))}`;
  const are = `${which} of the nuclei ${found === 1 ? "is" : "are"}`;
  const more = shared ? some : "No piece holds";
  return `${piecesFor(pieces, scene)}, ${are} found (IoU of 0.5 or more). ${more} several.`;
}

// What is pointed at

/** The values of a bar: above one threshold, and not above the next. */
function spanOf(bar, scene) {
  const last = thresholdsOf(scene);
  if (bar === 0) return `at most ${thresholdAt(scene, 0)}`;
  if (bar === last) return `above ${thresholdAt(scene, last - 1)}`;
  return `from ${thresholdAt(scene, bar - 1)} to ${thresholdAt(scene, bar)}`;
}

function ofBar(bar, scene) {
  const { bars, inside, name } = scene;
  const pixels = bars[bar];
  const have = `${bold(written(pixels))} ${pixels === 1 ? "pixel has" : "pixels have"}`;
  const share =
    inside && pixels ? `, ${bold(percent(inside[bar] / pixels))} of them inside the expert's nuclei` : "";
  return `${have} a ${name} ${spanOf(bar, scene)}${share}.`;
}

function ofPixel(state, scene) {
  const piece = scene.pieces && pieceOf(state, scene);
  if (piece) return ofPiece(piece, scene);
  const bar = barOf(state, scene);
  const span = spanOf(bar, scene).replace("from", "between").replace(" to ", " and ");
  const side = bar > state.at ? "so it's in the mask" : "so it's background";
  return `This pixel's ${scene.name} is ${bold(span)}, ${side}.${ofExpert(state, scene)}`;
}

function ofExpert(state, { nuclei, pixels, width }) {
  if (!nuclei) return "";
  const { row, column } = selected(state);
  return ` The expert has ${pixels.maps[0][row * width + column] ? "a" : "no"} nucleus here.`;
}

function ofPiece({ area, holds, touches, best }, scene) {
  const piece = `This piece of ${bold(many(area, "pixel"))}`;
  if (!scene.nuclei) return `${piece} is connected: one can walk over it from edge to edge of its pixels.`;
  if (!touches.length) return `${piece} touches no true nucleus: it's invented.`;
  const iou = bold(best.iou.toFixed(2));
  const found = best.iou >= 0.5 ? "so that one is found" : "too little to be found";
  if (holds.length > 1) {
    const nuclei = bold(many(holds.length, "nucleus", "nuclei"));
    return `${piece} holds ${nuclei}. Its IoU with one of them is ${iou} at best, ${found}.`;
  }
  return `${piece} has an IoU of ${iou} with its nucleus, ${found}.`;
}
