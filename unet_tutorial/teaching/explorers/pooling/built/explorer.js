// Made by `make explorers` from modules with SHA-256 87621691d82b5b5cc3a165cce30252e69702053cdb2eec864e921d2ebed093e0
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
function clampPlace(at, { rows, columns, first = 0 }) {
  const within = (place, count) => Math.max(first, Math.min(first + count - 1, place));
  return { ...at, row: within(at.row, rows), column: within(at.column, columns) };
}
function stepFrom(at, key, shape) {
  const [down, right] = STEPS2[key] ?? [0, 0];
  return clampPlace({ ...at, row: at.row + down, column: at.column + right }, shape);
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
  const number = (name, value) => tag("tspan", { class: changed === name && "changed" }, String(value));
  return tag(
    "text",
    named,
    "(",
    number("size", size),
    " + 2·",
    number("padding", padding),
    " − ",
    number("kernel", kernel),
    ") // ",
    number("stride", stride),
    ` + 1 = ${out}`
  );
}

// ../frame/phone.js
var PHONE = { width: 358, height: 504 };

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
function poolSide(size, kernel, stride = kernel, padding = 0, dilation = 1) {
  checkLayer(size, kernel, stride, padding, dilation);
  if (padding > Math.floor(kernel / 2)) {
    throw new RangeError(
      `padding=${padding} is more than half of kernel_size=${kernel}: a window could contain only padding and have no maximum. Use a smaller padding.`
    );
  }
  return convSide(size, kernel, stride, padding, dilation);
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

// state.js
var FIRST_SIZE = 7;
var PADDINGS = [0, 1];
var WINDOW = [
  [1, 1],
  [1, 1]
];
function start({ image }) {
  const size = Math.min(FIRST_SIZE, longest(image));
  const state = { image, size, padding: 0, looked: null, changed: null };
  return { ...state, pinned: brightest(state) };
}
var longest = (image) => Math.max(image.length, image[0].length);
function brightest(state) {
  const values = winnersOf(state).flat();
  const { output } = values.reduce((best, one) => one.value > best.value ? one : best);
  return { kind: "output", row: output[0], column: output[1] };
}
var mapOf = ({ image, size }) => image.slice(0, size).map((row) => row.slice(0, size));
var layerOf = ({ padding }) => ({ weights: WINDOW, stride: 2, padding });
var known = /* @__PURE__ */ new WeakMap();
function winnersOf(state) {
  if (!known.has(state)) known.set(state, findWinners(state));
  return known.get(state);
}
function findWinners(state) {
  const { rows, columns } = outputShape(mapOf(state), layerOf(state));
  return range(rows).map((row) => range(columns).map((column) => winnerOf(state, row, column)));
}
function winnerOf(state, row, column) {
  const candidates = windowOf(state, row, column).filter(({ outside }) => !outside);
  const winner = candidates.reduce((best, one) => one.value > best.value ? one : best);
  return { row: winner.row, column: winner.column, value: winner.value, output: [row, column] };
}
var windowOf = (state, row, column) => termsOf(mapOf(state), layerOf(state), row, column);
function readerOf(state, row, column) {
  const winners = winnersOf(state);
  const [down, along] = [
    readersAlong([row], winners.length, layerOf(state))[0],
    readersAlong([column], winners[0].length, layerOf(state))[0]
  ];
  return down === void 0 || along === void 0 ? null : { row: down, column: along };
}
function optionsOf(state, name) {
  const most = longest(state.image);
  const least = Math.min(FIRST_SIZE - 1, most);
  const values = name === "size" ? range(most - least + 1, least) : PADDINGS;
  return values.map((value) => ({ value, why: whyNot({ ...state, [name]: value }) }));
}
var whyNot = ({ image, size, padding }) => refusal(poolSide, Math.min(size, image.length, image[0].length), 2, 2, padding);
function set(state, name, value) {
  const next = { ...state, [name]: value, changed: name, looked: null };
  const pinned = name === "padding" && isLastOutput(state) ? { ...state.pinned, ...END } : state.pinned;
  return { ...next, pinned: clampPlace(pinned, shapeOf(pinned.kind, next)) };
}
var END = { row: Infinity, column: Infinity };
function isLastOutput(state) {
  const { rows, columns } = shapeOf("output", state);
  const { kind, row, column } = state.pinned;
  return kind === "output" && row === rows - 1 && column === columns - 1;
}
function shapeOf(kind, state) {
  const map = kind === "image" ? mapOf(state) : winnersOf(state);
  const first = kind === "image" ? -state.padding : 0;
  return { rows: map.length - 2 * first, columns: map[0].length - 2 * first, first };
}
var point = (state, hit) => ({ ...state, looked: hit ? placeOf(hit) : null });
var pin = (state, hit) => ({ ...state, pinned: placeOf(hit), looked: null, changed: null });
function move(state, kind, key) {
  if (key === "focus") return state;
  const at = state.pinned.kind === kind ? state.pinned : { kind, row: 0, column: 0 };
  const pinned = stepFrom(at, key, shapeOf(kind, state));
  return { ...state, looked: null, changed: null, pinned };
}

// picture.js
var MOST = 52;
var SMALL = 40;
var SHRUNK = 0.84;
var HEADING = 28;
var ROOM = 364;
var ABOVE = 38;
var WIDE2 = 844;
function poolingPicture(state, wide) {
  const layout = (wide ? wideLayout : narrowLayout)(state);
  const at = selected(state);
  const drawn2 = { state, at, layout, read: readOf(state, at) };
  const named = {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    role: "group",
    "aria-label": nameOf(state)
  };
  return tag("svg", named, imageGrid(drawn2), wide && arrow(layout), outputGrid(drawn2));
}
function nameOf(state) {
  const [image, output] = [mapOf(state), winnersOf(state)].map(sizeOf);
  return `Max pooling: an image of ${image} numbers with windows of 2 × 2 on it, and the output of ${output}. The largest number of each window is ringed, and the numbers that no window reaches are hatched`;
}
function readOf(state, at) {
  const output = at.kind === "output" ? at : readerOf(state, at.row, at.column);
  if (!output) return null;
  const winner = winnersOf(state)[output.row][output.column];
  const isMade = at.kind === "output" || winner.row === at.row && winner.column === at.column;
  return { output, winner, isMade };
}
function wideLayout(state) {
  const { rows, columns } = shapeOf("image", state);
  const side = Math.min(MOST, ROOM / Math.max(rows, columns));
  const output = { x: WIDE2 - 2 - ROOM, y: HEADING, side: 2 * side };
  return { width: WIDE2, height: HEADING + ROOM + 2, image: { x: 2, y: HEADING, side }, output };
}
function narrowLayout(state) {
  const [image, output] = ["image", "output"].map((kind) => shapeOf(kind, state));
  const high = (PHONE.height - HEADING - ABOVE - 4) / (image.rows + output.rows);
  const side = Math.min(MOST, (PHONE.width - 4) / image.columns, high);
  const y = HEADING + image.rows * side + ABOVE;
  const height = y + output.rows * side + 4;
  return { width: PHONE.width, height, image: { x: 2, y: HEADING, side }, output: { x: 2, y, side } };
}
function imageGrid(drawn2) {
  const { state, at, layout, read } = drawn2;
  const map = mapOf(state);
  const unread = unreadOf(map, layerOf(state));
  const grey = greyScale(state.image);
  const wins = new Set(
    winnersOf(state).flat().map(({ row, column }) => `${row},${column}`)
  );
  const isOn = (one, row, column) => one?.row === row && one?.column === column;
  const cell = (row, column) => {
    const value = map[row]?.[column];
    const outside = value === void 0;
    return {
      words: outside ? "−∞" : short(value),
      grey: outside ? void 0 : grey(value),
      lit: read?.isMade && isOn(read.winner, row, column) || at.kind === "image" && isOn(at, row, column),
      strong: wins.has(`${row},${column}`),
      outside,
      unread: !outside && (unread.rows.includes(row) || unread.columns.includes(column))
    };
  };
  const shape = shapeOf("image", state);
  const title = `image ${sizeOf(map)}${state.padding ? ", padded" : ""}`;
  return group(
    {},
    fitIntoRings(numberGrid("image", { title }, shape, layout.image, cell), layout.image.side),
    windowsAndRings(drawn2, shape, (value) => inkOn(grey(value))),
    read && frameAround(windowPlaces(state, read.output), shape, layout.image)
  );
}
function fitIntoRings(grid, side) {
  if (side >= SMALL) return grid;
  const children = grid.children.map((one) => / strong/.test(one.named?.class) ? shrink(one) : one);
  return { ...grid, children };
}
function shrink(words) {
  const size = Number(words.named["font-size"]);
  const y = Number(words.named.y) - 0.36 * (1 - SHRUNK) * size;
  const named = { ...words.named, y: String(round(y)), "font-size": String(round(SHRUNK * size)) };
  return { ...words, named };
}
function windowPlaces(state, { row, column }) {
  const pixels = windowOf(state, row, column);
  return { rows: pixels.map((pixel) => pixel.row), columns: pixels.map((pixel) => pixel.column) };
}
function windowsAndRings({ state, layout, read }, { first }, inkOf) {
  const { x, y, side } = layout.image;
  const winners = winnersOf(state).flat();
  const isLit = (one) => read?.isMade && one === read.winner;
  const inset = Math.min(3, 0.06 * side);
  const outlined = (name) => winners.map(
    ({ output: [row, column] }) => box(x + 2 * column * side, y + 2 * row * side, 2 * side, 2 * side, { class: name })
  );
  const ring = ({ row, column, value }) => {
    const [left, top] = [x + (column - first) * side + inset, y + (row - first) * side + inset];
    return box(left, top, side - 2 * inset, side - 2 * inset, {
      class: "winner",
      rx: 6,
      stroke: inkOf(value)
    });
  };
  return [outlined("halo"), outlined("window"), winners.filter((one) => !isLit(one)).map(ring)];
}
function greyScale(image) {
  const values = image.flat();
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const high = [1, 255].find((top) => least >= 0 && most <= top) ?? most;
  const low = high === most && least < 0 ? least : Math.min(0, least);
  return (value) => (value - low) / (high - low || 1);
}
var arrow = ({ image, output }) => text((image.x + ROOM + output.x) / 2, HEADING + ROOM / 2, "→", { class: "number middle", "font-size": 30 });
function outputGrid({ state, at, layout, read }) {
  const winners = winnersOf(state);
  const grey = greyScale(state.image);
  const isRead = (row, column) => read && read.output.row === row && read.output.column === column;
  const cell = (row, column) => ({
    words: short(winners[row][column].value),
    grey: grey(winners[row][column].value),
    lit: isRead(row, column) && read.isMade
  });
  const shape = shapeOf("output", state);
  const { x, y } = layout.output;
  const map = mapOf(state);
  const rows = `${winners.length}${map.length === map[0].length ? "" : " rows"}`;
  const given = { size: map.length, kernel: 2, stride: 2, padding: state.padding, changed: state.changed };
  return group(
    {},
    numberGrid("output", { title: `output ${sizeOf(winners)}` }, shape, layout.output, cell),
    formula(given, rows, { x: x + 112, y: y - 12 }),
    read && frameAround({ rows: [read.output.row], columns: [read.output.column] }, shape, layout.output)
  );
}

// words.js
function sentence(state) {
  const at = selected(state);
  const words = at.kind === "output" ? ofOutput(state, at) : ofPixel(state, at);
  if (state.looked) return words;
  return state.changed ? `${ofSides(state)} ${words}` : `${words} ${ofSides(state)}`;
}
function ofOutput(state, { row, column }) {
  const pixels = windowOf(state, row, column).filter(({ outside }) => !outside);
  const { value } = winnersOf(state)[row][column];
  const equal = pixels.filter((pixel) => pixel.value === value).length;
  const words = `<b>${short(value)}</b>`;
  if (pixels.length === 1) return `${words} wins because it is alone: the rest of its window is padding.`;
  if (equal > 1) return `${words} is there ${times(equal)} in this window: only the first one wins.`;
  const others = pixels.length - 1;
  const padding = pixels.length < 4 ? " Two places of this window are padding." : "";
  return `${words} wins; the other ${others === 1 ? "pixel is" : `${counted(others)} are`} forgotten.${padding}`;
}
var times = (count) => count === 2 ? "twice" : `${counted(count)} times`;
function ofPixel(state, { row, column }) {
  const value = mapOf(state)[row]?.[column];
  const reader = readerOf(state, row, column);
  if (value === void 0) return "Padding counts as minus infinity, so it never wins.";
  if (!reader) return `No window reaches this <b>${short(value)}</b>: it could be anything.`;
  const winner = winnersOf(state)[reader.row][reader.column];
  if (winner.row === row && winner.column === column) {
    const pixels = windowOf(state, reader.row, reader.column);
    const equal = pixels.filter((pixel) => !pixel.outside && pixel.value === value).length;
    const first = equal > 1 ? `, and the first of ${counted(equal)} that are equal` : "";
    return `<b>${short(value)}</b> is the largest of its window${first}: it goes on to the output.`;
  }
  if (winner.value === value)
    return `<b>${short(value)}</b> is there more than once in this window: only the first one wins.`;
  return `<b>${short(value)}</b> lost to <b>${short(winner.value)}</b>: it's forgotten.`;
}
function ofSides(state) {
  const map = mapOf(state);
  const [before, after] = [map, winnersOf(state)].map(sizeOf);
  const odd = [map.length % 2, map[0].length % 2];
  const becomes = `${before} becomes <b>${after}</b>`;
  if (!state.padding) {
    const { rows, columns } = unreadOf(map, layerOf(state));
    if (!odd.includes(1)) return `${becomes}: each side is halved.`;
    return `${becomes}: no window reaches ${lastOnes(rows.length, columns.length)}.`;
  }
  if (!odd.includes(1))
    return `With padding 1, even ${before} is no longer halved: it becomes <b>${after}</b>.`;
  return `With padding 1, ${becomes}: the last windows see ${lastOnes(...odd)}, but the first ones see padding.`;
}

// index.js
var controls = (state) => [
  ["size", "padding"].map((name) => segments(name, name, optionsOf(state, name), state[name])),
  resetButton()
];
var explorer = {
  name: "pooling",
  start,
  controls,
  picture: (state, _data, wide) => poolingPicture(state, wide),
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
