// The sentence below the picture: about what is selected, and about what happens to the side.

import { selected } from "../frame/selection.js";
import { counted, lastOnes, short, sizeOf } from "../frame/short.js";
import { unreadOf } from "../frame/windows.js";
import { layerOf, mapOf, readerOf, windowOf, winnersOf } from "./state.js";

export function sentence(state) {
  const at = selected(state);
  const words = at.kind === "output" ? ofOutput(state, at) : ofPixel(state, at);
  if (state.looked) return words;
  return state.changed ? `${ofSides(state)} ${words}` : `${words} ${ofSides(state)}`;
}

// One pixel of the output

function ofOutput(state, { row, column }) {
  const pixels = windowOf(state, row, column).filter(({ outside }) => !outside);
  const { value } = winnersOf(state)[row][column];
  const equal = pixels.filter((pixel) => pixel.value === value).length;
  const words = `<b>${short(value)}</b>`;
  if (pixels.length === 1) return `${words} wins because it is alone: the rest of its window is padding.`;
  if (equal > 1) return `${words} is there ${times(equal)} in this window: only the first one wins.`;
  const others = pixels.length - 1;
  const padding = pixels.length < 4 ? " Two places of this window are padding." : "";
  return `${words} wins; the other ${others === 1 ? "pixel is" : `${counted(others)} are`} forgotten.${padding}`;
}

const times = (count) => (count === 2 ? "twice" : `${counted(count)} times`);

// One pixel of the image

function ofPixel(state, { row, column }) {
  const value = mapOf(state)[row]?.[column];
  const reader = readerOf(state, row, column);
  if (value === undefined) return "Padding counts as minus infinity, so it never wins.";
  if (!reader) return `No window reaches this <b>${short(value)}</b>: it could be anything.`;
  const winner = winnersOf(state)[reader.row][reader.column];
  if (winner.row === row && winner.column === column) {
    const pixels = windowOf(state, reader.row, reader.column);
    const equal = pixels.filter((pixel) => !pixel.outside && pixel.value === value).length;
    const first = equal > 1 ? `, and the first of ${counted(equal)} that are equal` : "";
    return `<b>${short(value)}</b> is the largest of its window${first}: it goes on to the output.`;
  }
  if (winner.value === value)
    return `<b>${short(value)}</b> is there more than once in this window: only the first one wins.`;
  return `<b>${short(value)}</b> lost to <b>${short(winner.value)}</b>: it's forgotten.`;
}

// What happens to the side

function ofSides(state) {
  const map = mapOf(state);
  const [before, after] = [map, winnersOf(state)].map(sizeOf);
  const odd = [map.length % 2, map[0].length % 2];
  const becomes = `${before} becomes <b>${after}</b>`;
  if (!state.padding) {
    const { rows, columns } = unreadOf(map, layerOf(state));
    if (!odd.includes(1)) return `${becomes}: each side is halved.`;
    return `${becomes}: no window reaches ${lastOnes(rows.length, columns.length)}.`;
  }
  if (!odd.includes(1))
    return `With padding 1, even ${before} is no longer halved: it becomes <b>${after}</b>.`;
  return `With padding 1, ${becomes}: the last windows see ${lastOnes(...odd)}, but the first ones see padding.`;
}
