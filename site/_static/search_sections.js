// A result of the search leads to the section that says most about the words, and shows its prose:
// without code, outputs and the page's frame.

const FRAME = ".cell_input, .cell_output, .run-it, .bd-header-article, .bd-sidebar, footer, .onlyprint";
const IN_HEADING = 5; // a word there counts as much as so many in the text

document.addEventListener("DOMContentLoaded", () => {
  const summarise = Search.makeSearchSummary;
  Search.makeSearchSummary = (html, words, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(`${FRAME}, .headerlink`).forEach((part) => part.remove());
    const section = anchor ? null : findSection(page, [...words]);
    const place = section ? `#${CSS.escape(section.id)}` : anchor;
    const summary = summarise(page.documentElement.outerHTML, words, place);
    if (section && summary) queueMicrotask(() => leadTo(section, summary.parentElement)); // once it's in there
    return summary;
  };
});

/** The section in which the words are most often; null if that's the page's own beginning. */
function findSection(page, words) {
  const sections = [...page.querySelectorAll("[role=main] section section[id]")];
  const best = { section: null, count: count(page.querySelector("[role=main] section"), words) };
  for (const section of sections) {
    const found = count(section, words);
    if (found > best.count) Object.assign(best, { section, count: found });
  }
  return best.section;
}

/** How often the words are in a section, without the sections in it; each must be there. */
function count(section, words) {
  const parts = [...(section?.children ?? [])].filter(({ tagName }) => tagName !== "SECTION");
  const found = words.map((word) => parts.reduce((sum, part) => sum + countIn(part, word), 0));
  return found.includes(0) ? 0 : found.reduce((sum, one) => sum + one, 0);
}

function countIn(part, word) {
  const weight = /^H[1-6]$/.test(part.tagName) ? IN_HEADING : 1;
  return weight * (part.textContent.toLowerCase().split(word).length - 1);
}

function leadTo(section, result) {
  const link = result.querySelector("a");
  link.href += `#${section.id}`;
  const isThere = [...document.querySelectorAll("#search-results li a")].some(
    (other) => other !== link && other.href === link.href,
  );
  if (isThere) result.remove();
  else link.append(` > ${section.querySelector("h2, h3, h4").textContent.trim()}`);
}
