// Made by `make explorers` from modules with SHA-256 5bd4c1fc4a9ae08e4649dff5f08beb3a87d48bf08187b061c89a9331c3cad49d
// ../frame/svg.js
var isThere = (value) => value !== void 0 && value !== null && value !== false && value !== "";
function tag(name, named = {}, ...children) {
  const attributes = {};
  for (const key in named) if (isThere(named[key])) attributes[key] = String(named[key]);
  return { name, named: attributes, children: flatten(children) };
}
function flatten(children, found = []) {
  for (const child of children) {
    if (Array.isArray(child)) flatten(child, found);
    else if (isThere(child)) found.push(typeof child === "object" ? child : String(child));
  }
  return found;
}
var text = (x, y, words, named = {}) => tag("text", { x: round(x), y: round(y), ...named }, String(words));
var box = (x, y, width, height, named = {}) => tag("rect", { x: round(x), y: round(y), width: round(width), height: round(height), ...named });
var group = (named, ...children) => tag("g", named, ...children);
function stop(keys, label, { x, y, width, height = width }, ...children) {
  const named = { role: "application", tabindex: 0, "data-keys": keys, "aria-label": label };
  const ring = box(x - 3, y - 3, width + 6, height + 6, { class: "ring", rx: 4 });
  return group(named, ...children, ring);
}
var round = (number2) => Math.round(number2 * 100) / 100;
function written(number2) {
  const digits = String(Math.abs(number2)).replace(/\B(?=(\d{3})+$)/g, ",");
  return number2 < 0 ? `−${digits}` : digits;
}

// ../frame/controls.js
function segments(name, label, options, chosen) {
  const buttons = options.map((option, i) => segment(name, option, chosen, chosen === null && i === 0));
  const heading = tag("span", { class: "label", "aria-hidden": "true" }, label);
  const row = tag("span", { class: "segments", role: "radiogroup", "aria-label": label }, buttons);
  return tag("span", { class: "control" }, heading, row);
}
function segment(name, option, chosen, isStop) {
  const { value, label = value, why } = typeof option === "object" ? option : { value: option };
  const named = {
    type: "button",
    role: "radio",
    tabindex: value === chosen || isStop ? 0 : -1,
    "data-set": `${name}:${value}`,
    "aria-checked": String(value === chosen),
    "aria-disabled": why ? "true" : void 0,
    title: why
  };
  return tag("button", named, String(label));
}
var resetButton = () => tag(
  "button",
  {
    type: "button",
    class: "reset",
    "data-set": "reset:",
    "aria-label": "Start again",
    title: "Start again"
  },
  "↺"
);

// ../frame/draw.js
var SVG = "http://www.w3.org/2000/svg";
var drawn = /* @__PURE__ */ new WeakMap();
function draw(element, trees) {
  const fresh = flatten([trees]);
  drawChildren(element, drawn.get(element) ?? [], fresh);
  drawn.set(element, fresh);
}
function create(tree, parent) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const within = tree.name === "svg" || parent.namespaceURI === SVG;
  const node = within ? document.createElementNS(SVG, tree.name) : document.createElement(tree.name);
  for (const name in tree.named) node.setAttribute(name, tree.named[name]);
  for (const child of tree.children) node.append(create(child, node));
  return node;
}
function drawChildren(parent, old, fresh) {
  let node = parent.firstChild;
  for (let i = 0; i < Math.max(old.length, fresh.length); i += 1) {
    const next = node?.nextSibling;
    if (i >= fresh.length) node.remove();
    else if (i >= old.length) parent.append(create(fresh[i], parent));
    else change(node, old[i], fresh[i], parent);
    node = next;
  }
}
function change(node, old, fresh, parent) {
  if (old === fresh) return;
  if (typeof fresh === "string" || old.name !== fresh.name) {
    node.replaceWith(create(fresh, parent));
    return;
  }
  for (const name in old.named) if (!(name in fresh.named)) node.removeAttribute(name);
  for (const name in fresh.named) {
    if (old.named[name] === fresh.named[name]) continue;
    node.setAttribute(name, fresh.named[name]);
    if (name === "value") node.value = fresh.named[name];
  }
  drawChildren(node, old.children, fresh.children);
}

