// Receptive fields of the U-Net, one side of the image at a time: exact, also at the edges.
//
// A span is [first, last]. A side is a height or width of the image, a multiple of 16.

export const CONTRACTING = ["in_conv", "down1", "down2", "down3", "down4"];
export const EXPANDING = ["up1", "up2", "up3", "up4", "out_conv"];
export const STAGES = [...CONTRACTING, ...EXPANDING];

const DEEPEST = 4;
const REACH = 2; // two 3 × 3 convolutions see this many pixels to either side
const FAR = 512; // pixels; farther than any field reaches

/** The level, 0 to 4, on which a stage works; a value of it covers 2 ** level pixels a side. */
export function levelOf(stage) {
  if (stage.startsWith("down")) return Number(stage[4]);
  return stage.startsWith("up") ? DEEPEST - Number(stage[2]) : 0;
}

/** Which value of a stage covers a pixel. */
export const placeOver = (pixel, stage) => pixel >> levelOf(stage);

/**
 * What the value of a stage that covers a pixel depends on: a span for "image" and for each stage
 * on the way, {image: [34, 221], in_conv: [36, 219], ...}.
 */
export function readBy(stage, pixel, side) {
  const place = placeOver(pixel, stage);
  const spans = { [stage]: [place, place] };
  for (const each of STAGES.slice(0, STAGES.indexOf(stage) + 1).reverse()) {
    if (spans[each]) readInputs(each, spans, side);
  }
  return spans;
}

/** Adds what a stage reads to the spans of its inputs. */
function readInputs(stage, spans, side) {
  const level = levelOf(stage);
  if (stage === "out_conv") return widen(spans, "up4", spans.out_conv);
  const read = clip([spans[stage][0] - REACH, spans[stage][1] + REACH], side >> level);
  if (stage === "in_conv") return widen(spans, "image", read);
  if (CONTRACTING.includes(stage)) return widen(spans, CONTRACTING[level - 1], [2 * read[0], 2 * read[1] + 1]);
  const below = stage === "up1" ? "down4" : EXPANDING[EXPANDING.indexOf(stage) - 1];
  widen(spans, CONTRACTING[level], read); // the skip connection
  widen(spans, below, [read[0] >> 1, read[1] >> 1]);
}

/** Places outside are padding, which doesn't depend on the image. */
const clip = ([first, last], count) => [Math.max(first, 0), Math.min(last, count - 1)];

function widen(spans, name, [first, last]) {
  const [low, high] = spans[name] ?? [first, last];
  spans[name] = [Math.min(low, first), Math.max(high, last)];
}

export const lengthOf = ([first, last]) => last - first + 1;

/** How many pixels a value would depend on if the image had no edges. */
export const uncutLength = (stage, pixel) =>
  lengthOf(readBy(stage, FAR + (pixel % FAR), 3 * FAR).image);
