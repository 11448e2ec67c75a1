// The keys. What an explorer understands doesn't reach JupyterLab, where Enter would leave the
// output, and "d d" delete the cell. Tab, Escape, Ctrl+S and Shift+Enter do reach it.

const MOVES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "+", "-", "="]);
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export function listenToKeys(host, explorer, store) {
  const move = (kind, key) => store.become(explorer.move(store.state, kind, key, store.data));
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

/** Arrow keys choose the next segment, as among radio buttons. */
function stepAmongSegments(event) {
  const step = STEPS[event.key];
  if (!step) return; // Enter and Space click it
  event.preventDefault();
  const all = [...event.target.closest("[role=radiogroup]").querySelectorAll("[role=radio]")];
  const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  next.focus();
  next.click();
}