// ../frame/keys.js
var MOVES = /* @__PURE__ */ new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "+", "-", "="]);
var STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
function listenToKeys(host, explorer2, store) {
  const move2 = (kind, key) => store.become(explorer2.move(store.state, kind, key, store.data));
  host.addEventListener("keydown", (event) => {
    if (isForThePage(event)) return;
    event.stopPropagation();
    if (event.target.closest("[role=radio]")) return stepAmongSegments(event);
    const kind = event.target.dataset?.keys;
    const key = keyOf(event);
    if (!kind || !key) return;
    event.preventDefault();
    move2(kind, key);
  });
  host.addEventListener("focusin", ({ target }) => {
    const kind = target.dataset?.keys;
    if (kind && target.matches(":focus-visible")) move2(kind, "focus");
  });
}
function isForThePage(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (event.key === "Enter") return event.shiftKey;
  return event.key.length > 1 && !MOVES.has(event.key);
}
function keyOf({ key }) {
  if (key === "Enter" || key === " ") return "Enter";
  return MOVES.has(key) || /^\d$/.test(key) ? key : null;
}
function stepAmongSegments(event) {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...event.target.closest("[role=radiogroup]").querySelectorAll("[role=radio]")];
  const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  next.focus();
  next.click();
}

// ../frame/pointer.js
var FAR = 10;
function listenToPointer(host, explorer2, store) {
  const look = makeLook(explorer2, store);
  const keep2 = (hit) => hit && store.become(explorer2.pin(store.state, hit, store.data));
  const listen = (name, act) => host.addEventListener(name, act);
  let finger = null;
  let held = null;
  host.addEventListener("touchstart", keepFromScrolling, { passive: false });
  listen("pointerdown", (event) => {
    finger = isFinger(event) ? { down: event, on: null } : null;
    held = event.button ? null : event.target.closest("[data-drag]");
    if (!held || finger) return;
    host.setPointerCapture(event.pointerId);
    keep2(placeIn(held, held.dataset.drag, event));
  });
  listen("pointermove", (event) => {
    if (held && (!finger || finger.on || isFar(finger.down, event))) {
      const on = placeIn(held, held.dataset.drag, event);
      if (finger) finger.on = on;
      return keep2(on);
    }
    if (!isFinger(event)) return look(hitUnder(event.target, event));
    if (!finger || !finger.on && !isFar(finger.down, event)) return;
    look(finger.on = hitUnder(elementUnder(host, event), event));
  });
  listen("pointerup", () => {
    if (finger?.on) keep2(finger.on);
    held = null;
    look.forget();
  });
  listen("pointercancel", () => look(held = finger = null));
  listen("pointerleave", (event) => isFinger(event) || look(null));
  listen("click", (event) => {
    if (!finger?.on) keep2(hitUnder(event.target, event));
    finger = null;
    look.forget();
  });
}
function keepFromScrolling(event) {
  if (event.target.closest("[data-grip]")) event.preventDefault();
}
var isFinger = (event) => event.pointerType === "touch";
var isFar = (from, to) => Math.hypot(to.clientX - from.clientX, to.clientY - from.clientY) > FAR;
function makeLook(explorer2, store) {
  let last = null;
  const look = (hit) => {
    if (hit === last) return;
    last = hit;
    store.become(explorer2.point(store.state, hit, store.data));
  };
  look.forget = () => last = null;
  return look;
}
function elementUnder(host, { clientX, clientY }) {
  const under = host.getRootNode().elementFromPoint(clientX, clientY);
  return host.contains(under) ? under : null;
}
function hitUnder(element, event) {
  const part = element?.closest?.("[data-hit], [data-pixels]");
  if (!part) return null;
  return part.dataset.hit ?? placeIn(part, part.dataset.pixels, event);
}
function placeIn(part, pixels, { clientX, clientY }) {
  const [kind, counts] = pixels.split(":");
  const [rows, columns = rows] = counts.split(",");
  const { left, top, width, height } = part.getBoundingClientRect();
  const along = (offset, length, count) => Math.min(count - 1, Math.max(0, Math.floor(offset / length * count)));
  return `${kind}:${along(clientY - top, height, rows)},${along(clientX - left, width, columns)}`;
}

