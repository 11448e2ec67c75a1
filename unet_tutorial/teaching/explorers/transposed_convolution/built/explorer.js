// Made by `make explorers` from modules with SHA-256 ee70a5917cf304f9d2ebead3f2af58f117045005e9b8b4a1cbaf89b30998a9c5
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
function stop(keys, label2, { x, y, width, height = width }, ...children) {
  const named = { role: "application", tabindex: 0, "data-keys": keys, "aria-label": label2 };
  const ring = box(x - 3, y - 3, width + 6, height + 6, { class: "ring", rx: 4 });
  return group(named, ...children, ring);
}
var round = (number) => Math.round(number * 100) / 100;
function written(number) {
  const digits = String(Math.abs(number)).replace(/\B(?=(\d{3})+$)/g, ",");
  return number < 0 ? `−${digits}` : digits;
}
function tile(atlas, from, to, named = {}) {
  const window = `${from.x} ${from.y} ${from.side} ${from.side}`;
  const picture = tag("image", { href: atlas.href, width: atlas.width, height: atlas.height });
  const place = { x: round(to.x), y: round(to.y), width: to.side, height: to.side };
  return tag("svg", { ...place, viewBox: window, class: "tile", ...named }, picture);
}
var range = (count, first = 0) => Array.from({ length: count }, (_, i) => first + i);

// ../frame/controls.js
function segments(name, label2, options, chosen) {
  const buttons = options.map((option, i) => segment(name, option, chosen, chosen === null && i === 0));
  const heading = tag("span", { class: "label", "aria-hidden": "true" }, label2);
  const row = tag("span", { class: "segments", role: "radiogroup", "aria-label": label2 }, buttons);
  return tag("span", { class: "control" }, heading, row);
}
function segment(name, option, chosen, isStop) {
  const { value, label: label2 = value, why } = typeof option === "object" ? option : { value: option };
  const named = {
    type: "button",
    role: "radio",
    tabindex: value === chosen || isStop ? 0 : -1,
    "data-set": `${name}:${value}`,
    "aria-checked": String(value === chosen),
    "aria-disabled": why ? "true" : void 0,
    title: why
  };
  return tag("button", named, String(label2));
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
  const part2 = element?.closest?.("[data-hit], [data-pixels]");
  if (!part2) return null;
  return part2.dataset.hit ?? placeIn(part2, part2.dataset.pixels, event);
}
function placeIn(part2, pixels, { clientX, clientY }) {
  const [kind, counts] = pixels.split(":");
  const [rows, columns = rows] = counts.split(",");
  const { left, top, width, height } = part2.getBoundingClientRect();
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

// ../frame/selection.js
var STEPS2 = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Home: [0, -100],
  End: [0, 100]
};
var selected = (state) => state.looked ?? state.pinned;
function placeOf(hit) {
  const [kind, place] = hit.split(":");
  const [row, column] = place.split(",").map(Number);
  return { kind, row, column };
}
var isStep = (hit) => hit?.startsWith("step:");
function clampPlace(at, { rows, columns, first = 0 }) {
  const within = (place, count) => Math.max(first, Math.min(first + count - 1, place));
  return { ...at, row: within(at.row, rows), column: within(at.column, columns) };
}
function stepFrom(at, key, shape) {
  const [down, right] = STEPS2[key] ?? [0, 0];
  return clampPlace({ ...at, row: at.row + down, column: at.column + right }, shape);
}
function changeWeight(weights, at, key, most) {
  const old = weights[at.row][at.column];
  const value = { "+": Math.floor(old) + 1, "=": Math.floor(old) + 1, "-": Math.ceil(old) - 1 }[key];
  const fresh = value ?? (/^\d$/.test(key) ? Number(key) : old);
  if (fresh === old || Math.abs(fresh) > most) return weights;
  return weights.map(
    (line, u) => line.map((weight, v) => u === at.row && v === at.column ? fresh : weight)
  );
}

