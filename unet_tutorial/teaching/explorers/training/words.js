// The sentence below the picture: the selected epoch, and how it compares with the end.

import { short } from "../frame/short.js";
import { after, isFinished, lossesOf, recordOf } from "./record.js";
import { frameOf } from "./state.js";

export function sentence(state, data) {
  const record = recordOf(data);
  const frame = frameOf(state, data);
  if (!frame) return "The training hasn't begun.";
  if (frame.stopped || (isFinished(record) && frame === record.frames.at(-1))) return ofTheEnd(record);
  const rest = isFinished(record) ? compared(record, frame) : onTheWay(state, data, record);
  return `${ofEpoch(record, frame)} ${rest}`;
}

function ofEpoch(record, { epoch }) {
  if (!epoch) return "This is what the weights of the start predict.";
  return `Epoch ${epoch} of ${record.epochs}: ${scores(record, epoch)}.`;
}

/** "loss 0.65, Dice 0.92". */
function scores({ curves, ...record }, epoch) {
  const loss = `loss <b>${number(after(lossesOf({ curves, ...record }), epoch))}</b>`;
  return epoch <= curves.dice.length ? `${loss}, Dice <b>${number(after(curves.dice, epoch))}</b>` : loss;
}

const number = (value) => (Number.isFinite(value) ? value.toFixed(2) : String(value)).replace("-", "−");

/** How far this is from how it ends. */
function compared(record, { epoch, same }) {
  const share = `${Math.floor(100 * same)} % of the patch's pixels are already on the side of 0.5 where they end`;
  const [loss, last] = [after(lossesOf(record), epoch), lossesOf(record).at(-1)];
  if (!(loss > 0 && last > 0)) return `${share}.`;
  const times = Math.round((10 * loss) / last) / 10;
  return `${share}, and the loss is ${times === 1 ? "about " : `${short(times)} times `}what it is at the end.`;
}

function onTheWay({ stopping }, { canStop }, { epochs }) {
  if (stopping) return "Stopping after this step …";
  const stop = canStop ? "“Stop and keep”" : "The notebook's stop button (■)";
  return `It goes on to epoch ${epochs}. ${stop} ends it here, and the model keeps its weights.`;
}

function ofTheEnd(record) {
  const done = lossesOf(record).length;
  if (!done) return record.ending;
  return `${record.ending} After the last one: ${scores(record, done)}. Drag along the strip to go back.`;
}
