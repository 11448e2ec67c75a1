// A training: it is followed while it runs, and afterwards one can go back through it.

import { resetButton, segments } from "../frame/controls.js";
import { mount } from "../frame/mount.js";
import { makeStore } from "../frame/store.js";
import { tag } from "../frame/svg.js";
import { trainingPicture } from "./picture.js";
import { recordOf } from "./record.js";
import { move, pin, point, set, start } from "./state.js";
import { sentence } from "./words.js";

const SHOWN = [
  { value: "probability", label: "probability" },
  { value: "mask", label: "above 0.5" },
];

const stopButton = () =>
  tag("button", { type: "button", class: "stop", "data-set": "stop:" }, "■ Stop and keep");

function controls(state, data) {
  const mayStop = data.canStop && recordOf(data).running && !state.stopping;
  return [segments("shown", "prediction", SHOWN, state.shown), resetButton(), mayStop && stopButton()];
}

export const explorer = {
  name: "training",
  start,
  controls,
  picture: trainingPicture,
  sentence,
  set,
  point,
  pin,
  move,
};

/** In a notebook, new epochs arrive while it is shown, and the stop button interrupts the kernel. */
export default () => {
  let store;
  let live;
  return {
    initialize({ model }) {
      const kernel = () => model.widget_manager?.kernel;
      const given = () => ({ ...model.get("data"), canStop: Boolean(kernel()?.interrupt) });
      live = { ...explorer, set: (...all) => (all[1] === "stop" && kernel().interrupt(), set(...all)) };
      store = makeStore(live, given());
      model.on("change:data", () => {
        store.data = given();
        store.become({ ...store.state });
      });
    },
    render: ({ el }) => mount(live, el, store.data, store),
  };
};