// ../frame/grid.js
function numberGrid(kind, { title, name = title }, shape, place, cellOf) {
  const { rows, columns } = shape;
  const { x, y, side } = place;
  const cells = placesOf(shape, place).map((at) => ({ at, is: cellOf(at.row, at.column) }));
  return stop(
    kind,
    `${name}: arrow keys move`,
    { x, y, width: columns * side, height: rows * side },
    title && text(x, y - 12, title, { class: "heading" }),
    box(x, y, columns * side, rows * side, { class: "paper" }),
    cells.map(({ at, is }) => drawCell(kind, at, is, side)),
    hatching(
      cells.filter(({ is }) => is.unread).map(({ at }) => at),
      side
    )
  );
}
function placesOf({ rows, columns, first = 0 }, { x, y, side }) {
  return range(rows).flatMap(
    (down) => range(columns).map((along) => ({
      row: first + down,
      column: first + along,
      x: x + along * side,
      y: y + down * side
    }))
  );
}
function drawCell(kind, { row, column, x, y }, cell, side) {
  const { words, shade = 0, grey, strong, ...is } = cell;
  const { lit, unread } = is;
  const flags = ["lit", "dim", "outside", "unread"].filter((flag) => is[flag]).join(" ");
  const isGrey = grey !== void 0 && !lit;
  const fill = isGrey ? { fill: greyOf(grey) } : { "fill-opacity": lit ? 1 : round(0.5 * shade) };
  const name = [isGrey ? "pixel" : "cell", flags].join(" ").trim();
  const ink = isGrey && !unread ? { style: `fill: ${inkOn(grey)}` } : {};
  return [
    box(x, y, side, side, { class: name, "data-hit": `${kind}:${row},${column}`, ...fill }),
    label(words, { x, y, side }, `number middle ${flags} ${strong ? "strong" : ""}`.trim(), ink)
  ];
}
var greyOf = (grey) => `rgb(${[grey, grey, grey].map((part2) => Math.round(255 * part2)).join(" ")})`;
var inkOn = (grey) => grey > 0.46 ? "#000000" : "#ffffff";
function label(words, { x, y, side }, name, ink) {
  const parts = [words].flat();
  const onOne = fit([parts.join("")], side, Math.max(15, side / 5));
  if (parts.length === 1 || onOne >= 12) return centred([parts.join("")], onOne, { x, y, side }, name, ink);
  return centred(parts, Math.min(fit(parts, side, 14), side * 0.4), { x, y, side }, name, ink);
}
function centred(lines, size, { x, y, side }, name, ink) {
  const middle = round(x + side / 2);
  const first = y + side / 2 + size * (0.36 - 0.5 * (lines.length - 1));
  const named = { class: name, "font-size": round(size), ...ink };
  if (lines.length === 1) return text(middle, first, lines[0], named);
  const spans = lines.map((line, i) => tag("tspan", { x: middle, dy: i && round(size) }, line));
  return tag("text", { x: middle, y: round(first), ...named }, spans);
}
function fit(lines, side, most) {
  const longest = Math.max(...lines.map((line) => String(line).length), 1);
  return Math.min(most, side * 0.46, (side - 4) / (0.62 * longest));
}
function hatching(places, side) {
  const d = places.map(
    ({ x, y }) => [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3].map((part2) => diagonal(x, y, side, part2 * side)).join("")
  );
  return places.length && tag("path", { class: "hatch", d: d.join("") });
}
function diagonal(x, y, side, sum) {
  const [low, high] = [Math.max(0, sum - side), Math.min(side, sum)];
  return `M${round(x + low)} ${round(y + high)}L${round(x + high)} ${round(y + low)}`;
}

// ../frame/phone.js
var PHONE = { width: 358, height: 504 };
var SMALLEST = 24;