// ../frame/store.js
function makeStore(explorer2, data) {
  const views = /* @__PURE__ */ new Set();
  const prepare = async () => {
    const given = store.data;
    store.isPreparing = true;
    const ready = await explorer2.prepare(given);
    if (store.data !== given) return;
    store.data = ready;
    store.isPreparing = false;
    store.become({ ...store.state });
  };
  const store = {
    data,
    state: explorer2.start(data),
    isPreparing: false,
    become(state) {
      if (state === store.state) return;
      store.state = state;
      views.forEach((show) => show());
    },
    /** Start again, with other data if there are any. */
    restart(fresh = store.data) {
      const isOther = fresh !== store.data;
      store.data = fresh;
      store.become(explorer2.start(fresh));
      if (isOther && explorer2.prepare) prepare();
    },
    watch(show) {
      views.add(show);
      return () => views.delete(show);
    }
  };
  if (explorer2.prepare) prepare();
  return store;
}

// ../frame/mount.js
var WIDE = 700;
function mount(explorer2, host, data, store = makeStore(explorer2, data)) {
  host.classList.add("explorer", explorer2.name);
  host.innerHTML = '<div class="controls"></div><div class="picture"></div><p class="sentence" role="status"></p>';
  const page = { wide: (host.clientWidth || WIDE) >= WIDE, words: "" };
  const show = () => {
    host.classList.toggle("stacked", !page.wide);
    host.classList.toggle("preparing", store.isPreparing);
    showAll(explorer2, host, store, page);
  };
  listenToPointer(host.children[1], explorer2, store);
  listenToKeys(host, explorer2, store);
  listenToControls(host, explorer2, store, page);
  const leave = [store.watch(show), watchWidth(host, page, show)];
  show();
  return () => leave.forEach((end) => end());
}
function showAll(explorer2, host, { state, data }, page) {
  const [controls2, picture, sentence2] = host.children;
  draw(controls2, explorer2.controls(state, data));
  draw(picture, explorer2.picture(state, data, page.wide));
  const words = explorer2.sentence(state, data);
  if (words !== page.words) sentence2.innerHTML = page.words = words;
}
function watchWidth(host, page, show) {
  const observer = new ResizeObserver(([{ contentRect }]) => {
    const wide = contentRect.width >= WIDE;
    if (contentRect.width && wide !== page.wide) show(page.wide = wide);
  });
  observer.observe(host);
  return () => observer.disconnect();
}
function listenToControls(host, explorer2, store, page) {
  const [controls2, , sentence2] = host.children;
  controls2.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set]");
    if (!button) return;
    const [name, value] = button.dataset.set.split(":");
    if (button.getAttribute("aria-disabled")) sentence2.textContent = page.words = button.title;
    else if (name === "reset") store.restart();
    else store.become(explorer2.set(store.state, name, asNumber(value), store.data));
  });
  controls2.addEventListener("input", ({ target }) => {
    if (!target.checkValidity() || !target.value) sentence2.textContent = page.words = target.title;
    else store.become(explorer2.set(store.state, target.dataset.field, Number(target.value), store.data));
  });
  controls2.addEventListener("change", ({ target }) => {
    target.value = target.getAttribute("value");
  });
}
var asNumber = (value) => /^-?\d+$/.test(value) ? Number(value) : value;

// ../frame/phone.js
var PHONE = { width: 358, height: 504 };

// record.js
var known = /* @__PURE__ */ new WeakMap();
function recordOf(data) {
  if (!data.record) return data;
  if (!known.has(data)) known.set(data, JSON.parse(atob(data.record.slice(data.record.indexOf(",") + 1))));
  return known.get(data);
}
var lossName = ({ curves }) => curves.validation.length ? "validation" : "training";
var lossesOf = (record) => record.curves[lossName(record)];
var after = (values, epoch) => epoch ? values[epoch - 1] : void 0;
var isFinished = ({ running, frames }) => !running && frames.length > 1;

