// Made by `make explorers` from modules with SHA-256 be2185a07af39bdb3c2426c87d8adf4a4ad0dc53196c359c4883d5e7a74ffc5c
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
var round = (number2) => Math.round(number2 * 100) / 100;
function written(number2) {
  const digits = String(Math.abs(number2)).replace(/\B(?=(\d{3})+$)/g, ",");
  return number2 < 0 ? `−${digits}` : digits;
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
  let last2 = null;
  const look = (hit) => {
    if (hit === last2) return;
    last2 = hit;
    store.become(explorer2.point(store.state, hit, store.data));
  };
  look.forget = () => last2 = null;
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
var greyOf = (grey) => `rgb(${[grey, grey, grey].map((part) => Math.round(255 * part)).join(" ")})`;
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
  const longest2 = Math.max(...lines.map((line) => String(line).length), 1);
  return Math.min(most, side * 0.46, (side - 4) / (0.62 * longest2));
}
function hatching(places, side) {
  const d = places.map(
    ({ x, y }) => [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3].map((part) => diagonal(x, y, side, part * side)).join("")
  );
  return places.length && tag("path", { class: "hatch", d: d.join("") });
}
function diagonal(x, y, side, sum) {
  const [low, high] = [Math.max(0, sum - side), Math.min(side, sum)];
  return `M${round(x + low)} ${round(y + high)}L${round(x + high)} ${round(y + low)}`;
}
function frameAround({ rows, columns }, shape, { x, y, side }) {
  if (!rows.length || !columns.length) return "";
  const first = shape.first ?? 0;
  const [top, left] = [y + (rows[0] - first) * side, x + (columns[0] - first) * side];
  const [height, width] = [rows, columns].map((all) => (all.at(-1) - all[0] + 1) * side);
  return box(left, top, width, height, { class: "frame" });
}
function formula({ size, kernel, stride, padding, changed }, out, named = {}) {
  const number2 = (name, value) => tag("tspan", { class: changed === name && "changed" }, String(value));
  return tag(
    "text",
    named,
    "(",
    number2("size", size),
    " + 2·",
    number2("padding", padding),
    " − ",
    number2("kernel", kernel),
    ") // ",
    number2("stride", stride),
    ` + 1 = ${out}`
  );
}

// ../frame/phone.js
var PHONE = { width: 358, height: 504 };
var SMALLEST = 24;

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
var isShort = (number2) => Math.abs(number2 - shortened(number2)) < 1e-9;
function weightWords(weight) {
  return isFraction(weight) ? `1/${Math.round(1 / weight)}` : short(weight);
}
var isFraction = (weight) => !isShort(weight) && weight > 0.01 && Math.abs(1 / weight - Math.round(1 / weight)) < 1e-9;
var COUNTED = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
var counted = (number2) => COUNTED[number2] ?? written(number2);
var capital = (words) => words[0].toUpperCase() + words.slice(1);
function lastOnes(rows, columns) {
  if (rows === columns) return `${last(rows, "row")} and ${rows === 1 ? "column" : "columns"}`;
  return [rows && last(rows, "row"), columns && last(columns, "column")].filter(Boolean).join(" and ");
}
var last = (count, name) => count === 1 ? `the last ${name}` : `the last ${count} ${name}s`;
var sizeOf = (map) => `${map.length} × ${map[0].length}`;

