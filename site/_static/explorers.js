// Brings the explorers on a page to life. Until then, or without JavaScript, a still is there.

for (const host of document.querySelectorAll("[data-explorer][data-settings]")) wake(host);

async function wake(host) {
  const folder = new URL(`explorers/${host.dataset.explorer}/`, import.meta.url);
  const [{ explorer, mount }, shipped] = await Promise.all([
    import(new URL("explorer.js", folder)),
    fetch(new URL("data.json", folder)).then((reply) => reply.json()),
  ]);
  mount(explorer, host, { ...withAddresses(shipped, folder), ...JSON.parse(host.dataset.settings) });
}

/** Data in which each href, the name of a picture's file, is its address. */
function withAddresses(data, folder) {
  const address = (key, value) => (key === "href" ? new URL(value, folder).href : value);
  return JSON.parse(JSON.stringify(data, address));
}
