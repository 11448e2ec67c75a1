// What the pointer is on: mouse, pen and finger.
//
// A mouse looks where it is, and a click keeps. A finger that taps keeps; one that moves sideways
// looks, and keeps where it is lifted; one that moves up or down scrolls the page. A part with
// `data-drag="kind:rows,columns"` is dragged: what a pressed mouse or a finger is on, is kept.

const FAR = 10; // pixels; a finger that has moved less is tapping

export function listenToPointer(host, explorer, store) {
  const look = makeLook(explorer, store);
  const keep = (hit) => hit && store.become(explorer.pin(store.state, hit, store.data));
  const listen = (name, act) => host.addEventListener(name, act);
  let finger = null; // where it came down, and what it has been dragged to
  let held = null; // the part that is dragged

  host.addEventListener("touchstart", keepFromScrolling, { passive: false });
  listen("pointerdown", (event) => {
    finger = isFinger(event) ? { down: event, on: null } : null;
    held = event.button ? null : event.target.closest("[data-drag]");
    if (!held || finger) return;
    host.setPointerCapture(event.pointerId);
    keep(placeIn(held, held.dataset.drag, event));
  });
  listen("pointermove", (event) => {
    if (held && (!finger || finger.on || isFar(finger.down, event))) {
      const on = placeIn(held, held.dataset.drag, event);
      if (finger) finger.on = on;
      return keep(on);
    }
    if (!isFinger(event)) return look(hitUnder(event.target, event));
    if (!finger || (!finger.on && !isFar(finger.down, event))) return;
    look((finger.on = hitUnder(elementUnder(host, event), event)));
  });
  listen("pointerup", () => {
    if (finger?.on) keep(finger.on);
    held = null;
    look.forget();
  });
  listen("pointercancel", () => look((held = finger = null))); // the page scrolls instead
  listen("pointerleave", (event) => isFinger(event) || look(null));
  listen("click", (event) => {
    if (!finger?.on) keep(hitUnder(event.target, event));
    finger = null;
    look.forget();
  });
}

/** A part with `data-grip` takes the finger. Within a picture, browsers don't heed `touch-action`. */
function keepFromScrolling(event) {
  if (event.target.closest("[data-grip]")) event.preventDefault();
}

const isFinger = (event) => event.pointerType === "touch";

const isFar = (from, to) => Math.hypot(to.clientX - from.clientX, to.clientY - from.clientY) > FAR;

/** Tells the explorer what the pointer is on, each time that it is on something else. */
function makeLook(explorer, store) {
  let last = null;
  const look = (hit) => {
    if (hit === last) return;
    last = hit;
    store.become(explorer.point(store.state, hit, store.data));
  };
  look.forget = () => (last = null);
  return look;
}

/** A finger's events go to where it came down, wherever it is now. */
function elementUnder(host, { clientX, clientY }) {
  const under = host.getRootNode().elementFromPoint(clientX, clientY);
  return host.contains(under) ? under : null;
}

/** A part that names itself, or the pixel of a picture, or null. */
function hitUnder(element, event) {
  const part = element?.closest?.("[data-hit], [data-pixels]");
  if (!part) return null;
  return part.dataset.hit ?? placeIn(part, part.dataset.pixels, event);
}

/** Of "kind:side", or of "kind:rows,columns" where there are more of one: "kind:row,column". */
function placeIn(part, pixels, { clientX, clientY }) {
  const [kind, counts] = pixels.split(":");
  const [rows, columns = rows] = counts.split(",");
  const { left, top, width, height } = part.getBoundingClientRect();
  const along = (offset, length, count) =>
    Math.min(count - 1, Math.max(0, Math.floor((offset / length) * count)));
  return `${kind}:${along(clientY - top, height, rows)},${along(clientX - left, width, columns)}`;
}