// ../frame/sizes.js
function convSide(size, kernel, stride = 1, padding = 0, dilation = 1) {
  checkLayer(size, kernel, stride, padding, dilation);
  const reach = dilation * (kernel - 1) + 1;
  if (reach > size + 2 * padding) {
    throw new RangeError(
      `kernel_size=${kernel} with dilation=${dilation} spans ${reach} pixels, but size=${size} with padding=${padding} has only ${size + 2 * padding}: there is no output. Use a smaller kernel or more padding.`
    );
  }
  return Math.floor((size + 2 * padding - reach) / stride) + 1;
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

// ../frame/windows.js
function convolve(map, layer) {
  const { rows, columns } = outputShape(map, layer);
  const sumAt = (row, column) => termsOf(map, layer, row, column).reduce((sum, { product: product2 }) => sum + product2, 0);
  return range(rows).map((row) => range(columns).map((column) => sumAt(row, column)));
}
function outputShape(map, { weights, stride, padding }) {
  const side = (size) => convSide(size, weights.length, stride, padding);
  return { rows: side(map.length), columns: side(map[0].length) };
}
function termsOf(map, { weights, stride, padding }, row, column) {
  return weights.flatMap(
    (line, u) => line.map((weight, v) => {
      const [r, c] = [row * stride + u - padding, column * stride + v - padding];
      const pixel = map[r]?.[c];
      const value = pixel ?? 0;
      return { row: r, column: c, value, weight, product: value * weight, outside: pixel === void 0 };
    })
  );
}
function readAlong(places, { weights, stride, padding }) {
  const read = places.flatMap((place) => weights.map((_, u) => place * stride + u - padding));
  return [...new Set(read)].sort((a, b) => a - b);
}
function readersAlong(places, count, { weights, stride, padding }) {
  const offset = (place, reader) => place + padding - reader * stride;
  const reads = (reader) => places.some((place) => offset(place, reader) >= 0 && offset(place, reader) < weights.length);
  return range(count).filter(reads);
}
function unreadOf(map, layer) {
  const shape = outputShape(map, layer);
  const unread = (size, count) => {
    const read = new Set(readAlong(range(count), layer));
    return range(size).filter((place) => !read.has(place));
  };
  return { rows: unread(map.length, shape.rows), columns: unread(map[0].length, shape.columns) };
}

// kernels.js
var square = (side, weight) => range(side).map((u) => range(side).map((v) => weight(u, v)));
var middleOf = (side) => Math.floor((side - 1) / 2);
var PRESETS = {
  edge: (side) => square(side, (_, v) => (v === side - 1) - (v === 0)),
  blur: (side) => square(side, () => 1 / side ** 2),
  sharpen: (side) => square(side, (u, v) => {
    const away = Math.abs(u - middleOf(side)) + Math.abs(v - middleOf(side));
    return [5, -1][away] ?? 0;
  }),
  copy: (side) => square(side, (u, v) => Number(u === middleOf(side) && v === middleOf(side)))
};
var ones = (side) => square(side, () => 1);
function whyNoPreset(preset, side) {
  if (preset === "edge" && side < 2) return "An edge lies between two pixels, and this kernel sees one.";
  if (preset === "sharpen" && side < 3) {
    return "Sharpening compares a pixel with its four neighbours: it needs a kernel of at least 3 × 3.";
  }
  return "";
}

// state.js
var IMAGE = range(10).map(
  (r) => range(10).map((c) => {
    if (r >= 1 && r <= 4 && c >= 2 && c <= 4) return 9;
    return r >= 6 && c >= 6 ? 5 : 0;
  })
);
var TWO = IMAGE.slice(0, 9).map((row) => row.slice(0, 9).map((value) => Number(value > 0)));
var OPTIONS = {
  1: { size: range(7, 4), kernel: range(5, 1), stride: range(3, 1), padding: range(3) },
  2: { size: range(5, 5), padding: range(2) }
  // two kernels: more would be too small to hit
};
var MOST = 99;
function start({ image: own, kernels = 1 } = {}) {
  const image = own ?? (kernels === 2 ? TWO : IMAGE);
  const size = own ? Math.max(image.length, image[0].length) : 7;
  const layer = { kernel: 3, stride: 1, padding: 0 };
  const state = { image, kernels, size, ...layer, preset: "edge", own: {}, looked: null, changed: null };
  return { ...state, pinned: kernels === 2 ? middleOf2(state) : strongest(state) };
}
function middleOf2(state, kind = "output") {
  const map = mapsOf(state)[kindsOf(state).indexOf(kind)];
  const [row, column] = [map.length, map[0].length].map((count) => Math.floor((count - 1) / 2));
  return { kind, row, column };
}
function strongest(state) {
  const output = mapsOf(state).at(-1);
  const most = Math.max(...output.flat().map(Math.abs));
  const row = output.findIndex((line) => line.some((value) => Math.abs(value) === most));
  const column = output[row].findIndex((value) => Math.abs(value) === most);
  return { kind: "output", row, column };
}
var kindsOf = ({ kernels }) => kernels === 2 ? ["image", "middle", "output"] : ["image", "output"];
var presetOf = ({ preset, own, kernel }) => (preset === "yours" ? !own[kernel] : whyNoPreset(preset, kernel)) ? "copy" : preset;
function weightsOf(state) {
  if (state.kernels === 2) return ones(state.kernel);
  const preset = presetOf(state);
  return preset === "yours" ? state.own[state.kernel] : PRESETS[preset](state.kernel);
}
var MAKES = ["size", "kernel", "stride", "padding", "kernels", "preset", "own"];
var known = /* @__PURE__ */ new WeakMap();
function mapsOf(state) {
  const last2 = known.get(state.image);
  if (last2 && MAKES.every((name) => last2.state[name] === state[name])) return last2.maps;
  const maps = makeMaps(state);
  known.set(state.image, { state, maps });
  return maps;
}
function makeMaps(state) {
  const image = state.image.slice(0, state.size).map((row) => row.slice(0, state.size));
  const maps = [image];
  for (const layer of layersOf(state)) maps.push(convolve(maps.at(-1), layer));
  return maps;
}
function layersOf(state) {
  const { kernels, stride, padding } = state;
  return range(kernels).map(() => ({ weights: weightsOf(state), stride, padding }));
}
function traceOf(state, at) {
  const [maps, layers] = [mapsOf(state), layersOf(state)];
  if (at.kind === "kernel") return traceOfWeight(at, maps[1], layers[0]);
  const trace = [];
  const here = kindsOf(state).indexOf(at.kind);
  trace[here] = { rows: [at.row], columns: [at.column] };
  for (let i = here; i > 0; i -= 1) {
    const made = inside(trace[i], maps[i]);
    trace[i - 1] = bothSides((side) => readAlong(made[side], layers[i - 1]));
  }
  for (let i = here; i < layers.length; i += 1) {
    const shape = outputShape(maps[i], layers[i]);
    trace[i + 1] = bothSides((side) => readersAlong(trace[i][side], shape[side], layers[i]));
  }
  return trace;
}
function traceOfWeight({ row, column }, output, { stride, padding }) {
  const all = { rows: range(output.length), columns: range(output[0].length) };
  const under = (places, weight) => places.map((place) => place * stride + weight - padding);
  return [{ rows: under(all.rows, row), columns: under(all.columns, column) }, all];
}
function inside({ rows, columns }, map) {
  const within = (places, count) => places.filter((place) => place >= 0 && place < count);
  return { rows: within(rows, map.length), columns: within(columns, map[0].length) };
}
var bothSides = (make) => ({ rows: make("rows"), columns: make("columns") });
function optionsOf(state, name) {
  const longest2 = Math.max(state.image.length, state.image[0].length);
  const values = OPTIONS[state.kernels][name] ?? [];
  const there = name === "size" ? values.filter((size) => size < longest2).concat(longest2) : values;
  return there.map((value) => ({ value, why: whyNot({ ...state, [name]: value }) }));
}
function whyNot({ image, size, kernel, stride, padding, kernels }) {
  let side = Math.min(size, image.length, image[0].length);
  for (let i = 0; i < kernels; i += 1) {
    const why = refusal(convSide, side, kernel, stride, padding);
    if (why) return why.replace(" with dilation=1", "");
    side = convSide(side, kernel, stride, padding);
  }
  return "";
}
function presetOptions({ kernel, own }) {
  const options = Object.keys(PRESETS).map((value) => ({ value, why: whyNoPreset(value, kernel) }));
  return own[kernel] ? [...options, { value: "yours" }] : options;
}
function set(state, name, value) {
  const next = { ...state, [name]: value, changed: name, looked: null };
  return { ...next, pinned: pinnedAfter(state, next) };
}
function pinnedAfter({ pinned, ...before }, next) {
  if (pinned.kind === "kernel" && next.changed === "preset") return strongest(next);
  if (next.kernels === 2 && isSame(pinned, middleOf2(before, pinned.kind))) return middleOf2(next, pinned.kind);
  return clampPlace(pinned, shapeOf(pinned.kind, next));
}
var isSame = (one, other) => one.kind === other?.kind && one.row === other.row && one.column === other.column;
function shapeOf(kind, state) {
  if (kind === "kernel") return { rows: state.kernel, columns: state.kernel, first: 0 };
  const map = mapsOf(state)[kindsOf(state).indexOf(kind)];
  const first = kind === "output" ? 0 : -state.padding;
  return { rows: map.length - 2 * first, columns: map[0].length - 2 * first, first };
}
function point(state, hit) {
  const at = hit && !isStep(hit) ? placeOf(hit) : null;
  return { ...state, looked: at?.kind === "kernel" && isSame(at, state.pinned) ? null : at };
}
function pin(state, hit) {
  if (isStep(hit)) return weighted(state, state.pinned, hit[5]);
  return { ...state, pinned: placeOf(hit), looked: null, changed: null };
}
function move(state, kind, key) {
  if (key === "focus") return state;
  const at = state.pinned.kind === kind ? state.pinned : { kind, row: 0, column: 0 };
  const pinned = stepFrom(at, key, shapeOf(kind, state));
  const next = { ...state, looked: null, changed: null, pinned };
  return kind === "kernel" ? weighted(next, pinned, key) : next;
}
function weighted(state, at, key) {
  const weights = weightsOf(state);
  const changed = changeWeight(weights, at, key, MOST);
  if (changed === weights) return state;
  return { ...state, looked: null, preset: "yours", own: { ...state.own, [state.kernel]: changed } };
}

// picture.js
var MOST2 = 48;
var HEADING = 28;
var KERNEL = 130;
var WIDE2 = { width: 844, room: 336, kernel: { x: 357, y: HEADING }, output: { x: 506, y: HEADING } };
var GAP = 14;
var BUTTONS = { width: 84, height: 46 };
function convolutionPicture(state, wide) {
  const layout = (wide ? wideLayout : narrowLayout)(state);
  const drawn2 = { state, at: selected(state), trace: traceOf(state, selected(state)), layout };
  const named = {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    role: "group",
    "aria-label": nameOf(state)
  };
  return tag("svg", named, imageGrid(drawn2), kernelGrid(drawn2), outputGrid(drawn2));
}
function nameOf(state) {
  const [image, output] = mapsOf(state).map(sizeOf);
  return `A convolution: an image of ${image} numbers, a kernel of ${state.kernel} × ${state.kernel} weights, and the output of ${output}. The window of one output is marked in the image, with its products`;
}
var longest = ({ rows, columns }) => Math.max(rows, columns);
function wideLayout(state) {
  const { width, room, kernel, output } = WIDE2;
  const side = Math.min(MOST2, room / longest(shapeOf("image", state)));
  return {
    width,
    height: HEADING + room + 2,
    image: { x: 2, y: HEADING, side },
    kernel: { ...kernel, side: Math.min(MOST2, KERNEL / state.kernel) },
    output: { ...output, side },
    formula: { x: output.x + 126, y: 16 }
  };
}
function narrowLayout(state) {
  const [image, output] = ["image", "output"].map((kind) => shapeOf(kind, state));
  const sides = narrowSides(image, output, state.kernel);
  const bottom = HEADING + image.rows * sides.image;
  const kernel = { x: 2, y: bottom + 2 * HEADING, side: sides.kernel };
  const below = kernel.y + state.kernel * kernel.side + BUTTONS.height;
  const place = sides.isNextTo ? { x: sides.right, y: kernel.y } : { x: 2, y: below + HEADING };
  return {
    width: PHONE.width,
    height: Math.max(below, place.y + output.rows * sides.output) + 4,
    image: { x: 2, y: HEADING, side: sides.image },
    kernel,
    output: { ...place, side: sides.output },
    formula: { x: 2, y: bottom + 22 }
  };
}
function narrowSides(image, output, kernel) {
  const [across, down] = [PHONE.width - 4, PHONE.height - 3 * HEADING - 4];
  const most = Math.min(MOST2, KERNEL / kernel, (across - GAP - SMALLEST * output.columns) / kernel);
  const weight = Math.max(SMALLEST, most);
  const right = 2 + Math.max(BUTTONS.width, kernel * weight) + GAP;
  const nextTo = (PHONE.width - 2 - right) / output.columns;
  const isNextTo = nextTo >= SMALLEST;
  const high = [down / (image.rows + output.rows), (down - kernel * weight - BUTTONS.height) / image.rows];
  const pixel = Math.max(SMALLEST, Math.min(MOST2, across / image.columns, ...high));
  const sum = Math.min(pixel, isNextTo ? nextTo : across / output.columns);
  return { image: pixel, kernel: weight, output: sum, isNextTo, right };
}
function imageGrid({ state, at, trace, layout }) {
  const [map, layer] = [mapsOf(state)[0], layersOf(state)[0]];
  const shape = shapeOf("image", state);
  const unread = unreadOf(map, layer);
  const most = largest(map);
  const lit = isIn(trace[0]);
  const cell = (row, column) => {
    const value = map[row]?.[column];
    const weight = lit(row, column) && weightOn(state, at, row, column);
    return {
      words: weight ? [short(value ?? 0), `·${weight}`] : short(value ?? 0),
      shade: Math.abs(value ?? 0) / most,
      lit: lit(row, column),
      outside: value === void 0,
      unread: value !== void 0 && (unread.rows.includes(row) || unread.columns.includes(column))
    };
  };
  const title = `image ${sizeOf(map)}${state.padding ? ", padded" : ""}`;
  const isWhole = at.kind !== "kernel" || state.stride === 1;
  return group(
    {},
    numberGrid("image", { title }, shape, layout.image, cell),
    isWhole && frameAround(trace[0], shape, layout.image)
  );
}
var largest = (map) => Math.max(...map.flat().map(Math.abs)) || 1;
var isIn = ({ rows, columns }) => (row, column) => rows.includes(row) && columns.includes(column);
function weightOn(state, at, row, column) {
  if (at.kind === "image") return "";
  const { weights, stride, padding } = layersOf(state)[0];
  if (at.kind === "kernel") return weightWords(weights[at.row][at.column]);
  return weightWords(weights[row + padding - at.row * stride][column + padding - at.column * stride]);
}
function kernelGrid({ state, at, trace, layout }) {
  const weights = weightsOf(state);
  const { stride, padding } = state;
  const isUsed = (row, column) => {
    if (at.kind === "output") return true;
    if (at.kind === "kernel") return at.row === row && at.column === column;
    const [down, right] = [at.row + padding - row, at.column + padding - column];
    return down % stride === 0 && right % stride === 0 && isIn(trace[1])(down / stride, right / stride);
  };
  const cell = (row, column) => ({
    words: weightWords(weights[row][column]),
    lit: isUsed(row, column)
  });
  const title = `kernel ${state.kernel} × ${state.kernel}`;
  const shape = shapeOf("kernel", state);
  return group({}, numberGrid("kernel", { title }, shape, layout.kernel, cell), weightSteps(state, layout));
}
function weightSteps({ kernel, pinned }, { width, kernel: { x, y, side } }) {
  const top = y + kernel * side + 10;
  const how = width === PHONE.width ? "tap to change" : "click to change";
  if (pinned.kind !== "kernel") return text(x, top + 14, how, { class: "quiet" });
  return ["-", "+"].map(
    (key, i) => group(
      { class: "step", role: "button", "aria-label": `weight ${key} 1`, "data-hit": `step:${key}` },
      box(x + i * 40, top, 32, 32, { rx: 6 }),
      text(x + 16 + i * 40, top + 21, key === "-" ? "−" : "+", { class: "middle" })
    )
  );
}
function outputGrid({ state, at, trace, layout }) {
  const output = mapsOf(state)[1];
  const shape = shapeOf("output", state);
  const most = largest(output);
  const isLit = isIn(trace[1]);
  const showsSums = at.kind === "kernel" && !state.looked;
  const lit = (row, column) => !showsSums && isLit(row, column);
  const cell = (row, column) => ({
    words: lit(row, column) ? wordsOfLit(state, at, row, column) : short(output[row][column]),
    shade: Math.abs(output[row][column]) / most,
    lit: lit(row, column),
    strong: at.kind === "output" && lit(row, column)
  });
  const title = `output ${sizeOf(output)}`;
  return group(
    {},
    numberGrid("output", { title }, shape, layout.output, cell),
    sizeFormula(state, layout.formula),
    at.kind === "output" && frameAround(trace[1], shape, layout.output)
  );
}
function wordsOfLit(state, at, row, column) {
  const [map, output] = mapsOf(state);
  if (at.kind === "output") return short(output[row][column]);
  const layer = layersOf(state)[0];
  const term = termsOf(map, layer, row, column).find(
    (one, i) => at.kind === "image" ? one.row === at.row && one.column === at.column : i === at.row * layer.weights.length + at.column
  );
  return [short(term.value), `·${weightWords(term.weight)}`];
}
function sizeFormula(state, named) {
  const [map, output] = mapsOf(state);
  const isSquare = map.length === map[0].length;
  return formula({ ...state, size: map.length }, output.length + (isSquare ? "" : " rows"), named);
}

// two.js
var TITLES = { image: "image", middle: "first output", output: "second output" };
var SHORT_TITLES = { ...TITLES, middle: "first", output: "second" };
var MADE_OF = { middle: "sums of 3 × 3 pixels", output: "sums of those" };
var GAP2 = 20;
var NOTE = 22;
var HEADING2 = 28;
var MOST3 = 44;
var TITLE = { wide: 170, narrow: 90 };
function twoPicture(state, wide) {
  const width = wide ? 844 : PHONE.width;
  const places = placesOf2(state, wide, width);
  const trace = traceOf(state, selected(state));
  const height = Math.max(...Object.values(places).map(({ bottom }) => bottom)) + NOTE + 4;
  const [image, middle, output] = mapsOf(state).map(sizeOf);
  const name = `Two convolutions with 3 × 3 kernels in a row: an image of ${image} pixels, ${middle} sums, and ${output} sums of those. What one output reads is marked in each`;
  return tag(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": name },
    kindsOf(state).map((kind, i) => mapGrid(state, { kind, i, wide, place: places[kind], lit: trace[i] }))
  );
}
function placesOf2(state, wide, width) {
  const side = Math.min(MOST3, (wide ? wideSide : narrowSide)(state, width));
  const needed = wide ? TITLE.wide : TITLE.narrow;
  let [x, y, bottom] = [2, HEADING2, 0];
  const entries = kindsOf(state).map((kind) => {
    const { rows, columns } = shapeOf(kind, state);
    const across = Math.max(columns * side, needed);
    if (x + across > width) [x, y] = [2, bottom + HEADING2 + NOTE + 8];
    const place = { x, y, side, bottom: y + rows * side };
    bottom = Math.max(bottom, place.bottom);
    x += across + GAP2;
    return [kind, place];
  });
  return Object.fromEntries(entries);
}
function wideSide(state, width) {
  const columns = kindsOf(state).map((kind) => shapeOf(kind, state).columns);
  return (width - 4 - 2 * GAP2) / columns.reduce((sum, count) => sum + count);
}
function narrowSide(state, width) {
  const [image, middle, output] = kindsOf(state).map((kind) => shapeOf(kind, state));
  const nextTo = (width - 4 - GAP2) / (middle.columns + output.columns);
  const high = (PHONE.height - 2 * (HEADING2 + NOTE) - 12) / (image.rows + middle.rows);
  return Math.max(SMALLEST, Math.min(high, nextTo, (width - 4) / image.columns));
}
function mapGrid(state, { kind, i, wide, place, lit }) {
  const map = mapsOf(state)[i];
  const shape = shapeOf(kind, state);
  const most = Math.max(...map.flat().map(Math.abs)) || 1;
  const cell = (row, column) => {
    const value = map[row]?.[column];
    return {
      words: short(value ?? 0),
      shade: Math.abs(value ?? 0) / most,
      lit: lit.rows.includes(row) && lit.columns.includes(column),
      outside: value === void 0
    };
  };
  const padded = kind !== "output" && state.padding ? ", padded" : "";
  const title = `${(wide ? TITLES : SHORT_TITLES)[kind]} ${sizeOf(map)}${padded}`;
  return group(
    {},
    numberGrid(kind, { title }, shape, place, cell),
    frameAround(lit, shape, place),
    MADE_OF[kind] && text(place.x, place.bottom + NOTE - 4, MADE_OF[kind], { class: "quiet" })
  );
}
function twoSentence(state) {
  const at = selected(state);
  return { image: ofPixel, middle: ofSum, output: ofOutput }[at.kind](state, at);
}
var times = ({ rows, columns }) => `${rows.length} × ${columns.length}`;
var product = ({ rows, columns }) => rows.length * columns.length;
function ofOutput(state, at) {
  const [maps, trace] = [mapsOf(state), traceOf(state, at)];
  const [image, middle] = [0, 1].map((i) => inside(trace[i], maps[i]));
  const field = layersOf(state).reduce((side, { weights }) => side + weights.length - 1, 1);
  const rest = product(image) < field ** 2 ? ` The rest of its ${field} × ${field} is padding.` : "";
  return `This ${number(maps[2][at.row][at.column])} adds up ${times(middle)} sums, and they read <b>${times(image)}</b> pixels of the image.${rest}`;
}
var number = (value) => `${isShort(value) ? "" : "≈ "}<b>${short(value)}</b>`;
function ofSum(state, at) {
  const [maps, trace] = [mapsOf(state), traceOf(state, at)];
  const value = maps[1][at.row]?.[at.column];
  const count = product(trace[2]);
  const read = `${counted(count)} ${count === 1 ? "output reads" : "outputs read"} it`;
  if (value === void 0) return `This 0 is padding between the two convolutions; ${read}.`;
  const pixels = inside(trace[0], maps[0]);
  return `This ${number(value)} is the sum of <b>${times(pixels)}</b> pixels, and ${read}.`;
}
function ofPixel(state, at) {
  const [maps, trace] = [mapsOf(state), traceOf(state, at)];
  const value = maps[0][at.row]?.[at.column];
  const it = value === void 0 ? "This 0 is padding. It" : "This pixel";
  const [sums, outputs, all] = [product(trace[1]), product(trace[2]), maps[2].flat().length];
  return `${it} is part of <b>${counted(sums)}</b> ${sums === 1 ? "sum" : "sums"}, and so of ${someOf(outputs, all)}.`;
}
function someOf(count, all) {
  if (all === 1) return "the <b>one</b> second output";
  if (count === all) return `<b>all ${counted(all)}</b> second outputs`;
  return `<b>${counted(count)}</b> of the ${counted(all)} second outputs`;
}

// words.js
var MOST4 = 6;
var LAYER = { size: 1, kernel: 1, stride: 1, padding: 1 };
function sentence(state) {
  const at = selected(state);
  if (at.kind === "kernel") return ofWeight(state, at);
  const words = at.kind === "image" ? ofPixel2(state, at) : ofOutput2(state, at);
  if (state.looked) return words;
  const isNew = state.changed in LAYER;
  const edges = ofEdges(state, isNew);
  return (isNew ? `${edges} ${words}` : `${words} ${edges}`).trim();
}
function ofOutput2(state, { row, column }) {
  const terms = termsOf(mapsOf(state)[0], layersOf(state)[0], row, column);
  if (terms.every(({ outside }) => outside)) return ofPadding(terms);
  const words = { edge: ofEdge, blur: ofBlur, copy: ofCopy }[presetOf(state)] ?? ofSum2;
  return `${words(terms)}${ofZeros(terms)}`;
}
function ofZeros(terms) {
  const zeros = terms.filter(({ outside }) => outside).length;
  if (!zeros) return "";
  const of = `of the ${counted(terms.length)} pixels in the window`;
  return ` ${capital(counted(zeros))} ${of} ${zeros === 1 ? "is" : "are"} padding.`;
}
function ofPadding({ length }) {
  const pixels = length === 1 ? "The one pixel" : `All ${counted(length)} pixels`;
  return `${pixels} in this window ${length === 1 ? "is" : "are"} padding, so the sum is <b>0</b>.`;
}
var totalOf = (terms) => terms.reduce((sum, { product: product2 }) => sum + product2, 0);
function totalWords(terms) {
  const total = totalOf(terms);
  return `${isShort(total) ? "" : "≈ "}<b>${short(total)}</b>`;
}
function ofSum2(terms) {
  const sum = sumOf(terms);
  if (sum) return `${sum}.`;
  const all = capital(`${terms.length === 1 ? "the one product" : `all ${counted(terms.length)} products`}`);
  if (terms.every(({ product: product2 }) => product2 === 0)) {
    return `${all} ${terms.length === 1 ? "is" : "are"} 0, and so is the sum.`;
  }
  return `${all} add up to ${totalWords(terms)}.`;
}
function sumOf(terms) {
  const counting = terms.filter(({ product: product2 }) => product2 !== 0);
  if (!counting.length || counting.length > MOST4) return "";
  const written2 = counting.map(({ value, weight }) => `${short(value)}·${weightWords(weight)}`);
  return `${written2.join(" + ")} ${isExact(counting) ? "=" : "≈"} <b>${short(totalOf(counting))}</b>`;
}
var isExact = (terms) => isShort(totalOf(terms)) && terms.every(({ value, weight }) => isShort(value) && (isShort(weight) || isFraction(weight)));
function ofEdge(terms) {
  const total = totalOf(terms);
  const valuesAt = (weight) => terms.filter((term) => term.weight === weight).map(({ value }) => value);
  const [left, right] = [valuesAt(-1), valuesAt(1)];
  const sum = sumOf(terms) || `together ${totalWords(terms)}`;
  if (isEven(left) && isEven(right) && left[0] !== right[0]) {
    return `The kernel finds a jump from ${short(left[0])} to ${short(right[0])} here: ${sum}.`;
  }
  if (total === 0) return "Left and right are equally bright here, so the sum is <b>0</b>.";
  return `It gets ${total > 0 ? "brighter" : "darker"} from left to right here: ${sum}.`;
}
var isEven = (values) => values.every((value) => value === values[0]);
function ofBlur(terms) {
  if (terms.length === 1) return ofCopy(terms);
  const sum = sumOf(terms) || totalWords(terms);
  return `The mean of the ${counted(terms.length)} pixels: ${sum}.`;
}
var ofCopy = (terms) => `The kernel copies ${terms.length === 1 ? "its one pixel" : "one pixel of its window"}: ${sumOf(terms) || "here it is <b>0</b>"}.`;
function ofPixel2(state, { row, column }) {
  const [, readers] = traceOf(state, { kind: "image", row, column });
  const count = readers.rows.length * readers.columns.length;
  const value = mapsOf(state)[0][row]?.[column];
  const read = count === 1 ? "window reads" : "windows read";
  if (value === void 0) return `This 0 is padding, not image; ${counted(count)} ${read} it.`;
  if (!count) return "No window reaches this pixel: it could hold anything.";
  if (count === 1)
    return `One window reads this pixel: the output shows what its <b>${short(value)}</b> adds there.`;
  return `${capital(counted(count))} ${read} this pixel, each with another weight on it: the output shows what its <b>${short(value)}</b> adds to each sum.`;
}
function ofWeight(state, { row, column }) {
  const weight = weightWords(layersOf(state)[0].weights[row][column]);
  const [, output] = mapsOf(state);
  const isOne = output.length * output[0].length === 1;
  const pixels = isOne ? "pixel" : "pixels";
  const which = isOne ? "" : `: ${copyOf(state, row, column)}`;
  const adds = `adds the marked ${pixels} <b>times ${weight}</b> to the output${which}.`;
  const how = state.looked ? "Click or tap it to change it." : "Change it with + and −.";
  return `This weight ${weight === "0" ? "is <b>0</b>: it adds nothing." : adds} ${how}`;
}
function copyOf({ stride, padding }, row, column) {
  if (stride === 1) return `a copy of the image, ${shiftOf(row - padding, column - padding)}`;
  const nth = stride === 2 ? "second" : "third";
  return `every ${nth} pixel of every ${nth} row, from the first marked one`;
}
function shiftOf(up, left) {
  const along = (count, [one, other]) => count !== 0 && `${Math.abs(count)} ${count > 0 ? one : other}`;
  const parts = [along(up, ["up", "down"]), along(left, ["left", "right"])].filter(Boolean);
  return parts.length ? `moved ${parts.join(" and ")}` : "not moved";
}
function ofEdges(state, isNew) {
  const [map, output] = mapsOf(state);
  const { rows, columns } = unreadOf(map, layersOf(state)[0]);
  const all = map.length * map[0].length;
  const unread = all - (map.length - rows.length) * (map[0].length - columns.length);
  const becomes = `${sizeOf(map)} becomes <b>${sizeOf(output)}</b>`;
  if (unread)
    return `${becomes}: ${ofUnread(state, rows, columns)} <b>${unread}</b> of ${all} pixels could hold anything.`;
  if (state.stride > 1) return `${becomes}, and every pixel is read.`;
  if (sizeOf(map) === sizeOf(output))
    return `With padding ${state.padding}, ${sizeOf(map)} stays ${sizeOf(map)}.`;
  return isNew ? `${becomes}.` : "";
}
function ofUnread({ stride, kernel }, rows, columns) {
  if (stride > kernel) return "the windows leave gaps, so";
  return `no window reaches ${lastOnes(rows.length, columns.length)}, so`;
}

// index.js
var SETTINGS = ["size", "kernel", "stride", "padding"];
function controls(state, { controls: asked = [...SETTINGS, "weights"] } = {}) {
  const settings = SETTINGS.filter((name) => asked.includes(name)).map(
    (name) => segments(name, name, optionsOf(state, name), state[name])
  );
  const presets = asked.includes("weights") && segments("preset", "weights", presetOptions(state), presetOf(state));
  return [settings, presets, resetButton()];
}
var explorer = {
  name: "convolution",
  start,
  controls,
  picture: (state, data, wide) => (state.kernels === 2 ? twoPicture : convolutionPicture)(state, wide),
  sentence: (state) => (state.kernels === 2 ? twoSentence : sentence)(state),
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