// chart.js
var MOST_POINTS = 50;
function curve(title, { told, other = [] }, place, frame) {
  const { left, right, y, height, most, xOf } = place;
  const yOf = (value2) => y + height * (1 - Math.max(0, Math.min(1, value2 / most)));
  const at = (values) => values.map((value2, i) => [round(xOf(i + 1)), round(yOf(value2))]);
  const value = frame && after(told, frame.epoch);
  return group(
    {},
    text(left, y - 9, title, { class: "heading" }),
    box(left, y, right - left, height, { class: "chart" }),
    [most, 0].map((mark) => text(left - 6, yOf(mark) + 5, tenths(mark), { class: "quiet end" })),
    line(at(other), "dashed"),
    line(at(told), "told"),
    told.length <= MOST_POINTS && at(told).map(([cx, cy]) => tag("circle", { class: "point", cx, cy, r: 3 })),
    frame && tag("path", { class: "now", d: `M${round(xOf(frame.epoch))} ${y}v${height}` }),
    value !== void 0 && selectedValue(value, xOf(frame.epoch), yOf(value), { left, right, y, height })
  );
}
var tenths = (number2) => String(Math.round(10 * number2) / 10);
var line = (points, name) => {
  const d = `M${points.map((point2) => point2.join(" ")).join("L")}`;
  return points.length > 1 && tag("path", { class: `line ${name}`, d });
};
function selectedValue(value, x, y, { right, top, height, ...chart }) {
  const isRight = x > right - 60;
  const below = y < chart.y + 20;
  const named = { class: isRight ? "value end" : "value" };
  return [
    tag("circle", { class: "point selected", cx: round(x), cy: round(y), r: 5 }),
    text(x + (isRight ? -9 : 9), below ? y + 18 : y - 8, value.toFixed(2).replace("-", "−"), named)
  ];
}

// ../frame/selection.js
function placeOf(hit) {
  const [kind, place] = hit.split(":");
  const [row, column] = place.split(",").map(Number);
  return { kind, row, column };
}

// state.js
var start = () => ({ looked: null, kept: null, shown: "probability", stopping: false });
var set = (state, name, value) => name === "stop" ? { ...state, stopping: true } : { ...state, [name]: value, looked: null };
function frameOf(state, data) {
  const { frames } = recordOf(data);
  return frames.find(({ slot }) => slot === (state.looked ?? state.kept)) ?? frames.at(-1);
}
var point = (state, hit, data) => ({ ...state, looked: hit ? slotUnder(hit, data) : null });
var pin = (state, hit, data) => keep(state, slotUnder(hit, data), data);
var keep = (state, slot, data) => {
  const kept = slot === recordOf(data).frames.at(-1)?.slot ? null : slot;
  return { ...state, looked: null, kept };
};
function slotUnder(hit, data) {
  const { column } = placeOf(hit);
  const { frames } = recordOf(data);
  const distance = ({ slot }) => Math.abs(slot - column);
  return frames.reduce((best, one) => distance(one) < distance(best) ? one : best, frames[0])?.slot ?? null;
}
var STEPS2 = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -100, End: 100 };
function move(state, _kind, key, data) {
  const { frames } = recordOf(data);
  const next = frames.indexOf(frameOf({ ...state, looked: null }, data)) + (STEPS2[key] ?? 0);
  const frame = frames[Math.max(0, Math.min(frames.length - 1, next))];
  return frame ? keep(state, frame.slot, data) : state;
}

// film.js
function tileOf({ tops, frames, columns }, strip, frame) {
  return { x: frame ? frames.indexOf(frame) * columns : 0, y: tops[strip] };
}
function panel(record, from, place) {
  const [across, down] = [place.width / record.columns, place.height / record.rows].map(round4);
  const transform = `translate(${round(place.x)} ${round(place.y)}) scale(${across} ${down})`;
  const outline = { d: record.outline, transform, "vector-effect": "non-scaling-stroke" };
  const lines = ["expert halo", "expert"].map((name) => tag("path", { class: name, ...outline }));
  return group({}, tile(record, from, place), lines);
}
var round4 = (number2) => Math.round(number2 * 1e4) / 1e4;
function filmStrip(state, record, selected, { y, width, height, xOf }) {
  return record.frames.map((frame) => {
    const x = xOf(frame.slot) - width / 2;
    const chosen = frame === selected;
    const label = frame.stopped ? "end" : frame.epoch || "start";
    const shown = tileOf(record, state.shown, frame);
    return group(
      { class: "frames" },
      tile(record, shown, { x, y, width, height }),
      box(x, y, width, height, { class: chosen ? "frame chosen" : "edge" }),
      text(x + width / 2, y + height + 15, label, { class: chosen ? "middle heading" : "quiet middle" })
    );
  });
}
function tile({ rows, columns, atlas }, from, { x, y, width, height }) {
  const corner = { x: round(x), y: round(y), width: round(width), height: round(height) };
  const picture = tag("image", { href: atlas.href, width: atlas.width, height: atlas.height });
  const viewBox = `${from.x} ${from.y} ${columns} ${rows}`;
  return tag("svg", { ...corner, viewBox, preserveAspectRatio: "none", class: "tile" }, picture);
}