// ../frame/sizes.js
function transposedSide(size, kernel, stride = 1, padding = 0, added = 0, dilation = 1) {
  checkLayer(size, kernel, stride, padding, dilation);
  checkWhole("output_padding", added, 0);
  if (added >= Math.max(stride, dilation)) {
    throw new RangeError(
      `output_padding=${added} must be smaller than stride=${stride} or than dilation=${dilation}: it only chooses among the sizes that the stride rounds to one.`
    );
  }
  const covered = (size - 1) * stride + dilation * (kernel - 1) + 1 + added;
  if (covered <= 2 * padding) {
    throw new RangeError(
      `padding=${padding} crops ${2 * padding} pixels, but the stamps cover only ${covered}: there is no output. Use less padding.`
    );
  }
  return covered - 2 * padding;
}
function refusal(side, ...settings) {
  try {
    side(...settings);
    return "";
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
function checkLayer(size, kernel, stride, padding, dilation) {
  checkWhole("size", size, 1);
  checkWhole("kernel_size", kernel, 1);
  checkWhole("stride", stride, 1);
  checkWhole("padding", padding, 0);
  checkWhole("dilation", dilation, 1);
}
function checkWhole(name, value, least) {
  if (!Number.isInteger(value)) {
    throw new RangeError(`${name} must be a whole number, not ${asPython(value)}.`);
  }
  if (value < least) throw new RangeError(`${name} must be at least ${least}, not ${value}.`);
}
function asPython(value) {
  return { true: "True", false: "False", null: "None" }[value] ?? String(value);
}

// stamps.js
var outputSide = ({ size, kernel, stride, padding, output_padding }) => transposedSide(size, kernel, stride, padding, output_padding);
var sheetSide = ({ size, kernel, stride, output_padding }) => (size - 1) * stride + kernel + output_padding;
var isCropped = (row, column, state) => [row, column].some((at) => at < state.padding || at >= sheetSide(state) - state.padding);
function stampsOn(row, column, state) {
  const { ink, weights } = numbersOf(state);
  return stampersAlong(row, state).flatMap(
    ([r, u]) => stampersAlong(column, state).map(([c, v]) => ({
      pixel: [r, c],
      weight: [u, v],
      ink: ink[r][c],
      by: weights[u][v],
      product: ink[r][c] * weights[u][v]
    }))
  );
}
function stampersAlong(place, { size, kernel, stride }) {
  return range(size).map((pixel) => [pixel, place - pixel * stride]).filter(([, weight]) => weight >= 0 && weight < kernel);
}
function sheetOf(state) {
  const { ink, weights } = numbersOf(state);
  const sheet = square(sheetSide(state), () => 0);
  const stamp = (row, column) => weights.forEach(
    (line, u) => line.forEach((weight, v) => {
      sheet[row * state.stride + u][column * state.stride + v] += ink[row][column] * weight;
    })
  );
  ink.forEach((line, row) => line.forEach((_, column) => stamp(row, column)));
  return sheet;
}
var known = /* @__PURE__ */ new WeakMap();
function numbersOf(state) {
  if (!known.has(state)) known.set(state, makeNumbers(state));
  return known.get(state);
}
function makeNumbers({ ink, size, kernel, weights }) {
  if (ink === "constant") return { ink: square(size, () => 1), weights: square(kernel, () => 1) };
  return { ink: square(size, (r, c) => 1 + (3 * r + 2 * c) % 4), weights: weights[kernel] };
}
var square = (side, value) => range(side).map((r) => range(side).map((c) => value(r, c)));
function countsInside({ size, kernel, stride }) {
  const along = (place) => range(kernel).filter((u) => (place - u) % stride === 0).length;
  const places = range(stride, kernel * stride).map(along);
  const counts = new Set(places.flatMap((down) => places.map((right) => down * right)));
  return {
    counts: [...counts].sort((a, b) => a - b),
    isThere: (size - 1) * stride - (kernel - 1) + 1 >= stride
  };
}

// state.js
var OPTIONS = {
  size: [2, 3, 4],
  kernel: [1, 2, 3, 4],
  stride: [1, 2, 3],
  padding: [0, 1],
  output_padding: [0, 1]
};
var HEAVIEST = 20;
var FIRST = { kind: "sheet", row: 4, column: 4 };
var start = (data) => ({
  ink: "numbers",
  size: 4,
  kernel: 3,
  stride: 2,
  padding: 0,
  output_padding: 0,
  weights: Object.fromEntries(OPTIONS.kernel.map((k) => [k, square(k, (u, v) => u * k + v + 1)])),
  channel: data.weave.indexOf(Math.max(...data.weave)),
  // the most woven
  trainedSide: data.side,
  pinned: FIRST,
  looked: null,
  changed: null
});
var same = ([r, c], row, column) => r === row && c === column;
function set(state, name, value) {
  const next = { ...state, [name]: value, changed: name, looked: null };
  if (name === "channel") return next;
  if (name === "ink" && (value === "trained" || state.ink === "trained")) {
    return { ...next, pinned: value === "trained" ? null : kept(FIRST, next) };
  }
  return { ...next, pinned: kept(next.pinned, next) };
}
function whyNot(state, name, value) {
  const { size, kernel, stride, padding, output_padding } = { ...state, [name]: value };
  const why = refusal(transposedSide, size, kernel, stride, padding, output_padding);
  return why.replace(" or than dilation=1", "");
}
function shapeOf(kind, state) {
  const sides = { input: state.size, kernel: state.kernel, sheet: sheetSide(state) };
  const trained = { features: state.trainedSide / 2, pixel: state.trainedSide, weight: 2 };
  const side = { ...sides, ...trained }[kind];
  return { rows: side, columns: side };
}
var kept = (at, state) => at && clampPlace(at, shapeOf(at.kind, state));
function placeOf2(hit) {
  const at = placeOf(hit);
  return at.kind === "after" ? { ...at, kind: "pixel" } : at;
}
function point(state, hit) {
  if (isStep(hit)) return state;
  return { ...state, looked: hit ? placeOf2(hit) : null };
}
function pin(state, hit) {
  if (isStep(hit)) return weighted(state, state.pinned, hit[5]);
  return { ...state, pinned: placeOf2(hit), looked: null };
}
function move(state, kind, key) {
  if (key === "focus") return state;
  const at = state.pinned?.kind === kind ? state.pinned : { kind, row: 0, column: 0 };
  const pinned = stepFrom(at, key, shapeOf(kind, state));
  const next = { ...state, looked: null, pinned };
  return kind === "kernel" && state.ink === "numbers" ? weighted(next, pinned, key) : next;
}
function weighted(state, at, key) {
  const weights = state.weights[state.kernel];
  const changed = changeWeight(weights, at, key, HEAVIEST);
  if (changed === weights) return state;
  return {
    ...state,
    looked: null,
    changed: "weight",
    weights: { ...state.weights, [state.kernel]: changed }
  };
}
var channelsOf = (data) => range(data.channels.length);

// sheet.js
var BAR = 6;
var LABEL = 78;
function sheetParts(state, at, place) {
  return group(
    {},
    sheetGrid(state, at, place),
    sizeFormula(state, place),
    stampBars(state, at, place),
    stampFrame(state, at, place)
    // the last, since it isn't always there
  );
}
function sheetGrid(state, at, place) {
  const sheet = sheetOf(state);
  const most = Math.max(1, ...sheet.flat().map(Math.abs));
  const cell = (row, column) => {
    const value = sheet[row][column];
    const stamp = at.kind !== "sheet" && stampsOn(row, column, state).find((one) => comesFrom(one, at));
    const cropped = isCropped(row, column, state);
    return {
      words: written(stamp ? stamp.product : value),
      shade: Math.abs(value) / most,
      lit: stamp || at.kind === "sheet" && same([at.row, at.column], row, column),
      dim: cropped || at.kind !== "sheet" && !stamp,
      outside: cropped,
      unread: cropped
    };
  };
  const side = outputSide(state);
  const names = { title: "sheet", name: `sheet ${side} × ${side}` };
  return numberGrid("sheet", names, shapeOf("sheet", state), place, cell);
}
var comesFrom = (stamp, at) => {
  const part2 = at.kind === "input" ? stamp.pixel : stamp.weight;
  return same(part2, at.row, at.column);
};
function stampFrame(state, at, { x, y, side }) {
  if (at.kind === "kernel") return "";
  const step = side * (at.kind === "input" ? state.stride : 1);
  const length = side * (at.kind === "input" ? state.kernel : 1);
  return box(x + at.column * step, y + at.row * step, length, length, { class: "frame" });
}
function sizeFormula(state, { x, y, room }) {
  const { padding, output_padding, changed } = state;
  const number = (name) => tag("tspan", { class: changed === name && "changed" }, String(state[name]));
  const parts = [
    ["(", number("size"), " − 1) · ", number("stride"), " + ", number("kernel")],
    output_padding || changed === "output_padding" ? [" + ", number("output_padding")] : "",
    padding || changed === "padding" ? [" − 2 · ", number("padding")] : "",
    ` = ${outputSide(state)}`
  ];
  return tag("text", { x: x + room, y: y - 12, class: "end" }, parts);
}
function stampBars(state, at, { x, y, side }) {
  const { size, kernel, stride } = state;
  const top = y + sheetSide(state) * side + 7;
  const bottom = top + size * BAR + 12;
  const turn = x + (size - 1) * stride * side;
  return group(
    { "aria-hidden": "true" },
    range(size).map((pixel) => {
      const look = `bar slides${isLit(pixel, state, at) ? " lit" : ""}`;
      const place = [x + pixel * stride * side + 1, top + pixel * BAR, kernel * side - 2, BAR - 2];
      return box(...place, { class: look, rx: 2 });
    }),
    turn - x > LABEL && [
      text((x + turn) / 2, bottom, `(${size} − 1) · ${stride}`, { class: "quiet middle" }),
      text(turn + kernel * side / 2, bottom, kernel, { class: "quiet middle" })
    ],
    tag("path", { class: "ruler", d: `M${round(turn)} ${round(top)}V${round(bottom + 2)}` })
  );
}
function isLit(pixel, { stride, kernel }, at) {
  if (at.kind === "input") return at.column === pixel;
  const along = at.column - pixel * stride;
  return at.kind === "sheet" && along >= 0 && along < kernel;
}

// sums.js
var STEP = 46;
var ROOM = 300;
var SMALL = 36;
function sumInFull(state, at, place) {
  const { ink, weights } = numbersOf(state);
  if (at.kind === "input") return products(ink[at.row][at.column], weights, "the kernel", place);
  if (at.kind === "kernel") return products(weights[at.row][at.column], ink, "the input", place);
  const stamps = stampsOn(at.row, at.column, state);
  return stamps.length ? sumOfPlace(stamps, state.kernel, place) : "";
}
function sumOfPlace(stamps, kernel, { x, y }) {
  const step = Math.min(STEP, ROOM / (stamps.length + 1));
  const total = stamps.reduce((sum, { product }) => sum + product, 0);
  const bottom = y + stamps.length * step;
  return group(
    { "aria-hidden": "true" },
    text(x, y - 12, "ink × the weight that lands here", { class: "quiet" }),
    stamps.map((stamp, i) => termOf(stamp, kernel, { x, middle: y + (i + 0.5) * step, step })),
    tag("path", { class: "ruler", d: `M${x + 136} ${round(bottom + 3)}H${x + 174}` }),
    text(x + 172, bottom + 22, written(total), { class: "heading end" })
  );
}
function termOf({ ink, weight, by, product }, kernel, { x, middle, step }) {
  const number = (right, value) => text(x + right, middle + 5, written(value), { class: "end" });
  const sign = (left, words) => text(x + left, middle + 5, words, { class: "quiet" });
  return [
    number(14, ink),
    sign(24, "×"),
    smallStamp(weight, kernel, { x: x + 42, middle, side: Math.min(SMALL, step - 4) }),
    number(112, by),
    sign(124, "="),
    number(172, product)
  ];
}
function smallStamp([row, column], kernel, { x, middle, side }) {
  const cell = side / kernel;
  const [left, top] = [x + (SMALL - side) / 2, middle - side / 2];
  return group(
    { class: "small" },
    range(kernel * kernel).map((i) => {
      const [u, v] = [Math.floor(i / kernel), i % kernel];
      const named = { class: u === row && v === column ? "paper here" : "paper" };
      return box(left + v * cell, top + u * cell, cell, cell, named);
    })
  );
}
function products(factor, rows, title, { x, y }) {
  const cells = rows.flatMap(
    (line, u) => line.map((value, v) => [
      box(x + v * SMALL, y + u * SMALL, SMALL, SMALL, { class: "cell lit", "fill-opacity": 1 }),
      text(x + (v + 0.5) * SMALL, y + (u + 0.5) * SMALL + 5, written(factor * value), {
        class: "number middle lit",
        "font-size": 13
      })
    ])
  );
  const heading = text(x, y - 12, `${written(factor)} × ${title}`, { class: "quiet" });
  return group({ "aria-hidden": "true" }, heading, cells);
}

// picture.js
var WIDE2 = {
  width: 844,
  height: 367,
  input: { x: 2, y: 28, room: 144 },
  kernel: { x: 2, y: 216, room: 144 },
  sheet: { x: 196, y: 28, room: 288 },
  sum: { x: 532, y: 28 }
};
var BELOW = 51;
var LARGEST = 40;
function stampsPicture(state, wide) {
  const layout = layoutOf(state, wide);
  const at = selected(state);
  const stamps = at.kind === "sheet" ? stampsOn(at.row, at.column, state) : [];
  return tag(
    "svg",
    { viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": describe(state) },
    inputGrid(state, at, stamps, layout.input),
    kernelGrid(state, at, stamps, layout.kernel),
    sheetParts(state, at, layout.sheet),
    layout.sum && sumInFull(state, at, layout.sum),
    weightSteps(state, layout.kernel)
  );
}
function describe(state) {
  const [size, side] = [state.size, outputSide(state)];
  return `An input of ${size} × ${size} numbers, a kernel of ${state.kernel} × ${state.kernel}, and the sheet of ${side} × ${side} that it is stamped onto, ${state.stride} apart`;
}
function layoutOf(state, wide) {
  const layout = wide ? WIDE2 : narrowLayout(sheetSide(state));
  const placeOf3 = (kind) => {
    const { room } = layout[kind];
    return { ...layout[kind], side: Math.min(LARGEST, room / shapeOf(kind, state).rows) };
  };
  return { ...layout, input: placeOf3("input"), kernel: placeOf3("kernel"), sheet: placeOf3("sheet") };
}
function narrowLayout(count) {
  const y = 174;
  const room = Math.max(PHONE.height - y - BELOW, SMALLEST * count);
  return {
    width: PHONE.width,
    height: y + room + BELOW,
    input: { x: 2, y: 28, room: 112 },
    kernel: { x: 178, y: 28, room: 112 },
    sheet: { x: 2, y, room }
  };
}
var isAt = (at, kind, row, column) => at.kind === kind && at.row === row && at.column === column;
function inputGrid(state, at, stamps, place) {
  const { ink } = numbersOf(state);
  const cell = (row, column) => {
    const stamp = stamps.find(({ pixel }) => same(pixel, row, column));
    const words = stamp ? `${stamp.ink}·${written(stamp.by)}` : written(ink[row][column]);
    const lit = stamp || at.kind === "kernel" || isAt(at, "input", row, column);
    return { words, lit, dim: stamps.length && !stamp };
  };
  const title = `input ${state.size} × ${state.size}`;
  return numberGrid("input", { title }, shapeOf("input", state), place, cell);
}
function kernelGrid(state, at, stamps, place) {
  const { weights } = numbersOf(state);
  const cell = (row, column) => {
    const used = stamps.some(({ weight }) => same(weight, row, column));
    const lit = used || at.kind === "input" || isAt(at, "kernel", row, column);
    return { words: written(weights[row][column]), lit, dim: stamps.length && !used };
  };
  const title = `kernel ${state.kernel} × ${state.kernel}`;
  return numberGrid("kernel", { title }, shapeOf("kernel", state), place, cell);
}
function weightSteps(state, { x, y, room }) {
  if (state.pinned.kind !== "kernel" || state.ink !== "numbers") return "";
  return ["+", "-"].map(
    (key, i) => group(
      { class: "step", role: "button", "aria-label": `weight ${key} 1`, "data-hit": `step:${key},0` },
      box(x + room + 6, y + i * 30, 26, 26, { rx: 5 }),
      text(x + room + 19, y + 18 + i * 30, key === "-" ? "−" : "+", { class: "middle" })
    )
  );
}

// trained.js
var WIDE3 = {
  width: 844,
  height: 352,
  features: { x: 2, y: 28, side: 144 },
  weight: { x: 2, y: 216, side: 128 },
  pixel: { x: 196, y: 28, side: 306 },
  after: { x: 536, y: 28, side: 306, title: "after the double convolution" }
};
var NARROW = {
  width: PHONE.width,
  height: 466,
  features: { x: 2, y: 28, side: 108 },
  weight: { x: 124, y: 28, side: 108 },
  after: { x: 246, y: 28, side: 108, title: "DoubleConv" },
  pixel: { x: 2, y: 174, side: 288 }
};
var LIGHT = 120;
function trainedPicture(state, data, wide) {
  const layout = wide ? WIDE3 : NARROW;
  const at = selected(state);
  const name = "Four maps of the trained network: input, stamp, sheet, and what the convolutions make of it";
  return tag(
    "svg",
    { viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": name },
    featuresView(data, layout.features),
    stampGrid(state, data, at, layout.weight),
    sheetView(state, data, at, layout.pixel),
    afterView(data, layout.after),
    marks(at, data.side, layout)
  );
}
function featuresView(data, place) {
  const from = { x: 0, y: data.tops.ink, side: data.side / 2 };
  const title = `input (1 of ${data.inChannels})`;
  return keyed(
    "features",
    title,
    place,
    view("features", title, from.side, tile(data.atlas, from, place), place)
  );
}
function sheetView(state, data, at, place) {
  const alone = at?.kind === "weight";
  const strip = alone ? `quarter${at.row}${at.column}` : "sheet";
  const side = alone ? data.side / 2 : data.side;
  const from = { x: state.channel * side, y: data.tops[strip], side };
  const title = alone ? "the quarter that this weight draws" : "the sheet: every pixel stamped once";
  return keyed("pixel", title, place, view("pixel", title, data.side, tile(data.atlas, from, place), place));
}
function afterView(data, place) {
  const from = { x: 0, y: data.tops.after, side: data.side };
  return view("after", place.title, data.side, tile(data.atlas, from, place), place);
}
var view = (kind, title, pixels, picture, { x, y, side }) => [
  text(x, y - 12, title, { class: "heading" }),
  picture,
  box(x, y, side, side, { class: "over", "data-pixels": `${kind}:${pixels}` })
];
var keyed = (kind, title, { x, y, side }, parts) => stop(kind, `${title}: arrow keys move`, { x, y, width: side }, parts);
function stampGrid(state, data, at, { x, y, side }) {
  const [numbers, shades] = [data.stamps[state.channel], data.shades[state.channel]];
  const lit = weightUnder(at)?.join();
  const cells = range(4).map((i) => {
    const [u, v] = [i >> 1, i & 1];
    const place = { x: x + v * side / 2, y: y + u * side / 2, side: side / 2 };
    const cell = stampCell(numbers[u][v], shades[u][v], place, lit === `${u},${v}`);
    return group({ "data-hit": `weight:${u},${v}` }, cell);
  });
  const heading = text(x, y - 12, "average stamp", { class: "heading" });
  return keyed("weight", "stamp of the average pixel", { x, y, side }, [heading, cells]);
}
var decimal = (number) => number.toFixed(2).replace("-", "−");
function stampCell(number, shade, { x, y, side }, lit) {
  const grey = Math.round(255 * shade);
  const ink = `fill:${grey > LIGHT ? "#1b2733" : "#fff"}`;
  return [
    box(x, y, side, side, { fill: `rgb(${grey},${grey},${grey})` }),
    text(x + side / 2, y + side / 2 + 5, decimal(number), { class: "middle", style: ink }),
    lit && box(x + 2, y + 2, side - 4, side - 4, { class: "mark" })
  ];
}
var weightUnder = (at) => at && { weight: [at.row, at.column], pixel: [at.row & 1, at.column & 1] }[at.kind];
function marks(at, pixels, layout) {
  if (!at || at.kind === "weight") return "";
  const isCoarse = at.kind === "features";
  const mark = (kind, count, row2, column2, span = 1) => {
    const { x, y, side } = layout[kind];
    const unit = side / count;
    const length = span * unit + 4;
    return box(x + column2 * unit - 2, y + row2 * unit - 2, length, length, { class: "mark" });
  };
  const [row, column] = isCoarse ? [at.row, at.column] : [at.row >> 1, at.column >> 1];
  const fine = isCoarse ? [2 * at.row, 2 * at.column, 2] : [at.row, at.column];
  return [
    mark("features", pixels / 2, row, column),
    mark("pixel", pixels, ...fine),
    mark("after", pixels, ...fine)
  ];
}

// trained_words.js
var WOVEN = 25;
function trainedSentence(state, data) {
  const at = selected(state);
  if (!at) return ofWeave(state, data);
  return { features: ofFeatures, pixel: ofPixel, weight: ofWeight }[at.kind](at, state, data);
}
function ofWeave({ channel }, { weave, weaveAfter }) {
  const seen = weave[channel] < WOVEN ? "so one hardly sees a weave" : "and that's the weave you see";
  return `Each weight draws a quarter of the pixels. The quarters' averages differ by up to ${part(weave[channel])} the map's standard deviation, ${seen}. After the convolutions, they differ by up to ${part(weaveAfter)} its own.`;
}
var part = (percent) => percent < 100 ? `<b>${percent} %</b> of` : `<b>${(percent / 100).toFixed(1)}</b> times`;
var ofFeatures = ({ row, column }, _, { inChannels }) => `Input pixel (${row}, ${column}) stamps four pixels of the sheet, and no other pixel stamps there. Each of its ${inChannels} channels brings a 2 × 2 stamp, and the stamps add up.`;
var ofPixel = ({ row, column }) => `Sheet pixel (${row}, ${column}) comes from input pixel (${row >> 1}, ${column >> 1}) alone, with the weights at <b>(${row & 1}, ${column & 1})</b>. The pixel next to it uses other weights.`;
function ofWeight({ row, column }, { channel }, { stamps }) {
  const all = stamps[channel].flat().map(decimal);
  const [own] = all.splice(2 * row + column, 1);
  return `The weights at <b>(${row}, ${column})</b> draw every second pixel of every second row: this quarter, <b>${own}</b> on average. Alone it shows no weave; the other three quarters average ${all[0]}, ${all[1]} and ${all[2]}.`;
}

// ../frame/short.js
var COUNTED = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
var counted = (number) => COUNTED[number] ?? written(number);
var capital = (words) => words[0].toUpperCase() + words.slice(1);

// words.js
var CANNOT_READ = 4;
function sentence(state) {
  const at = selected(state);
  return { sheet: ofPlace, input: ofPixel2, kernel: ofWeight2 }[at.kind](state, at);
}
function ofPlace(state, { row, column }) {
  const stamps = stampsOn(row, column, state);
  const total = stamps.reduce((sum2, { product }) => sum2 + product, 0);
  if (isCropped(row, column, state)) {
    if (!stamps.length) return "No stamp reaches this place, and padding crops it.";
    return `Padding crops this place: what was stamped here (${written(total)}) is thrown away.`;
  }
  if (!stamps.length) return ofBlank(state, row, column);
  if (state.ink === "constant") return ofCount(state, stamps.length);
  if (stamps.length === 1) {
    const [{ ink, by }] = stamps;
    return `Only one stamp reaches this pixel: ${ink}·${written(by)} = <b>${written(total)}</b>.`;
  }
  const terms = stamps.map(({ ink, by }) => `${ink}·${written(by)}`).join(" + ");
  const sum = stamps.length > CANNOT_READ ? "add up to" : `add up: ${terms} =`;
  return `${capital(counted(stamps.length))} stamps overlap here and ${sum} <b>${written(total)}</b>.`;
}
function ofBlank(state, row, column) {
  const end = sheetSide(state) - state.output_padding;
  if (row >= end || column >= end) {
    return "output_padding added this row and column. No stamp reaches them, so they stay 0.";
  }
  return "No stamp reaches this pixel: the stride is larger than the kernel, so gaps stay 0.";
}
function ofCount(state, here) {
  const stamps = `${capital(counted(here))} ${here === 1 ? "stamp reaches" : "stamps reach"} this pixel.`;
  const { counts, isThere: isThere2 } = countsInside(state);
  const inside = isThere2 ? "Away from the edges it is" : "Away from the edges of a larger sheet it would be";
  if (counts.length === 1) {
    return `${stamps} ${inside} <b>${counts[0]}</b> everywhere, so constant ink stays even.`;
  }
  const leaves = counts[0] === 0 ? "gaps" : "a checkerboard";
  return `${stamps} ${inside} <b>${counts.join(", ")}</b> by turns, so constant ink leaves ${leaves}.`;
}
function ofPixel2(state, { row, column }) {
  const { kernel, stride } = state;
  const amount = numbersOf(state).ink[row][column];
  const places = range(kernel).flatMap(
    (u) => range(kernel).map((v) => [row * stride + u, column * stride + v])
  );
  const strength = { 1: "as it is", 2: "twice as strong" }[amount] ?? `${counted(amount)} times as strong`;
  return `This pixel holds ink <b>${amount}</b>: it stamps the whole kernel onto the sheet, ${strength}.${ofLost(places, state)}`;
}
function ofLost(places, state) {
  const cut = places.filter(([row, column]) => isCropped(row, column, state)).length;
  if (!cut) return "";
  if (places.length === 1) return " Padding crops its only place.";
  return ` Padding crops ${cut === places.length ? "all" : cut} of its ${places.length} places.`;
}
function ofWeight2(state, { row, column }) {
  const { size, stride, kernel, ink } = state;
  const weight = written(numbersOf(state).weights[row][column]);
  const apart = stride === 1 ? "next to one another" : `${counted(stride)} apart`;
  const alone = kernel <= stride ? " No other weight reaches those pixels." : "";
  const places = range(size).flatMap(
    (r) => range(size).map((c) => [r * stride + row, c * stride + column])
  );
  const lost = ofLost(places, state);
  const { pinned } = state;
  const isPinned = pinned.kind === "kernel" && pinned.row === row && pinned.column === column;
  const how = isPinned ? " Change it with + and −." : " Click or tap it to change it.";
  const change2 = ink === "numbers" ? how : "";
  return `The weight <b>${weight}</b> lands on ${size * size} places, ${apart}: once for every input pixel.${lost}${alone}${change2}`;
}

// index.js
var INKS = [
  { value: "numbers", label: "numbers" },
  { value: "constant", label: "constant" },
  { value: "trained", label: "trained U-Net" }
];
var LABELS = { size: "input" };
var isTrained = (state) => state.ink === "trained";
function controls(state, { controls: names = ["ink", ...Object.keys(OPTIONS)], ...data }) {
  const ink = names.includes("ink") && segments("ink", "ink", INKS, state.ink);
  if (isTrained(state)) return [ink, channelControl(state, data), resetButton()];
  const settings = Object.keys(OPTIONS).filter((name) => names.includes(name));
  return [ink, settings.map((name) => settingControl(state, name)), resetButton()];
}
function channelControl(state, data) {
  const numbered = channelsOf(data).map((channel) => ({ value: channel, label: channel + 1 }));
  return segments("channel", "sheet channel", numbered, state.channel);
}
function settingControl(state, name) {
  const options = OPTIONS[name].map((value) => ({ value, why: whyNot(state, name, value) }));
  return segments(name, LABELS[name] ?? name, options, state[name]);
}
var explorer = {
  name: "transposed_convolution",
  start,
  controls,
  picture: (state, data, wide) => isTrained(state) ? trainedPicture(state, data, wide) : stampsPicture(state, wide),
  sentence: (state, data) => isTrained(state) ? trainedSentence(state, data) : sentence(state),
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
