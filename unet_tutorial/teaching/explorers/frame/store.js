// The state of one explorer. Every view of it shows the same: two outputs of one widget, or an
// output and its "new view" in JupyterLab.

/**
 * `become(state)` shows a state in every view; `watch(show)` adds a view, and returns its end.
 * What an explorer has to unpack first, it unpacks in `prepare(data)`, a promise of more data.
 */
export function makeStore(explorer, data) {
  const views = new Set();
  const prepare = async () => {
    const given = store.data;
    store.isPreparing = true;
    const ready = await explorer.prepare(given);
    if (store.data !== given) return; // there are others by now
    store.data = ready;
    store.isPreparing = false;
    store.become({ ...store.state });
  };
  const store = {
    data,
    state: explorer.start(data),
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
      store.become(explorer.start(fresh));
      if (isOther && explorer.prepare) prepare();
    },
    watch(show) {
      views.add(show);
      return () => views.delete(show);
    },
  };
  if (explorer.prepare) prepare();
  return store;
}
