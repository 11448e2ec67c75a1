// What is pointed at, {kind, row, column}, and how keys move it or change a weight.

const STEPS = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Home: [0, -100],
  End: [0, 100],
};

/** What the pointer is on, or what was clicked. */
export const selected = (state) => state.looked ?? state.pinned;

/** The place that a hit such as "image:2,3" names. */
export function placeOf(hit) {
  const [kind, place] = hit.split(":");
  const [row, column] = place.split(",").map(Number);
  return { kind, row, column };
}

/** Whether a hit is on one of the buttons that change a weight. */
export const isStep = (hit) => hit?.startsWith("step:");

/** A place, moved into a grid of {rows, columns, first} if it's outside. */
export function clampPlace(at, { rows, columns, first = 0 }) {
  const within = (place, count) => Math.max(first, Math.min(first + count - 1, place));
  return { ...at, row: within(at.row, rows), column: within(at.column, columns) };
}

/** The place that a key leads to from another; the same place if the key doesn't move. */
export function stepFrom(at, key, shape) {
  const [down, right] = STEPS[key] ?? [0, 0];
  return clampPlace({ ...at, row: at.row + down, column: at.column + right }, shape);
}

/**
 * The weights after a key on one of them: + and − change it by one, a digit replaces it. They are
 * the same object if nothing changes, or if the weight would be farther from 0 than `most`.
 */
export function changeWeight(weights, at, key, most) {
  const old = weights[at.row][at.column];
  const value = { "+": Math.floor(old) + 1, "=": Math.floor(old) + 1, "-": Math.ceil(old) - 1 }[key];
  const fresh = value ?? (/^\d$/.test(key) ? Number(key) : old);
  if (fresh === old || Math.abs(fresh) > most) return weights;
  return weights.map((line, u) =>
    line.map((weight, v) => (u === at.row && v === at.column ? fresh : weight)),
  );
}
