// Made by `make explorers` from modules with SHA-256 c9b49e0d284cdfc0ae3b0255b9283e7391ae5042b5a688f40f9f90b65103f4ff
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
var round = (number) => Math.round(number * 100) / 100;
function written(number) {
  const digits = String(Math.abs(number)).replace(/\B(?=(\d{3})+$)/g, ",");
  return number < 0 ? `−${digits}` : digits;
}
var range = (count, first = 0) => Array.from({ length: count }, (_, i) => first + i);

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
  const keep = (hit) => hit && store.become(explorer2.pin(store.state, hit, store.data));
  const listen = (name, act) => host.addEventListener(name, act);
  let finger = null;
  let held = null;
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
    if (!finger || !finger.on && !isFar(finger.down, event)) return;
    look(finger.on = hitUnder(elementUnder(host, event), event));
  });
  listen("pointerup", () => {
    if (finger?.on) keep(finger.on);
    held = null;
    look.forget();
  });
  listen("pointercancel", () => look(held = finger = null));
  listen("pointerleave", (event) => isFinger(event) || look(null));
  listen("click", (event) => {
    if (!finger?.on) keep(hitUnder(event.target, event));
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
  const prepare2 = async () => {
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
      if (isOther && explorer2.prepare) prepare2();
    },
    watch(show) {
      views.add(show);
      return () => views.delete(show);
    }
  };
  if (explorer2.prepare) prepare2();
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
var widget = (explorer2) => () => {
  let store;
  return {
    initialize({ model }) {
      store = makeStore(explorer2, model.get("data"));
      model.on("change:data", () => store.restart(model.get("data")));
    },
    render: ({ el }) => mount(explorer2, el, store.data, store)
  };
};

// ../frame/short.js
function short(number) {
  const value = shortened(number);
  const [digits, power] = String(Math.abs(value)).split("e");
  if (power) return `${value < 0 ? "−" : ""}${digits}e${power.replace("-", "−")}`;
  return Number.isInteger(value) ? written(value) : String(value).replace("-", "−");
}
function shortened(number) {
  const size = Math.abs(number);
  if (size >= 1e5) return Number(number.toPrecision(3));
  if (size >= 100) return Math.round(number) + 0;
  if (size >= 0.01 || size < 1e-9) return Math.round(number * 100) / 100 + 0;
  return Number(number.toPrecision(1));
}
var COUNTED = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
var counted = (number) => COUNTED[number] ?? written(number);
var capital = (words) => words[0].toUpperCase() + words.slice(1);

// ../frame/png.js
var HEAD = 8;
var text2 = (bytes) => String.fromCharCode(...bytes);
async function readPng(href) {
  const chunks = chunksOf(await bytesOf(href));
  const about = new DataView(chunks.find(({ kind }) => kind === "IHDR").bytes.slice().buffer);
  const [width, height] = [about.getUint32(0), about.getUint32(4)];
  const size = about.getUint8(8) / 8;
  const packed = new Blob(chunks.filter(({ kind }) => kind === "IDAT").map(({ bytes }) => bytes));
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate"));
  const rows = new Uint8Array(await new Response(stream).arrayBuffer());
  return { width, height, pixels: joined(unfilter(rows, width * size, size), size) };
}
async function bytesOf(href) {
  if (!href.startsWith("data:")) return new Uint8Array(await (await fetch(href)).arrayBuffer());
  return Uint8Array.from(atob(href.slice(href.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
}
function chunksOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found = [];
  for (let at = HEAD; at < bytes.length; ) {
    const [start2, length] = [at + 8, view.getUint32(at)];
    found.push({ kind: text2(bytes.subarray(at + 4, start2)), bytes: bytes.subarray(start2, start2 + length) });
    at = start2 + length + 4;
  }
  return found;
}
function unfilter(rows, width, size) {
  const bytes = new Uint8Array(rows.length / (width + 1) * width);
  for (let from = 0, to = 0; to < bytes.length; from += 1) {
    const predict = PREDICT[rows[from]];
    for (let i = 0; i < width; i += 1, to += 1) {
      const left = i < size ? 0 : bytes[to - size];
      const above2 = to < width ? 0 : bytes[to - width];
      const corner = i < size || to < width ? 0 : bytes[to - width - size];
      bytes[to] = rows[from += 1] + predict(left, above2, corner);
    }
  }
  return bytes;
}
var PREDICT = [() => 0, (left) => left, (_, above2) => above2, (left, above2) => left + above2 >> 1, nearest];
function nearest(left, above2, corner) {
  const [toLeft, toAbove] = [Math.abs(above2 - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + above2 - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above2 : corner;
}
var joined = (bytes, size) => size === 1 ? bytes : Uint16Array.from({ length: bytes.length / 2 }, (_, i) => 256 * bytes[2 * i] + bytes[2 * i + 1]);

// state.js
var FIRST = "watershed";
var SMOOTHINGS = [0, 1, 2, 3];
var DISTANCES = [3, 5, 7, 9];
var HOPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
var HOP = 4;
var TURNS = { ArrowLeft: -1, ArrowDown: -1, "-": -1, ArrowRight: 1, ArrowUp: 1, "+": 1, "=": 1 };
var sceneOf = (data) => data.scenes[data.scene ?? FIRST];
async function prepare(data) {
  const key = data.scene ?? FIRST;
  const scene = data.scenes[key];
  const [values, maps] = await Promise.all(
    [scene.values, scene.maps].map((file) => file && readPng(file.href))
  );
  const pixels = { values: values.pixels, maps: maps ? layersOf(maps, scene) : [] };
  return { ...data, scenes: { ...data.scenes, [key]: { ...scene, pixels } } };
}
var layersOf = ({ pixels }, { maps: { count }, width, height }) => range(count).map((layer) => {
  const map = new Uint16Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const from = (row * count + layer) * width;
    map.set(pixels.subarray(from, from + width), row * width);
  }
  return map;
});
var start = (data) => ({
  at: sceneOf(data).start,
  // which threshold
  split: false,
  smoothing: SMOOTHINGS[0],
  distance: DISTANCES[0],
  pinned: null,
  // {kind: "image", row, column}
  looked: null,
  // or {kind: "bar", bar}
  cut: true
  // whether the threshold was moved last, and not the pixel
});
var thresholdsOf = (scene) => scene.bars.length - 1;
var thresholdAt = ({ low, step, digits }, at) => (low + at * step).toFixed(digits).replace("-", "−");
var splitOf = ({ split, smoothing, distance }) => split ? SMOOTHINGS.indexOf(smoothing) * DISTANCES.length + DISTANCES.indexOf(distance) : -1;
function set(state, name, value, data) {
  const at = sceneOf(data).start;
  const fresh = { ...state, looked: null, cut: true };
  if (name === "split")
    return { ...fresh, split: value === "watershed", at: value === "watershed" ? at : state.at };
  return { ...fresh, [name]: value, split: true, at };
}
var point = (state, hit) => ({ ...state, looked: hit ? placeOf(hit) : null });
function placeOf(hit) {
  const [kind, place] = hit.split(":");
  const [row, column] = place.split(",").map(Number);
  return kind === "bar" ? { kind, bar: row } : { kind, row, column };
}
function pin(state, hit, data) {
  const place = placeOf(hit);
  if (place.kind === "line") return cut(state, (place.column + 1 >> 1) - 1, data);
  if (place.kind === "bar") return cut(state, place.bar - 1, data);
  return { ...state, pinned: isSame(state.pinned, place) ? null : place, looked: null, cut: false };
}
var isSame = (one, other) => one?.row === other.row && one?.column === other.column;
function cut(state, to, data) {
  const at = Math.max(0, Math.min(thresholdsOf(sceneOf(data)) - 1, to));
  if (at === state.at && state.cut && !state.looked) return state;
  return { ...state, at, split: state.split && at === state.at, looked: null, cut: true };
}
function move(state, kind, key, data) {
  if (key === "focus") return state;
  if (kind === "line") {
    const ends = { Home: 0, End: Infinity };
    return cut(state, ends[key] ?? state.at + (TURNS[key] ?? 0), data);
  }
  return movePixel(state, key, sceneOf(data));
}
function movePixel(state, key, { width, height }) {
  const { row, column } = state.pinned ?? { row: height >> 1, column: width >> 1 };
  const fresh = { ...state, looked: null, cut: false };
  if (!state.pinned || !HOPS[key]) return { ...fresh, pinned: { kind: "image", row, column } };
  const [down, right] = HOPS[key].map((part) => part * HOP);
  const within = (place, count) => Math.max(0, Math.min(count - 1, place));
  const pinned = { kind: "image", row: within(row + down, height), column: within(column + right, width) };
  return { ...fresh, pinned };
}
var selected = ({ looked, pinned }) => looked ?? pinned;
function barOf(state, { pixels, width }) {
  const at = selected(state);
  if (at?.kind === "bar") return at.bar;
  return at?.kind === "image" && pixels ? pixels.values[at.row * width + at.column] : null;
}

// scores.js
var known = /* @__PURE__ */ new WeakMap();
var ROUGHLY = 0.015;
function curvesOf(scene) {
  if (!known.has(scene)) known.set(scene, measure(scene));
  return known.get(scene);
}
function measure(scene) {
  const mask = above(scene.bars);
  const total = scene.bars.reduce((sum, count) => sum + count, 0);
  const share = mask.map((count) => count / total);
  if (!scene.inside) return { mask, share, line: share };
  const [right, truth] = [above(scene.inside), scene.inside.reduce((sum, count) => sum + count, 0)];
  const dice = mask.map((count, i) => count + truth ? 2 * right[i] / (count + truth) : 1);
  return { mask, share, right, truth, dice, line: dice };
}
function above(counts) {
  const sums = [];
  counts.reduceRight((sum, count) => (sums.unshift(sum), sum + count), 0);
  return sums.slice(0, -1);
}
function plateauOf(scene) {
  const { dice } = curvesOf(scene);
  const best = dice.indexOf(Math.max(...dice));
  const least = Math.floor((dice[best] - ROUGHLY) * 100 + 1e-9) / 100;
  let [from, to] = [best, best];
  while (from > 0 && dice[from - 1] > least) from -= 1;
  while (to < dice.length - 1 && dice[to + 1] > least) to += 1;
  return { least, from, to, best };
}
function limitsOf(scene) {
  const { line, dice } = curvesOf(scene);
  if (!dice) return [0, 1];
  const high = Math.min(1, Math.ceil(Math.max(...line) * 10 + 1e-9) / 10);
  const isThere2 = (low2) => line.filter((value) => value >= low2).length >= line.length / 2;
  const low = [0.2, 0.4].map((room) => high - room).find(isThere2);
  return [low ?? 0, high];
}

// chart.js
var GRIP = 11;
function chartView(state, scene, place) {
  return group(
    {
      role: "slider",
      tabindex: 0,
      "data-keys": "line",
      "aria-label": `threshold of the ${scene.name}: arrow keys move it`,
      "aria-valuemin": thresholdAt(scene, 0),
      "aria-valuemax": thresholdAt(scene, thresholdsOf(scene) - 1),
      "aria-valuenow": thresholdAt(scene, state.at),
      "aria-valuetext": `${thresholdAt(scene, state.at)}: ${readingOf(state, scene)}`
    },
    axes(scene, place),
    bars(state, scene, place),
    group({ class: "curve" }, curve(scene, place)),
    cutLine(state, scene, place),
    columnsOf(scene, place),
    box(place.x - 4, place.y - 4, place.width + 8, place.height + 8, { class: "ring", rx: 4 })
  );
}
function readingOf(state, scene) {
  const { line, dice } = curvesOf(scene);
  const value = line[state.at];
  const score = dice ? `Dice ${value.toFixed(2)}` : `${Math.round(100 * value)} % of the pixels`;
  const split = splitOf(state);
  const tally = split < 0 ? scene.pieces?.[state.at] : scene.splits[split];
  return tally ? `${score}, ${counted2(tally[0], "piece")}` : score;
}
var counted2 = (count, name) => `${written(count)} ${name}${count === 1 ? "" : "s"}`;
var barWidth = (scene, { width }) => width / scene.bars.length;
function bars(state, scene, place) {
  const most = Math.log1p(Math.max(...scene.bars));
  const heightOf = (count) => Math.log1p(count) / most * place.height;
  const path = (counts, name, from, to) => tag("path", { class: name, d: pathOf(counts, from, to, heightOf, place) });
  const [middle, end] = [state.at + 1, scene.bars.length];
  const here = barOf(state, scene);
  return group(
    {},
    path(scene.bars, "bar", 0, middle),
    path(scene.bars, "bar in", middle, end),
    scene.inside && [
      path(scene.inside, "bar inside", 0, middle),
      path(scene.inside, "bar in inside", middle, end)
    ],
    group({}, here !== null && path(scene.bars, "bar here", here, here + 1))
  );
}
function pathOf(counts, from, to, heightOf, { x, y, width, height }) {
  const step = width / counts.length;
  const gap = step > 5 ? 1 : 0;
  return range(to - from, from).filter((bar) => counts[bar]).map((bar) => {
    const high = round(heightOf(counts[bar]));
    return `M${round(x + bar * step)} ${round(y + height)}v-${high}h${round(step - gap)}v${high}z`;
  }).join("");
}
function curve(scene, { x, y, width, height }) {
  const [low, high] = limitsOf(scene);
  const step = width / scene.bars.length;
  let isOn = false;
  const d = curvesOf(scene).line.map((value, i) => {
    const isThere2 = value >= low;
    const command = isThere2 && `${isOn ? "L" : "M"}${round(x + (i + 1) * step)} ${round(yOf(value, low, high, y, height))}`;
    isOn = isThere2;
    return command || "";
  });
  return [tag("path", { class: "halo", d: d.join("") }), tag("path", { d: d.join("") })];
}
var yOf = (value, low, high, y, height) => y + height * (1 - (value - low) / (high - low));
function axes(scene, { x, y, width, height }) {
  const [low, high] = limitsOf(scene);
  const name = scene.inside ? "Dice" : "share";
  const what = width > 500 || !scene.inside ? ": how many pixels have it (log scale)" : "";
  const strong = scene.inside ? "; strong: inside the expert's nuclei" : "";
  return group(
    { "aria-hidden": "true" },
    text(x - 5, y - 10, name, { class: "quiet end" }),
    text(x - 5, y + 5, high.toFixed(1), { class: "quiet end" }),
    text(x - 5, y + height + 3, low.toFixed(1), { class: "quiet end" }),
    tag("path", { class: "ruler", d: `M${x} ${round(y + height + 0.5)}h${width}` }),
    ticksOf(scene).map((value) => {
      const at = x + ((value - scene.low) / scene.step + 1) * (width / scene.bars.length);
      return text(at, y + height + 24, short(value), { class: "quiet middle" });
    }),
    text(x + width / 2, y + height + 40, `${scene.name}${what}${strong}`, { class: "quiet middle" })
  );
}
function ticksOf(scene) {
  const last = scene.low + (thresholdsOf(scene) - 1) * scene.step;
  const power = 10 ** Math.floor(Math.log10((last - scene.low) / 4));
  const step = [5, 2.5, 2, 1].map((part) => part * power).find((each) => (last - scene.low) / each >= 3.5);
  const first = Math.ceil(scene.low / step - 1e-9);
  return range(Math.floor(last / step + 1e-9) - first + 1, first).map((i) => i * step);
}
function cutLine(state, scene, place) {
  const { x, y, width, height } = place;
  const [low, high] = limitsOf(scene);
  const at = round(x + (state.at + 1) * barWidth(scene, place));
  const value = curvesOf(scene).line[state.at];
  const words = readingOf(state, scene);
  const room = 7.2 * (words.length + 6);
  const left = Math.max(x, Math.min(x + width - room, at - 18));
  return group(
    { class: "cut" },
    tag("path", { d: `M${at} ${y - 6}V${y + height}` }),
    value >= low && tag("circle", { class: "dot", cx: at, cy: round(yOf(value, low, high, y, height)), r: 4.5 }),
    tag(
      "text",
      { x: round(left), y: y - 11 },
      tag("tspan", { class: "heading" }, thresholdAt(scene, state.at)),
      tag("tspan", { dx: 8 }, words)
    ),
    tag("circle", { class: "grip", cx: at, cy: y + height, r: GRIP }),
    tag("path", {
      class: "arrows",
      d: `M${at - 3} ${y + height - 4}l-4 4l4 4M${at + 3} ${y + height - 4}l4 4l-4 4`
    })
  );
}
var kept = /* @__PURE__ */ new WeakMap();
function columnsOf(scene, place) {
  const key = `${place.x} ${place.y} ${place.width} ${place.height}`;
  if (kept.get(scene)?.key !== key) kept.set(scene, { key, columns: makeColumns(scene, place) });
  return kept.get(scene).columns;
}
function makeColumns(scene, place) {
  const step = barWidth(scene, place);
  const count = scene.bars.length;
  const column = (bar) => box(place.x + bar * step, place.y - 24, step, place.height + 24 + GRIP, {
    "data-hit": `bar:${bar}`,
    class: "column"
  });
  return group({ "data-drag": `line:1,${2 * count}` }, range(count).map(column));
}

// filters.js
var LEVELS = 255;
var AMBER = [0.965, 0.765, 0.267];
var atLeast = (least, named = {}) => tag("feColorMatrix", {
  in: "SourceGraphic",
  values: [...AMBER.map((part) => `0 0 0 0 ${part}`), `${LEVELS} 0 0 0 ${1 - least}`].join(" "),
  ...named
});
var filter = (id, ...parts) => tag("filter", { id, x: 0, y: 0, width: 1, height: 1, "color-interpolation-filters": "sRGB" }, parts);
var outlineFilter = (at, thick) => filter(
  `threshold-outline-${at}-${String(thick).replace(".", "_")}`,
  atLeast(at + 1, { result: "mask" }),
  tag("feMorphology", { operator: "erode", radius: thick, result: "within" }),
  tag("feComposite", { in: "mask", in2: "within", operator: "out" })
);
var barFilter = (bar, by) => filter(
  `threshold-bar-${bar}-${by}`,
  atLeast(bar, { result: "from" }),
  atLeast(bar + 1, { result: "above" }),
  tag("feComposite", { in: "from", in2: "above", operator: "out" }),
  by > 0 && tag("feMorphology", { operator: "dilate", radius: by })
);
var brightFilter = (black, white) => filter(`threshold-bright-${black}-${white}`, tag("feColorMatrix", { values: brighter(black, white) }));
function brighter(black, white) {
  const [by, less] = [LEVELS / (white - black), -black / (white - black)];
  return `${by} 0 0 0 ${less} 0 ${by} 0 0 ${less} 0 0 ${by} 0 ${less} 0 0 0 1 0`;
}

// pieces.js
function pieceAt(state, scene, { row, column }) {
  const { pixels, width } = scene;
  const first = row * width + column;
  const isIn = insideOf(state, scene, first);
  if (!pixels || !isIn(first)) return null;
  const found = flood(first, isIn, scene);
  return { pixels: found, area: found.length, ...scene.nuclei && compare(found, state, scene) };
}
function insideOf(state, { pixels }, first) {
  const split = splitOf(state);
  if (split < 0) return (i) => pixels.values[i] > state.at;
  const map = pixels.maps[1 + split];
  return (i) => map[i] > 0 && map[i] === map[first];
}
function flood(first, isIn, { width, height }) {
  const seen = new Uint8Array(width * height);
  const found = [first];
  seen[first] = 1;
  const visit = (i, isThere2) => {
    if (!isThere2 || seen[i] || !isIn(i)) return;
    seen[i] = 1;
    found.push(i);
  };
  for (const i of found) {
    visit(i - 1, i % width > 0);
    visit(i + 1, i % width < width - 1);
    visit(i - width, i >= width);
    visit(i + width, i < width * (height - 1));
  }
  return found;
}
function compare(found, state, scene) {
  const { values, maps } = scene.pixels;
  const truth = maps[0];
  const shared = countBy(found, truth);
  const [areas, inMask] = areasOf(scene, state.at, values, truth);
  const touches = Object.keys(shared).map(Number);
  const ious = touches.map((nucleus) => ({
    nucleus,
    iou: shared[nucleus] / (found.length + areas[nucleus] - shared[nucleus])
  }));
  const holds = touches.filter((nucleus) => 2 * shared[nucleus] > inMask[nucleus]);
  const best = ious.reduce((most, one) => one.iou > (most?.iou ?? 0) ? one : most, null);
  return { holds, touches, best };
}
function countBy(found, truth) {
  const counts = {};
  for (const i of found) if (truth[i]) counts[truth[i]] = (counts[truth[i]] ?? 0) + 1;
  return counts;
}
function areasOf({ nuclei }, at, values, truth) {
  const [areas, inMask] = [new Uint32Array(nuclei + 1), new Uint32Array(nuclei + 1)];
  for (let i = 0; i < truth.length; i += 1) {
    areas[truth[i]] += 1;
    if (values[i] > at) inMask[truth[i]] += 1;
  }
  return [areas, inMask];
}
function outlines(map, { width, height }) {
  const parts = [];
  const at = (row, column) => row < 0 || column < 0 || row >= height || column >= width ? 0 : map[row * width + column];
  for (let row = 0; row <= height; row += 1) {
    runs(
      width,
      (i) => at(row - 1, i) !== at(row, i),
      (i, length) => parts.push(`M${i} ${row}h${length}`)
    );
  }
  for (let column = 0; column <= width; column += 1) {
    runs(
      height,
      (i) => at(i, column - 1) !== at(i, column),
      (i, length) => parts.push(`M${column} ${i}v${length}`)
    );
  }
  return parts.join("");
}
function runs(count, isOn, add) {
  for (let i = 0; i < count; i += 1) {
    const first = i;
    while (i < count && isOn(i)) i += 1;
    if (i > first) add(first, i - first);
  }
}
function area(pixels, { width }) {
  const parts = [];
  const sorted = Uint32Array.from(pixels).sort();
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i];
    let length = 1;
    while (sorted[i + length] === first + length && (first + length) % width) length += 1;
    parts.push(`M${first % width} ${Math.floor(first / width)}h${length}v1h-${length}z`);
    i += length;
  }
  return parts.join("");
}

// ../frame/phone.js
var PHONE = { width: 358, height: 504 };

// places.js
var WIDE2 = 844;
var TITLE = 22;
var STRIP = 1.7;
var CHART = { above: 30, high: 72, below: 44, left: 34, right: 12 };
function layoutOf({ width, height }, wide) {
  const isStrip = width / height >= STRIP;
  if (!wide) return isStrip ? scrolling({ width, height }) : stacked({ width, height });
  if (!isStrip) return sideBySide({ width, height });
  return below(placed({ width, height }, Math.min(WIDE2 / width, 240 / height, 3)), WIDE2);
}
function placed({ width, height }, scale) {
  return { x: 0, y: TITLE, width: Math.round(width * scale), height: Math.round(height * scale), scale };
}
function below(image, width) {
  const centred = { ...image, x: Math.max(0, Math.round((width - image.width) / 2)) };
  const chart = chartAt({ x: 0, y: TITLE + image.height, width, high: CHART.high });
  return { width, height: chart.y + chart.height + CHART.below, image: centred, chart };
}
function chartAt({ x, y, width, high }) {
  const [left, top] = [x + CHART.left, y + CHART.above];
  return { x: left, y: top, width: width - CHART.left - CHART.right, height: high };
}
function sideBySide(size) {
  const image = placed(size, Math.min(400 / size.width, 372 / size.height));
  const x = image.width + 24;
  const room = Math.max(image.height, 160) - CHART.above - CHART.below;
  const chart = chartAt({ x, y: TITLE, width: WIDE2 - x, high: Math.min(220, room) });
  const height = Math.max(TITLE + image.height + 2, chart.y + chart.height + CHART.below);
  return { width: WIDE2, height, image, chart };
}
function stacked(size) {
  const most = PHONE.height - TITLE - CHART.above - CHART.high - CHART.below;
  return below(placed(size, Math.min(PHONE.width / size.width, most / size.height)), PHONE.width);
}
function scrolling(size) {
  const scale = Math.max(PHONE.width / size.width, Math.min(236 / size.height, 1.65));
  const image = placed(size, scale);
  const chart = chartAt({ x: 0, y: 0, width: PHONE.width, high: CHART.high });
  const height = chart.y + chart.height + CHART.below;
  return { width: PHONE.width, height, image, chart, scrolls: true };
}

// picture.js
var THICK = 1.5;
var BLACK = 0.6;
var SMALL = 2;
function thresholdPicture(state, data, wide) {
  const scene = sceneOf(data);
  const layout = layoutOf(scene, wide);
  const parts = [
    imageView(state, scene, layout.image, layout.scrolls),
    chartView(state, scene, layout.chart)
  ];
  const named = { role: "group", "aria-label": nameOf(scene) };
  const svg = (width2, height2, about, ...within) => tag("svg", { viewBox: `0 0 ${width2} ${height2}`, ...about }, within);
  if (!layout.scrolls) return svg(layout.width, layout.height, named, parts);
  const { width, height, y } = layout.image;
  const size = { style: `width: ${width}px` };
  return tag(
    "div",
    named,
    tag("div", { class: "strip" }, svg(width, height + y + 2, size, parts[0])),
    svg(layout.width, layout.height, {}, parts[1])
  );
}
function nameOf({ name, nuclei }) {
  const [expert, dice] = nuclei ? [" and of the expert's nuclei", ", the Dice at every threshold,"] : ["", ""];
  return `An image with the outline of its mask${expert}, and below it how often each ${name} occurs${dice} and the threshold as a line to drag`;
}
function imageView(state, scene, place, isShort) {
  const { x, y, width, height } = place;
  const window = { x, y, width, height, viewBox: `0 0 ${scene.width} ${scene.height}`, class: "tile" };
  return stop(
    "image",
    "image: arrow keys move a pixel",
    place,
    text(x, 14, titleOf(state, scene, isShort), { class: "quiet" }),
    tag(
      "svg",
      window,
      base(scene),
      truthLines(scene),
      maskLines(state, scene, place),
      lit(state, scene, place)
    ),
    group(
      {},
      marksOf(state, scene).map((mark) => numberOn(mark, place))
    ),
    group({}, cursor(state, scene, place)),
    box(x, y, width, height, { class: "over", "data-pixels": `image:${scene.height},${scene.width}` })
  );
}
function titleOf(state, scene, isShort) {
  const above2 = isShort ? "" : `, ${scene.name} above ${thresholdAt(scene, state.at)}`;
  const mask = splitOf(state) < 0 ? `the mask${above2}` : "the pieces of the watershed";
  const thick = isBar(state) ? "the pixels of this bar" : scene.nuclei ? `thick: ${mask}` : mask;
  if (!scene.nuclei) return thick;
  const numbers = scene.pieces && !isBar(state) ? "; number: nuclei in a piece, if not one" : "";
  return `${thick}; thin: the expert's nuclei${numbers}`;
}
var whole = ({ width, height }, { href }) => tag("image", { href, width, height });
var filtered = (scene, made) => [
  made,
  group({ filter: `url(#${made.named.id})` }, whole(scene, scene.values))
];
function base(scene) {
  if (scene.image) return group({}, whole(scene, scene.image));
  return group({}, filtered(scene, brightFilter(darkLevel(scene), scene.bars.length - 1)));
}
function darkLevel({ bars: bars2, width, height }) {
  let pixels = 0;
  return bars2.findIndex((count) => (pixels += count) > BLACK * width * height);
}
var drawn2 = /* @__PURE__ */ new WeakMap();
function linesOf(map, scene, named) {
  if (!map) return "";
  if (!drawn2.has(map)) drawn2.set(map, outlines(map, scene));
  return tag("path", { d: drawn2.get(map), ...named });
}
var truthLines = (scene) => group({}, scene.nuclei && linesOf(scene.pixels?.maps[0], scene, { class: "truth" }));
var isBar = (state) => selected(state)?.kind === "bar";
function maskLines(state, scene, { scale }) {
  if (isBar(state)) return group({});
  const split = splitOf(state);
  if (split >= 0) return group({}, linesOf(scene.pixels?.maps[1 + split], scene, { class: "piece-lines" }));
  return group(
    {},
    filtered(scene, outlineFilter(state.at, Math.max(1, Math.round(10 * THICK / scale) / 10)))
  );
}
function lit(state, scene, { scale }) {
  const at = selected(state);
  const piece = scene.pieces && at?.kind === "image" ? pieceOf(state, scene) : null;
  if (piece)
    return group({}, tag("path", { class: "piece", d: area(piece.pixels, scene) }), nucleiOf(piece, scene));
  return group({}, isBar(state) && filtered(scene, barFilter(at.bar, scale < SMALL ? 1 : 0)));
}
function nucleiOf({ holds, touches, best }, scene) {
  if (!scene.nuclei || !touches.length) return "";
  const shown = new Set(holds.length ? holds : [best.nucleus]);
  const only = scene.pixels.maps[0].map((nucleus) => shown.has(nucleus) ? nucleus : 0);
  return tag("path", { class: "nucleus", d: outlines(only, scene) });
}
var pieces = /* @__PURE__ */ new WeakMap();
function pieceOf(state, scene) {
  if (!scene.pixels) return null;
  if (!pieces.has(state)) pieces.set(state, pieceAt(state, scene, selected(state)));
  return pieces.get(state);
}
function marksOf(state, scene) {
  if (isBar(state)) return [];
  const split = splitOf(state);
  return (split < 0 ? scene.pieces?.[state.at] : scene.splits[split])?.[4] ?? [];
}
function numberOn([row, column, holds], { x, y, width, height, scale }) {
  const within = (at, most) => Math.max(9, Math.min(most - 9, at));
  const [left, top] = [x + within((column + 0.5) * scale, width), y + within((row + 0.5) * scale, height)];
  return group(
    { class: "holds" },
    tag("circle", { cx: Math.round(left), cy: Math.round(top), r: 8.5 }),
    text(left, top + 4.5, holds, { class: "number middle", "font-size": 13 })
  );
}
function cursor(state, scene, { x, y, scale }) {
  const at = selected(state);
  if (at?.kind !== "image") return "";
  const side = Math.max(scale, 5);
  const [left, top] = [at.column, at.row].map((place) => (place + 0.5) * scale - side / 2);
  return box(x + left, y + top, side, side, { class: "here" });
}

// words.js
var [PIECES, SHARED, , FOUND] = [0, 1, 2, 3];
function sentence(state, data) {
  const scene = sceneOf(data);
  const at = state.cut ? state.looked : selected(state);
  if (at?.kind === "bar") return ofBar(at.bar, scene);
  if (at?.kind === "image" && scene.pixels) return ofPixel(state, scene);
  if (splitOf(state) >= 0) return ofSplit(state, scene);
  return scene.pieces && scene.nuclei ? ofPieces(state, scene) : ofThreshold(state, scene);
}
var bold = (words) => `<b>${words}</b>`;
var many = (count, one, more = `${one}s`) => `${counted(count)} ${count === 1 ? one : more}`;
var percent = (share) => `${Math.round(100 * share)} %`;
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
function ofPieces(state, scene) {
  const [pieces2, shared] = scene.pieces[state.at];
  const there = `there ${pieces2 === 1 ? "is" : "are"} ${piecesFor(pieces2, scene)}`;
  const some = shared === pieces2 ? "all" : counted(shared);
  const hold = shared ? `${some} of them hold${shared === 1 ? "s" : ""} several` : "none of them holds several";
  return `Above ${bold(thresholdAt(scene, state.at))} ${there}; ${hold}. ${ofSeparation(state, scene)}`;
}
var piecesFor = (pieces2, { nuclei }) => `${bold(many(pieces2, "piece"))} for ${many(nuclei, "nucleus", "nuclei")}`;
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
  const [pieces2, shared, , found] = tally;
  const some = shared === 1 ? "One piece still holds" : `${capital(counted(shared))} pieces still hold`;
  const all = found === scene.nuclei;
  const which = all ? "and all" : `but only ${bold(written(found))}`;
  const are = `${which} of the nuclei ${found === 1 ? "is" : "are"}`;
  const more = shared ? some : "No piece holds";
  return `${piecesFor(pieces2, scene)}, ${are} found (IoU of 0.5 or more). ${more} several.`;
}
function spanOf(bar, scene) {
  const last = thresholdsOf(scene);
  if (bar === 0) return `at most ${thresholdAt(scene, 0)}`;
  if (bar === last) return `above ${thresholdAt(scene, last - 1)}`;
  return `from ${thresholdAt(scene, bar - 1)} to ${thresholdAt(scene, bar)}`;
}
function ofBar(bar, scene) {
  const { bars: bars2, inside, name } = scene;
  const pixels = bars2[bar];
  const have = `${bold(written(pixels))} ${pixels === 1 ? "pixel has" : "pixels have"}`;
  const share = inside && pixels ? `, ${bold(percent(inside[bar] / pixels))} of them inside the expert's nuclei` : "";
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
function ofPiece({ area: area2, holds, touches, best }, scene) {
  const piece = `This piece of ${bold(many(area2, "pixel"))}`;
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

// index.js
function controls(state, data) {
  if (!sceneOf(data).splits) return [resetButton()];
  const split = state.split ? "watershed" : "connected";
  const chosen = (value) => state.split ? value : null;
  return [
    segments("split", "pieces", ["connected", "watershed"], split),
    segments("smoothing", "smoothing", SMOOTHINGS, chosen(state.smoothing)),
    segments("distance", "distance", DISTANCES, chosen(state.distance)),
    resetButton()
  ];
}
var explorer = {
  name: "threshold",
  prepare,
  start,
  controls,
  picture: thresholdPicture,
  sentence,
  set,
  point,
  pin,
  move
};
var index_default = widget(explorer);
export {
  index_default as default,
  explorer,
  mount
};
