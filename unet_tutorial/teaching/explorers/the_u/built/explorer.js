// Made by `make explorers` from modules with SHA-256 205fed4949dfa41deaf4b5e6bbbdec83f7cba9d90fc46b51f77db6c1d1fdad8e
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
function tile(atlas, from, to, named = {}) {
  const window = `${from.x} ${from.y} ${from.side} ${from.side}`;
  const picture = tag("image", { href: atlas.href, width: atlas.width, height: atlas.height });
  const place = { x: round(to.x), y: round(to.y), width: to.side, height: to.side };
  return tag("svg", { ...place, viewBox: window, class: "tile", ...named }, picture);
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
function numberField(name, label, value, { least, most }) {
  const limits = `${label} goes from ${least} to ${most}.`;
  const field = { type: "number", min: least, max: most, value, title: limits, "aria-label": label };
  return tag(
    "span",
    { class: "control" },
    tag("span", { class: "label", "aria-hidden": "true" }, label),
    tag(
      "span",
      { class: "segments" },
      stepButton(name, `${label}: one less`, value - 1, value > least ? void 0 : limits, "−"),
      tag("input", { ...field, inputmode: "numeric", "data-field": name }),
      stepButton(name, `${label}: one more`, value + 1, value < most ? void 0 : limits, "+")
    )
  );
}
function stepButton(name, label, value, why, sign) {
  const named = {
    type: "button",
    class: "by-one",
    "data-set": `${name}:${value}`,
    "aria-label": label,
    "aria-disabled": why && "true",
    title: why ?? label
  };
  return tag("button", named, sign);
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
  const move = (kind, key) => store.become(explorer2.move(store.state, kind, key, store.data));
  host.addEventListener("keydown", (event) => {
    if (isForThePage(event)) return;
    event.stopPropagation();
    if (event.target.closest("[role=radio]")) return stepAmongSegments(event);
    const kind = event.target.dataset?.keys;
    const key = keyOf(event);
    if (!kind || !key) return;
    event.preventDefault();
    move(kind, key);
  });
  host.addEventListener("focusin", ({ target }) => {
    const kind = target.dataset?.keys;
    if (kind && target.matches(":focus-visible")) move(kind, "focus");
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
  const [controls, picture, sentence] = host.children;
  draw(controls, explorer2.controls(state, data));
  draw(picture, explorer2.picture(state, data, page.wide));
  const words = explorer2.sentence(state, data);
  if (words !== page.words) sentence.innerHTML = page.words = words;
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
  const [controls, , sentence] = host.children;
  controls.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set]");
    if (!button) return;
    const [name, value] = button.dataset.set.split(":");
    if (button.getAttribute("aria-disabled")) sentence.textContent = page.words = button.title;
    else if (name === "reset") store.restart();
    else store.become(explorer2.set(store.state, name, asNumber(value), store.data));
  });
  controls.addEventListener("input", ({ target }) => {
    if (!target.checkValidity() || !target.value) sentence.textContent = page.words = target.title;
    else store.become(explorer2.set(store.state, target.dataset.field, Number(target.value), store.data));
  });
  controls.addEventListener("change", ({ target }) => {
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

// ../frame/sizes.js
function convSide(size2, kernel, stride = 1, padding = 0, dilation = 1) {
  checkLayer(size2, kernel, stride, padding, dilation);
  const reach = dilation * (kernel - 1) + 1;
  if (reach > size2 + 2 * padding) {
    throw new RangeError(
      `kernel_size=${kernel} with dilation=${dilation} spans ${reach} pixels, but size=${size2} with padding=${padding} has only ${size2 + 2 * padding}: there is no output. Use a smaller kernel or more padding.`
    );
  }
  return Math.floor((size2 + 2 * padding - reach) / stride) + 1;
}
function poolSide(size2, kernel, stride = kernel, padding = 0, dilation = 1) {
  checkLayer(size2, kernel, stride, padding, dilation);
  if (padding > Math.floor(kernel / 2)) {
    throw new RangeError(
      `padding=${padding} is more than half of kernel_size=${kernel}: a window could contain only padding and have no maximum. Use a smaller padding.`
    );
  }
  return convSide(size2, kernel, stride, padding, dilation);
}
function transposedSide(size2, kernel, stride = 1, padding = 0, added = 0, dilation = 1) {
  checkLayer(size2, kernel, stride, padding, dilation);
  checkWhole("output_padding", added, 0);
  if (added >= Math.max(stride, dilation)) {
    throw new RangeError(
      `output_padding=${added} must be smaller than stride=${stride} or than dilation=${dilation}: it only chooses among the sizes that the stride rounds to one.`
    );
  }
  const covered = (size2 - 1) * stride + dilation * (kernel - 1) + 1 + added;
  if (covered <= 2 * padding) {
    throw new RangeError(
      `padding=${padding} crops ${2 * padding} pixels, but the stamps cover only ${covered}: there is no output. Use less padding.`
    );
  }
  return covered - 2 * padding;
}
function checkLayer(size2, kernel, stride, padding, dilation) {
  checkWhole("size", size2, 1);
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

// u.js
var LEVELS = 4;
var encoderAt = (level) => level ? `down${level}` : "in_conv";
var decoderAt = (level) => level < LEVELS ? `up${LEVELS - level}` : null;
var BLOCKS = [
  ...range(LEVELS + 1).map(encoderAt),
  ...range(LEVELS).map((number) => LEVELS - 1 - number).map(decoderAt),
  "out_conv"
];
var isUp = (name) => name.startsWith("up");
var levelOf = (name) => name.startsWith("down") ? Number(name[4]) : isUp(name) ? LEVELS - Number(name[2]) : 0;
function readBy(name) {
  const before = BLOCKS[BLOCKS.indexOf(name) - 1];
  return [before, isUp(name) && encoderAt(levelOf(name))].filter(Boolean);
}
var OUTPUTS = [
  ...range(LEVELS).map((level) => `contracting${level}`),
  "bottleneck",
  ...range(LEVELS).map((number) => `expanding${LEVELS - 1 - number}`)
];
function codeOf(name) {
  const at = BLOCKS.indexOf(name);
  const before = at ? OUTPUTS[at - 1] : "x";
  const skip3 = isUp(name) ? `, contracting${levelOf(name)}` : "";
  const call = `self.${name}(${before}${skip3})`;
  return name === "out_conv" ? `return ${call}` : `${OUTPUTS[at]} = ${call}`;
}
var ALONG = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1, Home: -100, End: 100 };
function walkFrom(name, key) {
  const at = BLOCKS.indexOf(name);
  if (at < 0) return BLOCKS[0];
  return BLOCKS[Math.max(0, Math.min(BLOCKS.length - 1, at + (ALONG[key] ?? 0)))];
}

// arithmetic.js
var MULTIPLE = 2 ** LEVELS;
function traceSizes(height, width, base) {
  const trace = { stages: [stage("input", 1, height, width)], dropped: [], failed: "", upsampled: null };
  trace.stages.push(stage("in_conv", base, height, width));
  for (let level = 1; level <= LEVELS && !trace.failed; level += 1) goDown(trace, level, base);
  for (let level = LEVELS - 1; level >= 0 && !trace.failed; level -= 1) goUp(trace, level);
  if (!trace.failed) trace.stages.push({ ...trace.stages.at(-1), name: "out_conv", channels: 1 });
  return trace;
}
var stage = (name, channels, height, width) => ({ name, channels, height, width });
function goDown(trace, level, base) {
  const { height, width } = trace.stages.at(-1);
  const name = encoderAt(level);
  if (Math.min(height, width) < 2) return trace.failed = name;
  if (height % 2 || width % 2) trace.dropped.push({ level: level - 1, rows: height % 2, columns: width % 2 });
  return trace.stages.push(stage(name, base * 2 ** level, poolSide(height, 2), poolSide(width, 2)));
}
function goUp(trace, level) {
  const [below, skip3] = [trace.stages.at(-1), trace.stages[1 + level]];
  const [height, width] = [below.height, below.width].map((side) => transposedSide(side, 2, 2));
  const name = decoderAt(level);
  if (height === skip3.height && width === skip3.width) {
    return trace.stages.push(stage(name, skip3.channels, height, width));
  }
  trace.failed = name;
  trace.upsampled = { height, width };
}
function nearestSides(side) {
  const [below, above] = [Math.floor(side / MULTIPLE), Math.ceil(side / MULTIPLE)];
  return [.../* @__PURE__ */ new Set([below, above])].filter(Boolean).map((count) => count * MULTIPLE);
}
function partCosts(height, width, base) {
  const { stages } = traceSizes(height, width, base);
  const entryOf = (i) => [stages[i].name, costOf(stages[i - 1].channels, stages[i])];
  return Object.fromEntries(range(BLOCKS.length, 1).map(entryOf));
}
function costOf(from, { name, channels: to, height, width }) {
  const area = height * width;
  if (name === "out_conv") return cost(from * to + to, to * area, from * to * area);
  if (isUp(name)) {
    const convs = doubleConvCost(2 * to, to, area);
    return sum([cost(4 * from * to + to, to * area, from * to * area), convs]);
  }
  return sum([cost(0, name === "in_conv" ? 0 : from * area, 0), doubleConvCost(from, to, area)]);
}
var cost = (parameters, activations, multiplications) => ({ parameters, activations, multiplications });
function doubleConvCost(from, to, area) {
  const weights = 9 * from * to + 9 * to * to;
  return cost(weights + 4 * to, 4 * to * area, weights * area);
}
function sum(costs) {
  const together = (kind) => costs.reduce((all, each) => all + each[kind], 0);
  return cost(together("parameters"), together("activations"), together("multiplications"));
}
function measured(measure, height, width, base) {
  const costs = partCosts(height, width, base);
  const parts = Object.fromEntries(BLOCKS.map((name) => [name, amountOf(measure, costs[name])]));
  return { parts, all: Object.values(parts).reduce((all, each) => all + each, 0) };
}
var amountOf = (measure, each) => measure === "memory" ? 4 * each.activations : each[measure];
function formatCount(number) {
  if (number >= 1e9) return `${scaled(number, 1e9)} billion`;
  return number >= 1e6 ? `${scaled(number, 1e6)} million` : written(number);
}
function formatBytes(number) {
  if (number >= 1e10) return `${scaled(number, 1e9)} GB`;
  if (number >= 1e6) return `${scaled(number, 1e6)} MB`;
  return number >= 1e3 ? `${scaled(number, 1e3)} kB` : `${number} bytes`;
}
function scaled(number, size2) {
  if (number < 1e3 * size2) return (number / size2).toFixed(1);
  return written(Math.round(number / size2));
}
var formatAmount = (measure, amount) => ({ parameters: written, memory: formatBytes, multiplications: formatCount })[measure](amount);

// ../frame/phone.js
var PHONE = { width: 358, height: 504 };

// boxes_places.js
var WIDE2 = {
  isWide: true,
  width: 844,
  height: 382,
  middle: 422,
  top: 34,
  gap: 14,
  sides: [78, 64, 52, 42, 34],
  columns: [240, 254, 266, 276],
  ends: [82, 762],
  // of the image, and of out_conv
  label: 0,
  whole: 140
  // the side of the square that all blocks make together
};
var NARROW = {
  isWide: false,
  width: PHONE.width,
  height: PHONE.height - 26,
  // there are more controls
  middle: 179,
  top: 34,
  gap: 8,
  sides: [50, 44, 38, 32, 28],
  columns: [92, 92, 92, 92],
  ends: [22, 336],
  label: 34,
  // below each block
  whole: 128
};
var FLATTEST = 0.25;
function placesOf(state, amounts, wide) {
  const layout = wide ? { ...WIDE2, height: WIDE2.height - (state.measure ? 22 : 0) } : NARROW;
  const names2 = ["input", ...BLOCKS];
  const sizes = Object.fromEntries(names2.map((name) => [name, sizeOf(name, state, amounts, layout)]));
  const rows = range(LEVELS + 1).map((level) => amounts ? highest(level, sizes) : layout.sides[level]);
  const tops = rows.map(
    (_, level) => rows.slice(0, level).reduce((sum2, high) => sum2 + high + layout.gap + layout.label, layout.top)
  );
  const place = (name) => {
    const { width, height } = sizes[name];
    const [cx, cy] = [columnOf(name, layout), tops[levelOf(name)] + rows[levelOf(name)] / 2];
    return { x: cx - width / 2, y: cy - height / 2, width, height, cx, cy };
  };
  return { layout, at: Object.fromEntries(names2.map((name) => [name, place(name)])) };
}
var highest = (level, sizes) => Math.max(18, ...BLOCKS.filter((name) => levelOf(name) === level).map((name) => sizes[name].height));
function columnOf(name, { ends, columns, middle }) {
  if (name === "input") return ends[0];
  if (name === "out_conv") return ends[1];
  const level = levelOf(name);
  if (level === LEVELS) return middle;
  return isUp(name) ? 2 * middle - columns[level] : columns[level];
}
function sizeOf(name, state, amounts, { sides, whole, isWide }) {
  const isEnd = name === "input" || name === "out_conv";
  if (amounts && name !== "input") {
    const side2 = whole * Math.sqrt(amounts.parts[name] / amounts.all);
    return { width: side2, height: side2 };
  }
  const side = isEnd ? sides[0] * (isWide ? 1 : 0.55) : sides[levelOf(name)];
  const [tall, broad] = [state.height, state.width].map(
    (each) => Math.max(FLATTEST, each / Math.max(state.height, state.width))
  );
  return { width: side * broad, height: side * tall };
}

// boxes_state.js
var FIELDS = { height: 2048, width: 2048, base_channels: 128 };
var MEASURES = ["parameters", "memory", "multiplications"];
var DEFAULTS = { height: 96, width: 96, base_channels: 8 };
var startBoxes = ({ height, width, base_channels, measure = null }) => ({
  face: "boxes",
  height: height ?? DEFAULTS.height,
  width: width ?? DEFAULTS.width,
  base_channels: base_channels ?? DEFAULTS.base_channels,
  measure,
  kept: null,
  // {kind: "block", name} or {kind: "skip", level}
  looked: null
});
function setBoxes(state, name, value) {
  if (name === "measure") return { ...state, measure: value, looked: null };
  const within = Math.max(1, Math.min(FIELDS[name], Math.round(value)));
  return Number.isFinite(within) ? { ...state, [name]: within, kept: null, looked: null } : state;
}
function partOf(hit) {
  const [kind, place] = hit.split(":");
  return kind === "skip" ? { kind, level: Number(place) } : { kind, name: place };
}
var pointBoxes = (state, hit) => ({ ...state, looked: hit && partOf(hit) });
var pinBoxes = (state, hit) => ({ ...state, kept: partOf(hit), looked: null });
function moveBoxes(state, kind, key) {
  if (key === "focus" || key === "Enter") return state;
  return { ...state, kept: { kind: "block", name: walkFrom(state.kept?.name, key) }, looked: null };
}
var known = /* @__PURE__ */ new WeakMap();
function traceOf(state) {
  if (!known.has(state)) known.set(state, traceSizes(state.height, state.width, state.base_channels));
  return known.get(state);
}
var stageOf = (name, state) => traceOf(state).stages.find((stage2) => stage2.name === name);
function amountsOf({ height, width, base_channels: base, measure }) {
  if (!measure) return null;
  if (measure === "parameters") return measured(measure, 16, 16, base);
  return traceSizes(height, width, base).failed ? null : measured(measure, height, width, base);
}

// boxes_picture.js
var SMALLEST = 24;
function boxesPicture(state, wide) {
  const amounts = amountsOf(state);
  const { layout, at } = placesOf(state, amounts, wide);
  const all = { ...state, amounts, layout, places: at, at: state.looked ?? state.kept };
  const viewBox = `0 0 ${layout.width} ${layout.height}`;
  const named = { viewBox, role: "group", "aria-label": labelOf(all) };
  const room = { x: 4, y: 6, width: layout.width - 8, height: layout.height - 10 };
  const label = "The blocks of the U: arrow keys walk along it";
  const arrows = range(LEVELS).map((level) => skip(level, all));
  const squares = BLOCKS.map((name) => block(name, all));
  return tag("svg", named, stop("blocks", label, room, flow(all), squares, arrows));
}
function labelOf({ height, width, base_channels, measure, amounts, ...state }) {
  const { failed } = traceOf({ height, width, base_channels });
  const image = `The U-Net with ${base_channels} base channels, for an image of ${height} × ${width}`;
  if (failed && !amounts) return `${image}: it breaks at ${failed}`;
  return amounts ? `The U-Net as squares whose areas are their shares of the ${measure}` : image;
}
function flow(all) {
  const names2 = all.amounts ? BLOCKS : ["input", ...BLOCKS];
  const pieces = names2.slice(1).map((name, i) => {
    const [from, to] = [all.places[names2[i]], all.places[name]];
    const d = `M${round(from.cx)} ${round(from.cy)}L${round(to.cx)} ${round(to.cy)}`;
    return tag("path", { class: isReached(name, all) ? "flow" : "flow missed", d });
  });
  return group({}, pieces, imageBox(all));
}
var isReached = (name, state) => Boolean(state.amounts || stageOf(name, state));
function imageBox({ places: { input }, layout, amounts, height, width }) {
  if (amounts) return "";
  const { x, y, width: broad, height: tall } = input;
  const below = y + tall + 15;
  return [
    box(x, y, broad, tall, { class: "image" }),
    text(input.cx, y - 10, "image", { class: "name middle" }),
    layout.isWide && text(input.cx, below, `(1, ${height}, ${width})`, { class: "name shape middle" })
  ];
}
function block(name, all) {
  const place = all.places[name];
  const { looked, kept, amounts } = all;
  const lit = all.at?.name === name && "lit";
  const read = looked?.kind === "block" && readBy(looked.name).includes(name) && "read";
  const missed = !isReached(name, all) && "missed";
  const style = ["block", lit, !lit && read, missed, kept?.name === name && "open", amounts && "share"];
  return group(
    { class: style.filter(Boolean).join(" ") },
    group({}, !amounts && !missed && sheets(name, place)),
    box(place.x, place.y, place.width, place.height, { class: "edge", rx: Math.min(3, place.width / 6) }),
    labels(name, all),
    catcher(name, place)
  );
}
function catcher(name, { cx, cy, width, height }) {
  const [broad, tall] = [width, height].map((side) => Math.max(SMALLEST, side));
  const named = { class: "catch", "data-hit": `block:${name}` };
  return box(cx - broad / 2, cy - tall / 2, broad, tall, named);
}
function sheets(name, { x, y, width, height }) {
  const count = name === "out_conv" ? 0 : levelOf(name) + 1;
  return range(count).reverse().map((i) => box(x + 3 * (i + 1), y - 3 * (i + 1), width, height, { class: "sheet", rx: 2 }));
}
function labels(name, all) {
  const [x, y, style] = labelPlace(name, all.places[name], all);
  const second = secondLine(name, all);
  if (all.layout.isWide && levelOf(name) === 0) {
    const shape = tag("tspan", { class: "shape" }, `  ${second}`);
    return tag("text", { x: round(x), y: round(y), class: `name ${style}` }, tag("tspan", {}, name), shape);
  }
  const short = all.layout.isWide ? second : second.split(" · ")[0];
  const hasRoom = all.layout.isWide || name !== "out_conv" || all.amounts;
  return [
    text(x, y, name, { class: `name ${style}` }),
    hasRoom && text(x, y + 15, short, { class: `name shape ${style}` })
  ];
}
function labelPlace(name, { cx, cy, width, height }, { layout, amounts }) {
  const level = levelOf(name);
  const half = Math.max(9, height / 2);
  const isOneLine = layout.isWide || !amounts;
  if (name === "out_conv") return [layout.width - 2, cy - half - (isOneLine ? 10 : 22), "end"];
  if (!layout.isWide) return [cx, cy + half + 13, "middle"];
  if (level === 0) return [cx, cy - half - 10, "middle"];
  const sheeted = amounts ? 0 : 3 * (level + 1);
  const away = Math.max(6, width / 2) + 10;
  if (level === LEVELS || isUp(name)) return [cx + away + sheeted, cy - 2, ""];
  return [cx - away, cy - 2, "end"];
}
function secondLine(name, all) {
  const { amounts, measure } = all;
  if (amounts) {
    const share = 100 * amounts.parts[name] / amounts.all;
    return `${share < 0.05 ? "<0.1" : share.toFixed(1)} % · ${formatAmount(measure, amounts.parts[name])}`;
  }
  const stage2 = stageOf(name, all);
  if (stage2) return `(${stage2.channels}, ${stage2.height}, ${stage2.width})`;
  if (name !== traceOf(all).failed) return "not reached";
  return isUp(name) ? "can't join" : "can't pool";
}
function skip(level, all) {
  const { places, amounts, at } = all;
  const [from, to] = [places[encoderAt(level)], places[decoderAt(level)]];
  const sheeted = amounts ? 0 : 3 * (level + 1);
  const [left, right] = [from.x + from.width + sheeted + 4, to.x - 4];
  const { failed, upsampled } = traceOf(all);
  const breaks = !amounts && upsampled && failed === decoderAt(level);
  const isLit = at?.kind === "skip" && at.level === level;
  const isMissed = !amounts && !stageOf(decoderAt(level), all) && !breaks;
  const style = ["skip", isLit && "lit", breaks && "broken", isMissed && "missed"];
  const catching = { class: "catch", "data-hit": `skip:${level}` };
  return group(
    { class: style.filter(Boolean).join(" ") },
    group({}, breaks ? brokenArrow(left, right, from.cy, all) : wholeArrow(left, right, from.cy)),
    box(left, from.cy - 12, Math.max(SMALLEST, right - left), SMALLEST, catching)
  );
}
var wholeArrow = (left, right, y) => tag("path", { class: "line", d: `M${round(left)} ${round(y)}H${round(right)}m-6 -4l6 4l-6 4` });
function brokenArrow(left, right, y, state) {
  const { failed, upsampled } = traceOf(state);
  const kept = stageOf(encoderAt(levelOf(failed)), state);
  const [middle, by] = [(left + right) / 2, 5];
  const below = state.layout.isWide ? -7 : 18;
  const size2 = ({ height, width }) => `${height} × ${width}`;
  const cross = `M${middle - by} ${y - by}l${2 * by} ${2 * by}m0 ${-2 * by}l${-2 * by} ${2 * by}`;
  return [
    tag("path", { class: "line", d: `M${left} ${y}H${middle - 12}M${right} ${y}H${middle + 12}` }),
    tag("path", { class: "cross", d: cross }),
    text((left + middle - 8) / 2, y - 7, size2(kept), { class: "meets middle" }),
    text((right + middle + 8) / 2, y + below, size2(upsampled), { class: "meets middle" })
  ];
}

// boxes_words.js
function boxesSentence(state) {
  const at = state.looked ?? state.kept;
  if (at?.kind === "skip") return ofSkip(at.level, state);
  if (at) return state.measure ? ofCost(at.name, state) : ofBlock(at.name, state);
  if (!state.measure) return traceOf(state).failed ? ofBreak(state) : ofFit(state);
  return amountsOf(state) ? ofAll(state) : `${ofBreak(state)} So it doesn't run, and there's nothing to measure.`;
}
var size = ({ height, width }) => `${height} × ${width}`;
var counted = (count, name) => `${written(count)} ${count === 1 ? name : `${name}s`}`;
function ofFit(state) {
  const { height, width } = stageOf("down4", state);
  const sides = state.height === state.width ? "The sides divide" : "Both sides divide";
  return `An image of <b>${size(state)}</b> comes back as a map of ${size(state)}. ${sides} by 16, so four poolings halve them without a remainder, down to ${height} × ${width}, and every skip fits.`;
}
function ofBreak(state) {
  const { failed, upsampled, stages } = traceOf(state);
  if (!upsampled) {
    return `${failed} can't pool <b>${size(stages.at(-1))}</b>: no window of 2 × 2 fits. ${whatFits(state)}`;
  }
  const kept = stageOf(encoderAt(levelOf(failed)), state);
  const down = encoderAt(levelOf(failed) + 1);
  return `${down} pools ${size(kept)}, and ${leftOver(kept)} left over. So at ${failed}, <b>${size(upsampled)}</b> meets the skip's <b>${size(kept)}</b>, and they can't be joined. ${whatFits(state)}`;
}
function leftOver({ height, width }) {
  const odd = [height % 2 && "row", width % 2 && "column"].filter(Boolean);
  return `the last ${odd.join(" and the last ")} ${odd.length > 1 ? "are" : "is"}`;
}
function whatFits(state) {
  const sides = ["height", "width"].filter((side) => state[side] % 16);
  const words = sides.map((side) => `${side} ${nearestSides(state[side]).join(" or ")}`);
  return `What fits: ${words.join(", ")}.`;
}
function ofBlock(name, state) {
  const stage2 = stageOf(name, state);
  const { failed, stages } = traceOf(state);
  if (!stage2) return name === failed ? ofBreak(state) : `${name} is never reached: ${failed} fails before it.`;
  const before = stages[stages.indexOf(stage2) - 1];
  return wordsFor(name)(name, stage2, before);
}
var wordsFor = (name) => ({ in_conv: ofFirst, out_conv: ofLast })[name] ?? (isUp(name) ? ofUp : ofDown);
var ofFirst = (name, stage2) => `${name} makes <b>${counted(stage2.channels, "map")}</b> of the image and keeps its size, ${size(stage2)}.`;
function ofDown(name, stage2, before) {
  const isOdd = before.height % 2 || before.width % 2;
  const rest = isOdd ? ` With an odd side, ${leftOver(before)} left over.` : "";
  return `${name} halves ${size(before)} to <b>${size(stage2)}</b> and doubles ${counted(before.channels, "map")} to <b>${written(stage2.channels)}</b>.${rest}`;
}
var ofUp = (name, stage2, before) => `${name} doubles ${size(before)} to <b>${size(stage2)}</b> and joins the skip of ${encoderAt(levelOf(name))}, which has the same size. It returns <b>${counted(stage2.channels, "map")}</b>.`;
var ofLast = (name, stage2, before) => `${name} makes one map of ${counted(before.channels, "map")}: <b>one number for every pixel</b>, ${size(stage2)}.`;
function ofSkip(level, state) {
  const [from, to] = [encoderAt(level), decoderAt(level)];
  const stage2 = stageOf(from, state);
  const { failed } = traceOf(state);
  if (!stage2) return `Skip ${level} has nothing to carry: ${failed} fails before.`;
  if (failed === to) return ofBreak(state);
  const carries = `Skip ${level} carries the <b>${counted(stage2.channels, "map")} of ${size(stage2)}</b> from ${from} to ${to}`;
  return stageOf(to, state) ? `${carries}, where maps of the same size come from below.` : `${carries}, which is never reached: ${failed} fails before it.`;
}
var percent = (part, all) => {
  const share = 100 * part / all;
  return `${share < 0.05 ? "less than 0.1" : share.toFixed(1)} %`;
};
var UNITS = { parameters: "parameters", memory: "for activations", multiplications: "multiplications" };
function ofAll(state) {
  const { parts, all } = amountsOf(state);
  const most = BLOCKS.reduce((best, name) => parts[name] > parts[best] ? name : best);
  const shown = (name) => formatAmount(state.measure, parts[name]);
  const largest = BLOCKS.filter((name) => shown(name) === shown(most));
  const where = largest.length > 1 ? `each of ${largest[0]} to ${largest.at(-1)}` : `${most} alone`;
  const words = TOTALS[state.measure](`<b>${formatAmount(state.measure, all)}</b>`, state);
  const anySize = traceOf(state).failed ? ` An image of ${size(state)} wouldn't pass, but parameters don't depend on it.` : "";
  return `${words}, <b>${percent(parts[most], all)}</b> of that in ${where}. Each square's area is its block's share.${anySize}`;
}
var TOTALS = {
  parameters: (total) => `The whole network has ${total} parameters`,
  memory: (total, state) => `One image of ${size(state)} fills ${total} with activations`,
  multiplications: (total, state) => `One image of ${size(state)} takes ${total} multiplications`
};
function ofCost(name, state) {
  const { height, width, base_channels: base } = state;
  const runs = !traceOf(state).failed;
  const words = MEASURES.filter((measure) => runs || measure === "parameters").map((measure) => {
    const side = measure === "parameters" ? [16, 16] : [height, width];
    const { parts, all } = measured(measure, ...side, base);
    const amount = `${formatAmount(measure, parts[name])} ${UNITS[measure]} (${percent(parts[name], all)})`;
    return measure === state.measure ? `<b>${amount}</b>` : amount;
  });
  return `${name} has ${words.join(", ").replace(/, ([^,]*)$/, " and $1")}${runs ? ", for one image" : ""}.`;
}

// ../frame/selection.js
var STEPS2 = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Home: [0, -100],
  End: [0, 100]
};
function placeOf(hit) {
  const [kind, place] = hit.split(":");
  const [row, column] = place.split(",").map(Number);
  return { kind, row, column };
}
function clampPlace(at, { rows, columns, first = 0 }) {
  const within = (place, count) => Math.max(first, Math.min(first + count - 1, place));
  return { ...at, row: within(at.row, rows), column: within(at.column, columns) };
}
function stepFrom(at, key, shape) {
  const [down, right] = STEPS2[key] ?? [0, 0];
  return clampPlace({ ...at, row: at.row + down, column: at.column + right }, shape);
}

// maps_state.js
var ALL_ON = 2 ** LEVELS - 1;
var startMaps = () => ({
  face: "maps",
  on: ALL_ON,
  open: "out_conv",
  skip: 0,
  // the one that keys have reached
  kept: { kind: "block", name: "out_conv" },
  looked: null
});
var isOn = (on, level) => Boolean(on >> level & 1);
var offLevels = (on) => [0, 1, 2, 3].filter((level) => !isOn(on, level));
var isTouched = (name, on) => (isUp(name) || name === "out_conv") && on >> levelOf(name) !== ALL_ON >> levelOf(name);
var openSide = ({ open }, { side }) => side >> levelOf(open);
function partOf2(hit) {
  const [kind, place] = hit.split(":");
  if (kind === "block") return { kind, name: place };
  if (kind === "skip") return { kind, level: Number(place) };
  return { ...placeOf(hit), kind: "map" };
}
var pointMaps = (state, hit) => ({ ...state, looked: hit && partOf2(hit) });
function pinMaps(state, hit) {
  const part = partOf2(hit);
  if (part.kind === "skip") return toggled(state, part.level);
  if (part.kind === "block") return opened(state, part.name);
  return { ...state, kept: part, looked: null };
}
var toggled = (state, level) => ({
  ...state,
  on: state.on ^ 1 << level,
  skip: level,
  kept: { kind: "skip", level },
  looked: null
});
var opened = (state, name) => ({ ...state, open: name, kept: { kind: "block", name }, looked: null });
function moveMaps(state, kind, key, data) {
  if (kind === "skips") return skipMoved(state, key);
  if (kind === "open") return markMoved(state, key, data);
  return opened(state, key === "focus" || key === "Enter" ? state.open : walkFrom(state.open, key));
}
var DOWN = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -LEVELS, End: LEVELS };
function skipMoved(state, key) {
  if (key === "Enter") return toggled(state, state.skip);
  const level = Math.max(0, Math.min(LEVELS - 1, state.skip + (DOWN[key] ?? 0)));
  return { ...state, skip: level, kept: { kind: "skip", level }, looked: null };
}
function markMoved(state, key, data) {
  const side = openSide(state, data);
  const middle = { kind: "map", row: side >> 1, column: side >> 1 };
  const from = state.kept.kind === "map" ? state.kept : middle;
  return { ...state, kept: stepFrom(from, key, { rows: side, columns: side }), looked: null };
}

// panel.js
var COLUMNS = 4;
function panel(state, data, { panel: place }) {
  const isMask = state.open === "out_conv";
  const [label, room, parts] = isMask ? maskPanel(state, data, place) : mapsPanel(state, data, place);
  return stop("open", `${label}: arrow keys move the mark`, room, parts);
}
var listed = (items) => items.join(", ").replace(/, ([^,]*)$/, " and $1");
function nameOfCut(on) {
  const off = offLevels(on);
  if (!off.length) return "with all skips";
  if (off.length === LEVELS) return "without any skip";
  return `without ${off.length > 1 ? "skips" : "skip"} ${listed(off)}`;
}
var isMarked = ({ at }) => at.kind === "map";
function maskPanel(state, data, { x, y, side, words }) {
  const place = { x, y, side };
  const parts = [
    text(x, y - 10, `mask ${nameOfCut(state.on).replace("skips ", "").replace(" and", ",")}`, { class: "heading" }),
    maskTiles(state, data, place),
    outline(data, place),
    pointable("mask", data.side, place),
    group({}, words ? rightOfMask(state, data, words) : belowMask(state, data, place)),
    isMarked(state) && mark(state, data, data.side, place)
  ];
  return ["The mask", { x, y, width: side }, parts];
}
var hasTruth = ({ truth, changes }) => truth !== false && changes[ALL_ON].dice !== void 0;
function outline(data, { x, y, side }) {
  const scale = `translate(${x} ${y}) scale(${side / data.side})`;
  const d = hasTruth(data) ? data.outline : "";
  return group({ transform: scale, class: "expert" }, tag("path", { d }), tag("path", { class: "dashes", d }));
}
function scoreWords(on, data) {
  if (!hasTruth(data)) return "";
  const [before, now] = [ALL_ON, on].map((each) => data.changes[each].dice.toFixed(2));
  return on === ALL_ON ? `Dice ${now}` : `Dice ${before} → ${now}`;
}
function belowMask({ on }, data, { x, y, side }) {
  const bottom = y + side + 20;
  const line = hasTruth(data) ? "The dashed line is the expert's outline." : "What is brighter is foreground.";
  const room = { y: bottom - 12, turn: x + side * 0.5, long: side * 0.2 };
  return [
    text(x + side, y - 10, scoreWords(on, data), { class: "end" }),
    on === ALL_ON ? text(x, bottom, line, { class: "quiet" }) : changeBars(data.changes[on], data, room)
  ];
}
function rightOfMask({ on }, data, { x, y }) {
  const line = hasTruth(data) ? ["dashed line:", "expert's outline"] : ["brighter:", "foreground"];
  const { gained, lost } = data.changes[on];
  const words = on === ALL_ON ? line : [`${written(gained)} gained`, `${written(lost)} lost`];
  const colours = ["gained", "lost"].map((name, i) => box(x, y + 32 + 22 * i, 10, 10, { class: name }));
  return [
    text(x, y + 18, scoreWords(on, data)),
    words.map((each, i) => text(x + (on === ALL_ON ? 0 : 16), y + 42 + 22 * i, each)),
    on !== ALL_ON && colours
  ];
}
function changeBars({ gained, lost }, { changes }, { y, turn, long }) {
  const most = Math.max(1, changes[ALL_ON].pixels);
  const lengthOf = (count) => long * Math.min(count, most) / most;
  return group(
    {},
    box(turn - lengthOf(lost), y, lengthOf(lost), 16, { class: "lost" }),
    box(turn, y, lengthOf(gained), 16, { class: "gained" }),
    text(turn - lengthOf(lost) - 6, y + 13, `${written(lost)} lost`, { class: "end" }),
    text(turn + lengthOf(gained) + 6, y + 13, `${written(gained)} gained`),
    tag("path", { class: "flow", d: `M${turn} ${y - 4}V${y + 20}` })
  );
}
function mapsPanel(state, data, place) {
  const level = levelOf(state.open);
  const find = (wanted) => data.blocks.find(({ name }) => name === wanted);
  const rows = [encoderAt(level), level < LEVELS && decoderAt(level)].filter(Boolean).map(find);
  const room = { ...place, width: COLUMNS * place.map + 12, height: rows.length * place.high - 26 };
  const parts = rows.map((block2, way) => mapsOf(block2, way, state, data, place));
  return [`Maps of level ${level}`, room, parts];
}
function mapsOf(block2, way, state, data, place) {
  const count = Math.min(block2.shown, COLUMNS * place.rows);
  const places = range(count).map((i) => placeOfMap(i, way, place));
  return group(
    {},
    mapsTitle(block2, way, count, place.x, place.y + way * place.high - 9),
    places.map((at, i) => [mapTile(block2, i, state, data, at), pointable(`map${way}${i}`, block2.side, at)]),
    isMarked(state) && places.map((at) => mark(state, data, block2.side, at))
    // last: not always there
  );
}
var placeOfMap = (i, way, { x, y, map, high }) => ({
  x: x + i % COLUMNS * (map + 4),
  y: y + way * high + Math.floor(i / COLUMNS) * (map + 4),
  side: map
});
var pointable = (kind, pixels, { x, y, side }) => box(x, y, side, side, { class: "over", "data-pixels": `${kind}:${pixels}` });
function mapsTitle({ name, channels }, way, count, x, y) {
  const where = name === "down4" ? "at the bottom" : way ? "on the way up" : "on the way down";
  const which = channels > count ? `${count} of its ${channels} maps` : `its ${channels} maps`;
  const heading = tag("tspan", { class: "heading" }, where);
  return tag("text", { x, y }, heading, tag("tspan", { class: "quiet" }, `  ${name}, ${which}`));
}

// places.js
var WIDE3 = {
  width: 844,
  height: 384,
  middle: 236,
  top: 26,
  gap: 13,
  sides: [80, 68, 58, 50, 46],
  lefts: [78, 102, 122, 142],
  image: { x: 2, y: 34, side: 64 },
  mask: { x: 406, y: 34, side: 64 },
  shapes: true,
  panel: { x: 516, y: 26, side: 290, map: 78, rows: 2, high: 188 }
};
var NARROW2 = {
  width: PHONE.width,
  height: PHONE.height,
  middle: 179,
  top: 22,
  gap: 7,
  sides: [52, 44, 37, 31, 28],
  lefts: [64, 76, 86, 96],
  image: { x: 2, y: 24, side: 46 },
  mask: { x: 310, y: 24, side: 46 },
  shapes: false,
  panel: { x: 2, y: 280, side: 220, map: 86, rows: 1, high: 114, words: { x: 234, y: 280 } }
};
var layoutFor = (wide) => wide ? WIDE3 : NARROW2;
function squareOf(name, layout) {
  if (name === "out_conv") return layout.mask;
  const level = levelOf(name);
  const side = layout.sides[level];
  const y = layout.sides.slice(0, level).reduce((sum2, above) => sum2 + above + layout.gap, layout.top);
  if (level === LEVELS) return { x: layout.middle - side / 2, y, side };
  const left = layout.lefts[level];
  return { x: isUp(name) ? 2 * layout.middle - left - side : left, y, side };
}
function skipOf(level, layout) {
  const { x, y, side } = squareOf(encoderAt(level), layout);
  const left = x + side;
  return { left, right: 2 * layout.middle - left, y: y + side / 2, middle: layout.middle };
}

// maps_picture.js
var LABEL = "A U-Net whose blocks are their own feature maps of a patch";
function mapsPicture(given, data, wide) {
  const layout = layoutFor(wide);
  const state = { ...given, at: given.looked ?? given.kept };
  const viewBox = `0 0 ${layout.width} ${layout.height}`;
  const named = { viewBox, role: "group", "aria-label": labelOf2(state) };
  return tag(
    "svg",
    named,
    flow2(data, layout),
    blocks(state, data, layout),
    skips(state, layout),
    panel(state, data, layout),
    marksInU(state, data, layout)
  );
}
function labelOf2({ on }) {
  const off = offLevels(on);
  const skips2 = off.length ? `without the skips of level ${off.join(", ")}` : "with all four skips";
  return `${LABEL}, ${skips2}; next to it, the mask`;
}
function blocks(state, data, layout) {
  const bottom = squareOf("down4", layout);
  const room = { x: 4, y: 6, width: 2 * layout.middle - 8, height: bottom.y + bottom.side - 2 };
  const [first, ...others] = data.blocks;
  const inOrder = [first, others.at(-1), ...others.slice(0, -1)];
  const squares = inOrder.map((block2) => blockSquare(block2, state, data, layout));
  const label = "The blocks of the U: arrow keys walk along it";
  return stop("blocks", label, room, imageSquare(data, layout), squares);
}
function flow2({ blocks: all }, layout) {
  const centre = ({ x, y, side }) => `${x + side / 2} ${y + side / 2}`;
  const stops = [layout.image, ...all.map(({ name }) => squareOf(name, layout))];
  return tag("path", { class: "flow", d: `M${stops.map(centre).join("L")}` });
}
function imageSquare({ maps, imageTop, side }, { image }) {
  return group(
    {},
    text(image.x + image.side / 2, image.y - 8, "image", { class: "name middle" }),
    tile(maps, { x: 0, y: imageTop, side }, image)
  );
}
function blockSquare(block2, state, data, layout) {
  const { name } = block2;
  const square = squareOf(name, layout);
  const { x, y, side } = square;
  const touched = isTouched(name, state.on) && "touched";
  const style = ["block", isOpen(name, state.open) && "open", touched, lightOf(name, state)];
  const shown = name === "out_conv" ? maskTiles(state, data, square) : mapTile(block2, 0, state, data, square);
  return group(
    { class: style.filter(Boolean).join(" ") },
    box(x - 2, y - 2, side + 4, side + 4, { class: "edge", rx: 3 }),
    shown,
    names(block2, square, layout),
    box(x - 2, y - 2, side + 4, side + 4, { class: "catch", "data-hit": `block:${name}` }),
    name === "out_conv" && score(state, data, square)
  );
}
function lightOf(name, { looked, on }) {
  if (looked?.kind !== "block") return "";
  if (looked.name === name) return "lit";
  const read = readBy(looked.name).includes(name);
  const isCut = levelOf(name) === levelOf(looked.name) && !isOn(on, levelOf(name)) && isUp(looked.name);
  return read && !isCut ? "read" : "";
}
function score({ on }, { changes, truth }, { x, y, side }) {
  if (truth === false || changes[on].dice === void 0) return "";
  return text(x + side / 2, y + side + 18, changes[on].dice.toFixed(2), {
    class: on === ALL_ON ? "name middle" : "changed middle"
  });
}
var isOpen = (name, open) => name === open || ![name, open].includes("out_conv") && levelOf(name) === levelOf(open);
function mapTile(block2, number, { on }, { maps }, place) {
  const variant = isUp(block2.name) ? on >> levelOf(block2.name) : 0;
  return tile(maps, { x: number * block2.side, y: block2.tops[variant], side: block2.side }, place);
}
var maskTiles = ({ on }, { maps, change: change2, imageTop, side }, place) => [
  tile(maps, { x: 0, y: imageTop, side }, place),
  tile(change2, { x: on * side, y: 0, side }, place)
];
function names({ name, channels, side: pixels }, { x, y, side }, layout) {
  const shape = `(${channels}, ${pixels}, ${pixels})`;
  const level = levelOf(name);
  const middle = y + side / 2;
  if (name === "out_conv") return text(x + side / 2, y - 8, "mask", { class: "name middle" });
  if (level === LEVELS) {
    return text(x + side + 9, middle + 5, layout.shapes ? `${name} ${shape}` : name, { class: "name" });
  }
  if (level === 0) return text(x + side / 2, y - 9, name, { class: "name middle" });
  const [at, style] = isUp(name) ? [x + side + 9, "name"] : [x - 9, "name end"];
  const second = layout.shapes && text(at, middle + 12, shape, { class: `${style} shape` });
  return [text(at, middle + (layout.shapes ? -4 : 4), name, { class: style }), second];
}
function skips(state, layout) {
  const [first, last] = [skipOf(0, layout), skipOf(LEVELS - 1, layout)];
  const room = { x: layout.middle - 28, y: first.y - 16, width: 56, height: last.y - first.y + 32 };
  const label = "The four skip connections: arrow keys choose, Space cuts";
  return stop(
    "skips",
    label,
    room,
    range(LEVELS).map((level) => skip2(level, state, layout))
  );
}
function skip2(level, { on, at }, layout) {
  const { left, right, y, middle } = skipOf(level, layout);
  const kept = isOn(on, level);
  const lit = at.kind === "skip" && at.level === level;
  const named = {
    class: ["skip", !kept && "cut", lit && "lit"].filter(Boolean).join(" "),
    "data-hit": `skip:${level}`,
    role: "switch",
    "aria-checked": String(kept),
    "aria-label": `skip of level ${level}, from ${encoderAt(level)} to ${decoderAt(level)}`
  };
  const line = kept ? `M${left + 4} ${y}H${right - 6}m-6 -4l6 4l-6 4` : `M${left + 4} ${y}H${middle - 26}M${middle + 26} ${y}H${right - 6}`;
  return group(
    named,
    box(left + 2, y - 14, right - left - 4, 28, { class: "catch" }),
    tag("path", { class: "line", d: line }),
    box(middle - 22, y - 12, 44, 24, { class: "switch", rx: 12 }),
    tag("circle", { class: "knob", cx: middle + (kept ? 10 : -10), cy: y, r: 8 }),
    text(middle + (kept ? -9 : 9), y + 4.5, level, { class: "middle level" })
  );
}
function marksInU(state, data, layout) {
  if (state.at.kind !== "map") return "";
  const squares = [layout.image, ...data.blocks.map(({ name }) => squareOf(name, layout))];
  const sides = [data.side, ...data.blocks.map(({ side }) => side)];
  return squares.map((square, i) => mark(state, data, sides[i], square));
}
function mark(state, data, pixels, { x, y, side }) {
  const pointed = openSide(state, data);
  const { row, column } = state.at;
  const span = Math.max(1, pixels / pointed);
  const unit = side / pixels;
  const corner = (place) => Math.floor(place * pixels / pointed) * unit;
  const size2 = Math.max(span * unit, 5);
  const shift = (span * unit - size2) / 2;
  const [left, top] = [x + corner(column) + shift - 1, y + corner(row) + shift - 1];
  return box(left, top, size2 + 2, size2 + 2, { class: "mark" });
}

// ../frame/short.js
var capital = (words) => words[0].toUpperCase() + words.slice(1);

// maps_words.js
var NEARLY_ALL = 0.9;
function mapsSentence(state, data) {
  const at = state.looked ?? state.kept;
  if (at.kind === "skip") return ofSkip2(at.level, state, data);
  if (at.kind === "map") return ofPlace(state, data);
  return at.name === "out_conv" && !state.looked ? ofMask(state, data) : ofBlock2(at.name, data);
}
var blockOf = (wanted, { blocks: blocks2 }) => blocks2.find(({ name }) => name === wanted);
var counted2 = (count, name) => `${written(count)} ${count === 1 ? name : `${name}s`}`;
function ofBlock2(wanted, data) {
  const { channels, side, parameters } = blockOf(wanted, data);
  const share = Math.round(100 * parameters / data.parameters);
  const maps = `${counted2(channels, "map")} of ${side} × ${side}`;
  return `<code>${codeOf(wanted)}</code><br>makes <b>${maps}</b> with <b>${written(parameters)}</b> parameters, ${share ? `${share} %` : "less than 1 %"} of all.`;
}
function ofSkip2(level, state, data) {
  if (!isOn(state.on, level)) return ofMask(state, data);
  const { channels, side } = blockOf(encoderAt(level), data);
  const maps = `<b>${counted2(channels, "map")} of ${side} × ${side}</b>`;
  const others = state.on === ALL_ON ? "" : ` ${changed(state.on, data)}`;
  return `Skip ${level} carries the ${maps} of ${encoderAt(level)} to ${decoderAt(level)}. Cut it with a click or with Space, and ${decoderAt(level)} gets zeros instead.${others}`;
}
function ofPlace(state, data) {
  const level = levelOf(state.open);
  const side = openSide(state, data);
  if (level === 0) {
    return "One value at level 0 stands for one pixel of the image. Open a deeper block, and a value stands for more of them.";
  }
  const span = 2 ** level;
  return `One value at level ${level} stands for <b>${span} × ${span}</b> pixels of the image: the same place is marked in every map. Only ${side} × ${side} values are left here to say where things are.`;
}
function ofMask({ on }, data) {
  if (on !== ALL_ON) return `${changed(on, data)} ${meaning(on, data)}`;
  const { dice, pixels } = data.changes[on];
  const isScored = data.truth !== false && dice !== void 0;
  const score2 = isScored ? `reaches a Dice of <b>${dice.toFixed(2)}</b>` : `marks <b>${written(pixels)}</b> pixels`;
  return `With all its skips, the network ${score2} on this patch. Cut a skip at its switch: the weights stay as they are, but zeros arrive instead of its maps.`;
}
function changed(on, { changes }) {
  const { pixels } = changes[ALL_ON];
  const { gained, lost, near } = changes[on];
  const name = capital(nameOfCut(on));
  if (!gained && !lost) return `${name}, the mask is the same.`;
  if (lost > NEARLY_ALL * pixels) {
    return `${name}, <b>${written(lost)} of ${written(pixels)}</b> pixels of the mask are gone.`;
  }
  const share = Math.round(100 * near / (gained + lost));
  return `${name}, the mask gained <b>${written(gained)}</b> pixels and lost <b>${written(lost)}</b>, ${share} % of them within two pixels of its old outline.`;
}
function meaning(on, { changes }) {
  const { gained, lost } = changes[on];
  const it = nameOfCut(on).includes("skips") || nameOfCut(on).includes("any") ? "them" : "it";
  if (!gained && !lost) return `So these weights don't rely on ${it} here.`;
  return `That's how much these weights rely on ${it}, not how well a network trained without ${it} would do.`;
}

// index.js
var HINT = "Open a block. Cut a skip at its switch.";
var LABELS = { base_channels: "base channels" };
var hasMaps = ({ face }) => face === "maps";
function boxesControls(state) {
  const fields = Object.entries(FIELDS).map(
    ([name, most]) => numberField(name, LABELS[name] ?? name, state[name], { least: 1, most })
  );
  return [state.measure && segments("measure", "area", MEASURES, state.measure), fields, resetButton()];
}
var explorer = {
  name: "the_u",
  start: (data) => hasMaps(data) ? startMaps() : startBoxes(data),
  controls: (state) => hasMaps(state) ? [tag("span", { class: "label hint" }, HINT), resetButton()] : boxesControls(state),
  picture: (state, data, wide) => hasMaps(state) ? mapsPicture(state, data, wide) : boxesPicture(state, wide),
  sentence: (state, data) => hasMaps(state) ? mapsSentence(state, data) : boxesSentence(state),
  set: (state, name, value) => hasMaps(state) ? state : setBoxes(state, name, value),
  point: (state, hit) => (hasMaps(state) ? pointMaps : pointBoxes)(state, hit),
  pin: (state, hit) => (hasMaps(state) ? pinMaps : pinBoxes)(state, hit),
  move: (state, kind, key, data) => hasMaps(state) ? moveMaps(state, kind, key, data) : moveBoxes(state, kind, key)
};
var index_default = widget(explorer);
export {
  index_default as default,
  explorer,
  mount
};
