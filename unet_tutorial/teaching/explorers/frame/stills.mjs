// node stills.mjs FOLDER: writes the stills of an explorer to standard output, as JSON:
// {name: {settings, label, sentence, svg}}. `make explorers` saves them.
//
// An explorer that looks different for other settings says so in index.js:
// export const stills = { still: {}, two_kernels: { kernels: 2 } };

import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { markup, tag } from "./svg.js";

const folder = pathToFileURL(`${process.argv[2]}/`);
const read = (name, encoding = "utf8") => readFileSync(new URL(`built/${name}`, folder), encoding);

/** Pictures are files next to data.json; in a still they are part of it. */
function inline(data) {
  if (data === null || typeof data !== "object") return data;
  if (Array.isArray(data)) return data.map(inline);
  const entries = Object.entries(data).map(([key, value]) => [
    key,
    key === "href" ? `data:image/png;base64,${read(value, "base64")}` : inline(value),
  ]);
  return Object.fromEntries(entries);
}

/** Keep each picture once: the tiles then only point to it. */
function shareImages(tree, shared = new Map()) {
  tree.children = tree.children.map((child) => {
    if (child.name !== "image") return child.children ? shareImages(child, shared).tree : child;
    const { href } = child.named;
    const id = shared.get(href)?.named.id ?? `picture-${shared.size}`;
    shared.set(href, tag("image", { ...child.named, id }));
    return tag("use", { href: `#${id}` });
  });
  return { tree, shared: [...shared.values()] };
}

function svgOf(explorer, state, data, css) {
  const picture = explorer.picture(state, data, true);
  const [x, y, width, height] = picture.named.viewBox.split(" ");
  const { tree, shared } = shareImages(structuredClone(picture));
  const paper = tag("rect", { x, y, width, height, style: "fill: var(--page)" });
  const style = { name: "style", named: {}, children: [] };
  const named = { xmlns: "http://www.w3.org/2000/svg", width, height, class: `explorer ${explorer.name}` };
  Object.assign(tree.named, named, { style: "color-scheme: light" });
  tree.children = [style, tag("defs", {}, shared), paper, ...tree.children];
  return markup(tree).replace("<style>", () => `<style><![CDATA[\n${css}]]>`) + "\n";
}

const asText = (html) =>
  html
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");

async function still(explorer, settings, shipped, css) {
  const given = { ...shipped, ...settings };
  const data = (await explorer.prepare?.(given)) ?? given;
  const state = explorer.start(data);
  return {
    settings,
    label: explorer.picture(state, data, true).named["aria-label"],
    sentence: asText(explorer.sentence(state, data)),
    svg: svgOf(explorer, state, data, css),
  };
}

const { explorer, stills = { still: {} } } = await import(new URL("index.js", folder));
const data = existsSync(new URL("built/data.json", folder)) ? inline(JSON.parse(read("data.json"))) : {};
const css = read("explorer.css");
const made = {};
for (const [name, settings] of Object.entries(stills)) made[name] = await still(explorer, settings, data, css);
process.stdout.write(JSON.stringify(made));