// picture.js
var HEADING = 28;
var LABEL = 20;
var WIDE2 = { width: 844, panels: { x: 2, y: HEADING, width: 300, height: 292 }, left: 348, right: 838 };
var NARROW = { width: PHONE.width, panels: { x: 2, y: HEADING, width: 354, height: 172 }, left: 30, right: 354 };
var HEIGHTS = { loss: 92, dice: 58, between: 28 };
var BETWEEN_PANELS = 8;
var HIGHEST = 100;
function trainingPicture(state, data, wide) {
  const record = recordOf(data);
  const frame = frameOf(state, data);
  const layout = layoutOf(record, wide);
  const named = {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    role: "group",
    "aria-label": describe(record)
  };
  return tag("svg", named, panels(state, record, frame, layout), charts(state, record, frame, layout));
}
var describe = ({ epochs, frames }) => `A patch of nuclei next to what the network predicts of it, both with the expert's outline; the curves of loss and Dice over ${epochs} epochs; and a film strip of ${frames.length} predictions`;
function layoutOf(record, wide) {
  const base = wide ? WIDE2 : NARROW;
  const panels2 = fitPanels(record, base.panels);
  const top = wide ? HEADING : HEADING + panels2.height + HEADING;
  const dice = top + HEIGHTS.loss + HEIGHTS.between;
  const film = filmSize(record, base);
  const strip = { ...film, y: dice + HEIGHTS.dice + 12 };
  const bottom = Math.max(strip.y + strip.height + LABEL, HEADING + panels2.height + 2);
  const xOf = scaleOf(record, base, film);
  return { width: base.width, height: Math.ceil(bottom), panels: panels2, top, dice, strip, xOf };
}
function fitPanels({ rows, columns }, { x, y, width, height }) {
  const across = Math.min((width - BETWEEN_PANELS) / 2 / columns, height / rows);
  const below = Math.min(width / columns, (height - HEADING) / 2 / rows);
  const scale = Math.max(across, below);
  const size = { width: scale * columns, height: scale * rows };
  const second = across >= below ? [x + size.width + BETWEEN_PANELS, y] : [x, y + size.height + HEADING];
  const all = across >= below ? size.height : 2 * size.height + HEADING;
  return { first: { x, y, ...size }, second: { x: second[0], y: second[1], ...size }, height: all };
}
function filmSize({ rows, columns, slots }, { left, right }) {
  const room = (right - left) / slots - 4;
  const scale = Math.min(room / columns, HIGHEST / rows);
  return { width: scale * columns, height: scale * rows };
}
function scaleOf({ slots }, { left, right }, film) {
  const [first, last] = [left + film.width / 2, right - film.width / 2];
  return (slot) => first + slot * (last - first) / Math.max(1, slots - 1);
}
function panels(state, record, frame, { panels: { first, second } }) {
  const title = frame ? titleOf(frame) : "";
  return group(
    {},
    text(first.x, first.y - 10, "image", { class: "heading" }),
    panel(record, tileOf(record, "image"), first),
    text(second.x, second.y - 10, title, { class: "heading" }),
    frame && panel(record, tileOf(record, state.shown, frame), second)
  );
}
function titleOf({ epoch, stopped }) {
  if (stopped) return "at the end";
  return epoch ? `epoch ${epoch}` : "at the start";
}
function charts(state, record, frame, layout) {
  const { strip, top, dice, xOf } = layout;
  const edges = { left: xOf(0) - strip.width / 2, right: xOf(record.slots - 1) + strip.width / 2 };
  const along = { ...edges, xOf: (epoch) => xOf(epoch * (record.slots - 1) / record.epochs) };
  const { curves } = record;
  const told = lossName(record);
  const losses = { told: curves[told], other: told === "training" ? [] : curves.training };
  const title = told === "training" ? "loss" : "validation loss; dashed: training loss";
  const most = Math.max(1, ...curves.training, ...curves.validation);
  const place = { ...edges, x: edges.left, y: top, width: edges.right - edges.left };
  return stop(
    "strip",
    "curves and film strip: arrow keys go from epoch to epoch",
    { ...place, height: strip.y + strip.height - top },
    curve(title, losses, { ...along, y: top, height: HEIGHTS.loss, most }, frame),
    curve("Dice", { told: curves.dice }, { ...along, y: dice, height: HEIGHTS.dice, most: 1 }, frame),
    filmStrip(state, record, frame, { ...strip, xOf }),
    overlays(record, edges, layout)
  );
}
function overlays({ slots }, { left, right }, { top, strip, xOf }) {
  const half = (xOf(1) - xOf(0)) / 2;
  const place = { x: left, width: right - left };
  const [from, to] = [xOf(0) - half, xOf(slots - 1) + half];
  const wide = { ...place, x: from, width: to - from, fill: "transparent" };
  const hits = `strip:1,${slots}`;
  return [
    tag("rect", { ...wide, y: top, height: strip.y - top, class: "over", "data-pixels": hits }),
    tag("rect", {
      ...wide,
      y: strip.y,
      height: strip.height,
      class: "over film",
      "data-pixels": hits,
      "data-drag": hits,
      "data-grip": "strip"
    })
  ];
}

