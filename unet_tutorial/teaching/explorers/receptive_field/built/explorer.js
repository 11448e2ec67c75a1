// Made by `make explorers` from modules with SHA-256 64d0e294957ea42e103720d267592590f8ac582ad9888f8adbb3f96931cfbff3
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
  const { value, label = value, why: why2 } = typeof option === "object" ? option : { value: option };
  const named = {
    type: "button",
    role: "radio",
    tabindex: value === chosen || isStop ? 0 : -1,
    "data-set": `${name}:${value}`,
    "aria-checked": String(value === chosen),
    "aria-disabled": why2 ? "true" : void 0,
    title: why2
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
  const under2 = host.getRootNode().elementFromPoint(clientX, clientY);
  return host.contains(under2) ? under2 : null;
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

// fields.js
var CONTRACTING = ["in_conv", "down1", "down2", "down3", "down4"];
var EXPANDING = ["up1", "up2", "up3", "up4", "out_conv"];
var STAGES = [...CONTRACTING, ...EXPANDING];
var DEEPEST = 4;
var REACH = 2;
var FAR2 = 512;
function levelOf(stage) {
  if (stage.startsWith("down")) return Number(stage[4]);
  return stage.startsWith("up") ? DEEPEST - Number(stage[2]) : 0;
}
var placeOver = (pixel, stage) => pixel >> levelOf(stage);
function readBy(stage, pixel, side) {
  const place = placeOver(pixel, stage);
  const spans = { [stage]: [place, place] };
  for (const each of STAGES.slice(0, STAGES.indexOf(stage) + 1).reverse()) {
    if (spans[each]) readInputs(each, spans, side);
  }
  return spans;
}
function readInputs(stage, spans, side) {
  const level = levelOf(stage);
  if (stage === "out_conv") return widen(spans, "up4", spans.out_conv);
  const read = clip([spans[stage][0] - REACH, spans[stage][1] + REACH], side >> level);
  if (stage === "in_conv") return widen(spans, "image", read);
  if (CONTRACTING.includes(stage)) return widen(spans, CONTRACTING[level - 1], [2 * read[0], 2 * read[1] + 1]);
  const below = stage === "up1" ? "down4" : EXPANDING[EXPANDING.indexOf(stage) - 1];
  widen(spans, CONTRACTING[level], read);
  widen(spans, below, [read[0] >> 1, read[1] >> 1]);
}
var clip = ([first, last], count) => [Math.max(first, 0), Math.min(last, count - 1)];
function widen(spans, name, [first, last]) {
  const [low, high] = spans[name] ?? [first, last];
  spans[name] = [Math.min(low, first), Math.max(high, last)];
}
var lengthOf = ([first, last]) => last - first + 1;
var uncutLength = (stage, pixel) => lengthOf(readBy(stage, FAR2 + pixel % FAR2, 3 * FAR2).image);

// ../frame/phone.js
var PHONE = { width: 358, height: 504 };

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

// state.js
var stagesOf = ({ stages = STAGES }) => stages;
function start(data) {
  const { rows, columns, stage = stagesOf(data).at(-1) } = data;
  return { looked: null, pinned: { stage, row: rows >> 1, column: columns >> 1 } };
}
var set = (state, name, value) => ({ looked: null, pinned: { ...state.pinned, [name]: value } });
function readOf(state, { rows, columns }) {
  const { stage, row, column } = selected(state);
  return { rows: readBy(stage, row, rows), columns: readBy(stage, column, columns) };
}
var sidesOf = (read) => [read.rows, read.columns].map(({ image }) => lengthOf(image));
var point = (state, hit) => ({ ...state, looked: hit ? under(state, hit) : null });
var pin = (state, hit) => ({ looked: null, pinned: { ...under(state, hit), alone: false } });
function under({ pinned }, hit) {
  const { kind, row, column } = placeOf(hit);
  if (kind === "image") return { ...pinned, row, column };
  return { ...pinned, stage: kind, row: rowIn(row, kind, pinned.row), alone: true };
}
function rowIn(place, stage, kept) {
  const size = 2 ** levelOf(stage);
  return placeOver(kept, stage) === place ? kept : place * size + (size >> 1);
}
function move(state, kind, key, data) {
  const shape = { rows: data.rows, columns: data.columns };
  if (kind === "image") return { looked: null, pinned: stepFrom(state.pinned, key, shape) };
  return { looked: null, pinned: clampPlace(climb(state.pinned, key, stagesOf(data)), shape) };
}
function climb(at, key, stages) {
  const along = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  const next = Math.max(0, Math.min(stages.length - 1, stages.indexOf(at.stage) + along));
  const down = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
  return { ...at, stage: stages[next], row: at.row + down * 2 ** levelOf(at.stage) };
}

// ../frame/short.js
var COUNTED = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
var counted = (number) => COUNTED[number] ?? written(number);

// words.js
var BLOCK = 16;
function sentence(state, data) {
  const at = selected(state);
  const read = readOf(state, data);
  return `${whatItSees(at, read)} ${why(at, read)}`;
}
var nameOf = (stage) => stage === "out_conv" ? "logits" : stage;
function whatItSees({ stage, row, column }, read) {
  const [rows, columns] = sidesOf(read);
  const size = 2 ** levelOf(stage);
  const value = stage === "out_conv" ? "This logit" : `This value of <code>${stage}</code>`;
  const covers = size > 1 ? `covers ${size} × ${size} pixels and ` : "";
  const where = `rows ${spanWords(read.rows.image)}, columns ${spanWords(read.columns.image)}`;
  return `${value} ${covers}depends on <b>${rows} × ${columns}</b> pixels: ${where}.`;
}
var spanWords = ([first, last]) => `${first} to ${last}`;
function why({ stage, row, column }, read) {
  const [rows, columns] = sidesOf(read);
  const uncut = [row, column].map((pixel) => uncutLength(stage, pixel));
  if (rows < uncut[0] || columns < uncut[1]) {
    return `It would be ${uncut.join(" × ")}, but the image ends: the rest is padding.`;
  }
  if (EXPANDING.includes(stage)) return ofBottleneck(stage, row, lengthOf(read.rows.down4), rows);
  return ofLevel(levelOf(stage), rows);
}
function ofLevel(level, rows) {
  if (level === 0) return "Two 3 × 3 convolutions look 2 pixels to each side: 1 + 2·2 = 5.";
  const above = `<code>${CONTRACTING[level - 1]}</code>`;
  return `That's twice the ${(rows - 4) / 2} of ${above}, and 4 more: 2·${(rows - 4) / 2} + 4 = ${rows}.`;
}
function ofBottleneck(stage, row, count, rows) {
  const values = count === 1 ? "one value" : `${counted(count)} values`;
  const each = rows - (count - 1) * BLOCK;
  const read = `${values} of <code>down4</code>, ${BLOCK} rows apart: ${each} + ${count - 1}·${BLOCK} = ${rows}.`;
  if (stage !== "out_conv") return `By way of the bottleneck it reads ${read}`;
  const where = isAtBorder(row) ? "next to a border between" : "farther inside one of the";
  return `Row ${row} is ${where} blocks of ${BLOCK}, so it reads ${read}`;
}
var isAtBorder = (row) => Math.min(row % BLOCK, BLOCK - 1 - row % BLOCK) < 2;

// ladder.js
var WIDEST = 34;
var SHARE = 0.6;
var CLOSE = 54;
var RAISED = 15;
var FINEST = 3.5;
function ladder(state, data, read, place) {
  const { stage } = selected(state);
  const names = ["image", ...stagesOf(data)];
  const strips = names.map((name, i) => stripOf(name, i, names.length, data.rows, read[name], place));
  return stop(
    "ladder",
    "ladder of the stages: left and right choose one, up and down move",
    place,
    group({ "aria-hidden": "true" }, strips.slice(1).map((strip, i) => funnel(strips[i], strip, place))),
    strips.map((strip) => drawStrip(strip, strip.name === stage, place))
  );
}
function stripOf(name, number, count, rows, span, place) {
  const pitch = place.width / count;
  const width = Math.min(WIDEST, SHARE * pitch);
  const values = name === "image" ? rows : rows >> levelOf(name);
  const middle = place.x + (number + 0.5) * pitch;
  return { name, values, span, width, middle, x: middle - width / 2, isRaised: pitch < CLOSE && number % 2 };
}
function drawStrip({ name, values, span, width, middle, x, isRaised }, chosen, { y, height }) {
  const unit = height / values;
  const label = y - 10 - (isRaised ? RAISED : 0);
  const looks = ["number", "middle", "stage", chosen && "strong", !span && "unread"].filter(Boolean).join(" ");
  return group(
    {},
    box(x, y, width, height, { class: "strip" }),
    span && box(x, y + span[0] * unit, width, lengthOf(span) * unit, { class: chosen ? "read chosen" : "read" }),
    unit >= FINEST && tag("path", { class: "rungs", d: rungs(values, x, y, width, unit) }),
    text(middle, label, nameOf(name), { class: looks }),
    span && text(middle, y + height + 16, lengthOf(span), { class: "quiet middle" }),
    name !== "image" && box(x - 2, y, width + 4, height, { class: "over", "data-pixels": `${name}:${values},1` })
  );
}
var rungs = (values, x, y, width, unit) => range(values - 1, 1).map((place) => `M${round(x)} ${round(y + place * unit)}h${round(width)}`).join("");
function funnel(from, to, { y, height }) {
  if (!from.span || !to.span) return "";
  const edge = ({ values, span }, end) => round(y + (span[end] + end) * height / values);
  const [left, right] = [round(from.x + from.width), round(to.x)];
  const d = `M${left} ${edge(from, 0)}L${right} ${edge(to, 0)}V${edge(to, 1)}L${left} ${edge(from, 1)}z`;
  return tag("path", { class: "reach", d });
}

// picture.js
var HEADING = 40;
var COUNTS = 20;
var WIDE2 = { width: 844, room: 1024 / 3, ladder: { x: 376, width: 466 } };
var NARROW = { room: 290, between: 44, ladder: { x: 2, width: PHONE.width - 4 } };
var LOOK = { preserveAspectRatio: "none", "image-rendering": "pixelated" };
var HANDLE = 20;
var [GAP, ARM] = [4, 10];
function fieldPicture(state, data, wide) {
  const layout = (wide ? wideLayout : narrowLayout)(data);
  const read = readOf(state, data);
  const named = {
    viewBox: `0 0 ${layout.width} ${Math.ceil(layout.height)}`,
    role: "group",
    "aria-label": describe(state, data, read)
  };
  return tag("svg", named, imageView(state, data, read, layout), ladder(state, data, read.rows, layout.ladder));
}
function describe(state, data, read) {
  const { stage, row, column } = selected(state);
  const value = stage === "out_conv" ? "one logit" : `one value of ${stage}`;
  return `An image with a cross at row ${row}, column ${column}, dark but for the ${sidesOf(read).join(" by ")} pixels that ${value} depends on; and a ladder of the network's stages, from the image to ${nameOf(stagesOf(data).at(-1))}, with the rows that each has to supply`;
}
function wideLayout({ rows, columns }) {
  const scale = WIDE2.room / Math.max(rows, columns);
  const height = rows * scale;
  const image = { x: 2, y: HEADING, width: columns * scale, height, scale };
  const ladder2 = { ...WIDE2.ladder, y: HEADING, height };
  return { width: WIDE2.width, height: HEADING + height + COUNTS, image, ladder: ladder2 };
}
function narrowLayout({ rows, columns }) {
  const scale = Math.min(NARROW.room / rows, (PHONE.width - 4) / columns);
  const image = { x: 2, y: 2, width: columns * scale, height: rows * scale, scale };
  const y = image.y + image.height + NARROW.between;
  const height = PHONE.height - COUNTS - NARROW.room - NARROW.between - 2;
  return { width: PHONE.width, height: y + height + COUNTS, image, ladder: { ...NARROW.ladder, y, height } };
}
function imageView(state, data, read, { image, width }) {
  const { x, y, height } = image;
  const at = selected(state);
  const place = { x: round(x), y: round(y), width: round(image.width), height: round(height) };
  const heading = `image ${data.rows} × ${data.columns}`;
  return stop(
    "image",
    "image: arrow keys move the cross",
    image,
    width > PHONE.width && text(x, y - 12, heading, { class: "heading" }),
    tag("image", { href: data.image.href, ...place, ...LOOK }),
    group(
      { "data-pixels": `image:${data.rows},${data.columns}` },
      box(x, y, image.width, height, { class: "over" }),
      handle(at, image)
    ),
    group(
      { class: "marks" },
      shadow(read, image),
      otherSquares(at, data, image),
      square(read, image),
      cross(at, image)
    )
  );
}
function handle({ row, column }, { x, y, width, height, scale }) {
  const radius = Math.min(HANDLE, width / 2, height / 2);
  const within = (place, length) => Math.max(radius, Math.min(length - radius, (place + 0.5) * scale));
  const [across, down] = [x + within(column, width), y + within(row, height)];
  return tag("circle", { class: "handle", "data-grip": "cross", cx: round(across), cy: round(down), r: round(radius) });
}
function placeOf2(rows, columns, { x, y, scale }) {
  return [x + columns[0] * scale, y + rows[0] * scale, lengthOf(columns) * scale, lengthOf(rows) * scale];
}
function shadow({ rows, columns }, image) {
  const outer = rectangle(image.x, image.y, image.width, image.height);
  const inner = rectangle(...placeOf2(rows.image, columns.image, image));
  return tag("path", { class: "shadow", "fill-rule": "evenodd", d: outer + inner });
}
var rectangle = (x, y, width, height) => `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
function otherSquares({ stage, row, column, alone }, data, image) {
  const others = alone ? [] : stagesOf(data).filter((each) => each !== stage);
  const places = others.map(
    (each) => placeOf2(readBy(each, row, data.rows).image, readBy(each, column, data.columns).image, image)
  );
  const d = [...new Set(places.map((place) => rectangle(...place)))].join("");
  return [tag("path", { class: "others halo", d }), tag("path", { class: "others", d })];
}
function square(read, image) {
  const place = placeOf2(read.rows.image, read.columns.image, image);
  const [x, y, , height] = place;
  const above = y - 7 > image.y + 12;
  const label = above ? y - 7 : Math.min(y + height + 17, image.y + image.height - 7);
  return [
    box(...place, { class: "seen halo" }),
    box(...place, { class: "seen" }),
    text(x + 3, label, sidesOf(read).join(" × "), { class: "size" })
  ];
}
function cross({ stage, row, column }, image) {
  const { x, y, scale } = image;
  const size = 2 ** levelOf(stage);
  const [first, left] = [row, column].map((pixel) => placeOver(pixel, stage) * size);
  const [across, down] = [x + (column + 0.5) * scale, y + (row + 0.5) * scale];
  const arms = [[1, 0], [-1, 0], [0, 1], [0, -1]].map(
    ([a, b]) => `M${round(across + GAP * a)} ${round(down + GAP * b)}l${ARM * a} ${ARM * b}`
  );
  const d = arms.join("");
  return [
    size > 1 && box(...placeOf2([first, first + size - 1], [left, left + size - 1], image), { class: "value" }),
    tag("path", { class: "cross halo", d }),
    tag("path", { class: "cross", d })
  ];
}

// index.js
function controls(state, data) {
  const options = stagesOf(data).map((stage) => ({ value: stage, label: nameOf(stage) }));
  return [options.length > 1 && segments("stage", "value of", options, state.pinned.stage), resetButton()];
}
var explorer = {
  name: "receptive_field",
  start,
  controls,
  picture: fieldPicture,
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
