// What the search shows of a page is prose: without code, outputs and the page's frame.

const FRAME = ".cell_input, .cell_output, .run-it, .bd-header-article, .bd-sidebar, footer, .onlyprint";

document.addEventListener("DOMContentLoaded", () => {
  const readText = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(FRAME).forEach((part) => part.remove());
    return readText(page.documentElement.outerHTML, anchor).trimStart();
  };
});