// ../frame/short.js
function short(number2) {
  const value = shortened(number2);
  const [digits, power] = String(Math.abs(value)).split("e");
  if (power) return `${value < 0 ? "−" : ""}${digits}e${power.replace("-", "−")}`;
  return Number.isInteger(value) ? written(value) : String(value).replace("-", "−");
}
function shortened(number2) {
  const size = Math.abs(number2);
  if (size >= 1e5) return Number(number2.toPrecision(3));
  if (size >= 100) return Math.round(number2) + 0;
  if (size >= 0.01 || size < 1e-9) return Math.round(number2 * 100) / 100 + 0;
  return Number(number2.toPrecision(1));
}

// words.js
function sentence(state, data) {
  const record = recordOf(data);
  const frame = frameOf(state, data);
  if (!frame) return "The training hasn't begun.";
  if (frame.stopped || isFinished(record) && frame === record.frames.at(-1)) return ofTheEnd(record);
  const rest = isFinished(record) ? compared(record, frame) : onTheWay(state, data, record);
  return `${ofEpoch(record, frame)} ${rest}`;
}
function ofEpoch(record, { epoch }) {
  if (!epoch) return "This is what the weights of the start predict.";
  return `Epoch ${epoch} of ${record.epochs}: ${scores(record, epoch)}.`;
}
function scores({ curves, ...record }, epoch) {
  const loss = `loss <b>${number(after(lossesOf({ curves, ...record }), epoch))}</b>`;
  return epoch <= curves.dice.length ? `${loss}, Dice <b>${number(after(curves.dice, epoch))}</b>` : loss;
}
var number = (value) => (Number.isFinite(value) ? value.toFixed(2) : String(value)).replace("-", "−");
function compared(record, { epoch, same }) {
  const share = `${Math.floor(100 * same)} % of the patch's pixels are already on the side of 0.5 where they end`;
  const [loss, last] = [after(lossesOf(record), epoch), lossesOf(record).at(-1)];
  if (!(loss > 0 && last > 0)) return `${share}.`;
  const times = Math.round(10 * loss / last) / 10;
  return `${share}, and the loss is ${times === 1 ? "about " : `${short(times)} times `}what it is at the end.`;
}
function onTheWay({ stopping }, { canStop }, { epochs }) {
  if (stopping) return "Stopping after this step …";
  const stop2 = canStop ? "“Stop and keep”" : "The notebook's stop button (■)";
  return `It goes on to epoch ${epochs}. ${stop2} ends it here, and the model keeps its weights.`;
}
function ofTheEnd(record) {
  const done = lossesOf(record).length;
  if (!done) return record.ending;
  return `${record.ending} After the last one: ${scores(record, done)}. Drag along the strip to go back.`;
}

// index.js
var SHOWN = [
  { value: "probability", label: "probability" },
  { value: "mask", label: "above 0.5" }
];
var stopButton = () => tag("button", { type: "button", class: "stop", "data-set": "stop:" }, "■ Stop and keep");
function controls(state, data) {
  const mayStop = data.canStop && recordOf(data).running && !state.stopping;
  return [segments("shown", "prediction", SHOWN, state.shown), resetButton(), mayStop && stopButton()];
}
var explorer = {
  name: "training",
  start,
  controls,
  picture: trainingPicture,
  sentence,
  set,
  point,
  pin,
  move
};
var index_default = () => {
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
    render: ({ el }) => mount(live, el, store.data, store)
  };
};
export {
  index_default as default,
  explorer,
  mount
};
