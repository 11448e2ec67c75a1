// The state of one explorer. Every view of it shows the same: two outputs of one widget, or an
// output and its "new view" in JupyterLab.

/** `become(state)` shows a state in every view; `watch(show)` adds a view, and returns its end. */
export function makeStore(explorer, data) {
  const views = new Set();
  const store = {
    data,
    state: explorer.start(data),
    become(state) {
      if (state === store.state) return;
      store.state = state;
      views.forEach((show) => show());
    },
    /** Start again, with other data if there are any. */
    restart(fresh = store.data) {
      store.data = fresh;
      store.become(explorer.start(fresh));
    },
    watch(show) {
      views.add(show);
      return () => views.delete(show);
    },
  };
  return store;
}
