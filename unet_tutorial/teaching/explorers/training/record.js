// The record of a training, as Python packs it, and what is read from it.

const known = new WeakMap(); // data -> its record

/** The record itself; in a saved notebook it is packed into an address. */
export function recordOf(data) {
  if (!data.record) return data;
  if (!known.has(data)) known.set(data, JSON.parse(atob(data.record.slice(data.record.indexOf(",") + 1))));
  return known.get(data);
}

/** The loss that is told: on the validation strip if there is one. */
export const lossName = ({ curves }) => (curves.validation.length ? "validation" : "training");

export const lossesOf = (record) => record.curves[lossName(record)];

/** What a curve has after some epochs; nothing at the start. */
export const after = (values, epoch) => (epoch ? values[epoch - 1] : undefined);

export const isFinished = ({ running, frames }) => !running && frames.length > 1;
