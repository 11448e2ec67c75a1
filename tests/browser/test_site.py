"""The site of all chapters, built once: every link of it, and every page in a real browser."""

import functools
import json
import re
import subprocess
import sys
import threading
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest
from site_walker import Page, pages_of, problems

import unet_tutorial
from unet_tutorial.classroom.workspace.lab import STYLESHEET

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "browser"
CHAPTERS = [path.stem for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))]
MODULES = ("blocks", "unet", "shapes", "metrics", "losses", "data", "training", "prediction")
API = [f"api/{module}" for module in MODULES]
SOURCE = "_modules/unet_tutorial/unet"  # its code
PAGES = ["index", "search", *(f"notebooks/{name}" for name in CHAPTERS), "api/index", *API]
LIVE = {  # the explorers that move, in the order of their page
    "index": ["convolution"],
    "notebooks/01_pixels_to_labels": ["threshold", "the_u"],
    "notebooks/02_convolution": ["convolution"],
    "notebooks/03_double_conv": ["convolution"],
    "notebooks/04_down": ["receptive_field", "pooling"],
    "notebooks/05_transposed_convolution": ["transposed_convolution"],
    "notebooks/06_up": ["the_u"],
    "notebooks/07_out_conv": ["threshold"],
    "notebooks/08_unet": ["the_u", "the_u", "receptive_field"],
    "notebooks/09_what_it_costs": ["the_u"],
    "notebooks/10_train": ["training"],
    "notebooks/11_predict": ["threshold", "the_u"],
    "notebooks/12_count_and_your_own_images": ["threshold"],
}
NARROW = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}

# Whether MathJax is done, where a page has formulas.
MATHS_DONE = "async () => { if (window.MathJax) await MathJax.startup.promise; return true }"
PICTURES = "[...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => i.src)"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SCROLLING_CODE = """[...document.querySelectorAll("article .cell_input pre")]
    .filter(pre => pre.scrollWidth > pre.clientWidth && !/.{89}/.test(pre.innerText))
    .map(pre => pre.innerText)"""
WITHOUT_CHAPTER = """[...document.querySelectorAll("dl.py:is(.class, .function)")]
    .filter(entry => !entry.querySelector('dd a[href*="notebooks/"]'))
    .map(entry => entry.querySelector("dt").id)"""
PLAYED = """video => new Promise((seen, failed) => {
    video.ontimeupdate = () => seen(video.currentTime);
    video.onerror = () => failed(video.error.message);
    setTimeout(failed, 20000, "it did not begin to play");
    video.play().catch(failed);
})"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a line for each request."""

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def serve():
    """Serves folders on free ports of this machine: folder -> address."""
    servers = []

    def served(folder):
        handler = functools.partial(Quiet, directory=str(folder))
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield served
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, made by the command."""
    if find_spec("myst_nb") is None:
        pytest.skip("the extra `site` is not installed: make site installs it")
    folder = tmp_path_factory.mktemp("made") / "site"
    command = [sys.executable, ROOT / "tools" / "make_site.py", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def address(site, serve):
    return serve(site)


def solutions(chapter):
    """How many cells of a chapter are solutions."""
    path = ROOT / "notebooks" / f"{chapter}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return sum(cell["id"].startswith("solution-") for cell in cells)


def formulas(site, name):
    return (site / f"{name}.html").read_text(encoding="utf-8").count('class="math ')


def check_page(page, site, address, name):
    """Open a page; what the fixture `page` notices is asserted when the test ends."""
    reply = page.goto(f"{address}/{name}.html")
    assert reply.ok
    page.evaluate(MATHS_DONE)
    assert page.locator("article mjx-container:has(> svg)").count() == formulas(site, name)
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    page.wait_for_function("[...document.images].every(i => i.complete)")
    assert page.evaluate(PICTURES) == []
    for video in page.locator("video").all():
        check_video(video)
    keep(page, name)


def check_video(video):
    """A video waits for its reader, and plays."""
    video.scroll_into_view_if_needed()
    assert video.get_attribute("controls") is not None
    assert video.evaluate("video => video.paused")
    assert video.evaluate(PLAYED) > 0
    assert video.evaluate("video => video.readyState >= 1 && video.videoWidth > 0 && !video.error")
    video.evaluate("video => { video.pause(); video.currentTime = 0 }")


def keep(page, name, kind=""):
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"site_{name.replace('/', '_')}{kind}.jpg"
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path, type="jpeg", quality=60, full_page=True)


def test_every_link_and_source_leads_somewhere(site):
    assert problems(site) == []
    names = {path.relative_to(site).with_suffix("").as_posix() for path in pages_of(site)}
    assert set(PAGES) <= names
    links = [link for path in pages_of(site) for link in Page(path).links]
    assert sum("#" in link and "html#" in link for link in links) >= 10  # between pages


def test_the_stylesheet_is_the_labs(site):
    assert (site / "_static" / STYLESHEET.name).read_bytes() == STYLESHEET.read_bytes()
    page = (site / "notebooks" / f"{CHAPTERS[2]}.html").read_text(encoding="utf-8")
    assert f"_static/{STYLESHEET.name}" in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_all_it_has(page, site, address, name):
    check_page(page, site, address, name)


def test_the_other_pages_show_all_they_have(page, site, address):
    names = {path.relative_to(site).with_suffix("").as_posix() for path in pages_of(site)}
    others = {name for name in names - set(PAGES) if not name.startswith("_modules")}
    assert len(others) >= 2  # for instructors, licences
    for name in sorted(others):
        check_page(page, site, address, name)


@pytest.mark.parametrize("chapter", [name for name in CHAPTERS if solutions(name)])
def test_solutions_open_and_code_fits(page, address, chapter):
    page.set_viewport_size(LAPTOP)
    page.goto(f"{address}/notebooks/{chapter}.html")
    toggles = page.locator("article details.toggle-details, article details.hide")
    assert toggles.count() == solutions(chapter)
    for toggle in toggles.all():
        code = toggle.locator("pre").first
        assert not code.is_visible()
        summary = toggle.locator("summary")
        assert summary.get_attribute("aria-label") is None  # its name is its text
        summary.press("Enter")
        assert code.is_visible()
    assert page.evaluate(SCROLLING_CODE) == []
    keep(page, f"notebooks/{chapter}", kind="_solutions")


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_page_does_not_scroll_sideways(page, address, name):
    page.set_viewport_size(NARROW)
    page.goto(f"{address}/{name}.html")
    page.evaluate(MATHS_DONE)
    assert page.evaluate(OVERFLOW) <= 0
    keep(page, name, kind="_narrow")


def test_on_a_phone_the_table_of_the_chapters_fits(page, address):
    page.set_viewport_size(NARROW)
    page.goto(f"{address}/index.html")
    table = page.locator("article table").first
    assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")


def test_on_a_phone_a_tall_explorer_s_sentence_stays_on_the_screen(page, address):
    page.set_viewport_size(NARROW)
    page.goto(f"{address}/notebooks/03_double_conv.html")
    explorer = page.locator("[data-settings]").first
    explorer.locator("[data-set='padding:1']").click()
    explorer.evaluate("el => scrollTo(0, el.getBoundingClientRect().top + scrollY - 60)")
    words = explorer.locator(".sentence").bounding_box()
    assert words["y"] + words["height"] == pytest.approx(NARROW["height"], abs=1)


def test_an_explorer_s_sentence_is_as_wide_as_its_picture(page, address):
    page.goto(f"{address}/notebooks/02_convolution.html")
    explorer = page.locator("[data-settings]").first
    explorer.locator(".picture svg").wait_for()
    boxes = [explorer.locator(css).bounding_box() for css in (".picture", ".sentence")]
    assert boxes[0]["width"] == boxes[1]["width"]


def test_dark_is_dark_and_pictures_are_as_drawn(page, address):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/notebooks/02_convolution.html")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in ground[4:-1].split(",")) < 60
    filters = page.evaluate("[...document.images].map(i => getComputedStyle(i).filter)")
    assert set(filters) - {""} == {"none"}  # "": what a video has for browsers without videos
    keep(page, "notebooks/02_convolution", kind="_dark")


def live_pages(site):
    """The pages with an explorer that has settings for the page to wake it."""
    texts = {path: path.read_text(encoding="utf-8") for path in pages_of(site)}
    live = {path for path, text in texts.items() if 'data-settings="' in text}
    return {path.relative_to(site).with_suffix("").as_posix(): texts[path] for path in live}


def test_only_pages_with_explorers_load_them(site):
    assert set(live_pages(site)) == set(LIVE)
    for path in pages_of(site):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(site).with_suffix("").as_posix()
        assert text.count("explorers.js") == (name in LIVE)
        assert set(re.findall(r"explorers/(\w+)/explorer.css", text)) == set(LIVE.get(name, []))
        assert "Run this cell" not in text


@pytest.mark.parametrize("name", LIVE)
@pytest.mark.parametrize("size", [LAPTOP, NARROW], ids=["laptop", "phone"])
def test_every_explorer_moves_under_a_pointer(page, address, name, size):
    page.set_viewport_size(size)
    page.goto(f"{address}/{name}.html")
    explorers = page.locator("[data-settings]")
    explorers.locator(".picture svg").first.wait_for()
    assert explorers.evaluate_all("all => all.map(el => el.dataset.explorer)") == LIVE[name]
    for explorer in explorers.all():
        move(page, explorer)
        assert explorer.locator("img").count() == 0
    assert page.evaluate(OVERFLOW) <= 0


def move(page, explorer):
    """Point at the last part of the first view, take the pointer away, and start again."""
    explorer.and_(page.locator(".explorer:not(.preparing)")).wait_for()
    shown = explorer.locator(".picture, .sentence")
    first = shown.evaluate_all("all => all.map(el => el.innerHTML)")
    if explorer.locator("[data-hit]").count():
        kind = explorer.locator("[data-hit]").first.get_attribute("data-hit").partition(":")[0]
        explorer.locator(f"[data-hit^='{kind}:']").last.hover()
    else:  # an image, of which the middle may be selected
        explorer.locator("[data-pixels]").first.hover(position={"x": 8, "y": 8})
    looked = shown.evaluate_all("all => all.map(el => el.innerHTML)")
    assert all(new != old for new, old in zip(looked, first, strict=True))
    page.mouse.move(1, 1)
    assert shown.evaluate_all("all => all.map(el => el.innerHTML)") == first
    others = "[role=radio]:not([aria-checked=true], [aria-disabled=true]), .by-one, [role=switch]"
    if explorer.locator(others).count():
        explorer.locator(others).first.click()
    else:
        explorer.locator("[data-keys]").first.focus()
        page.keyboard.press("ArrowRight")
    assert shown.first.inner_html() != first[0]
    explorer.locator("[aria-label='Start again']").click()
    page.mouse.move(1, 1)
    assert shown.evaluate_all("all => all.map(el => el.innerHTML)") == first


def test_an_explorer_has_its_data_from_the_site(page, address):
    page.set_viewport_size(LAPTOP)
    page.goto(f"{address}/notebooks/05_transposed_convolution.html")
    explorer = page.locator("[data-settings]")
    explorer.locator("[data-set='ink:trained']").click()
    atlas = explorer.locator("image").first.get_attribute("href")
    assert atlas == f"{address}/_static/explorers/transposed_convolution/maps.png"
    assert explorer.bounding_box()["height"] <= 500


def test_without_javascript_the_still_is_there(chromium, address):
    with closing(chromium.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(f"{address}/notebooks/04_down.html")
        explorer = page.locator("[data-explorer='pooling']")
        assert explorer.locator("img").bounding_box()["width"] > 300
        assert "In JupyterLab, it moves: how to run it." in explorer.inner_text()


def test_a_picture_opens_in_full(page, site, address):
    page.goto(f"{address}/notebooks/08_unet.html")
    pictures = page.locator("article img:not(video img)")
    links = page.locator("article a[href] > img")
    assert pictures.count() == links.count() >= 3
    assert "data:image" not in (site / "notebooks/08_unet.html").read_text(encoding="utf-8")
    links.first.click()
    page.wait_for_url("**/_images/*")


def test_a_chapter_says_what_only_the_notebook_does_and_how_to_run_it(page, address):
    page.goto(f"{address}/notebooks/04_down.html")
    fold = page.locator("h1 + details.run-it")
    assert fold.inner_text() == "To run cells, guess and check, open the notebook"
    fold.locator("summary").click()
    assert "04_down.ipynb" in fold.inner_text()
    fold.get_by_role("link", name="How to install it").click()
    page.wait_for_url("**/index.html#two-commands")
    assert page.locator("details.run-it").count() == 0


def test_the_front_page_begins_with_an_explorer_and_leads_to_the_first_chapter(page, address):
    page.set_viewport_size(LAPTOP)
    page.goto(f"{address}/index.html")
    page.locator("[data-settings] .picture svg").wait_for()
    button = page.get_by_role("link", name="Start reading")
    assert button.bounding_box()["y"] + button.bounding_box()["height"] < LAPTOP["height"]
    words = page.locator("[data-settings] .sentence").bounding_box()
    assert button.bounding_box()["y"] - words["y"] - words["height"] > 10
    button.click()
    page.wait_for_url("**/notebooks/00_start_here.html")


@pytest.mark.parametrize("name", API)
def test_every_entry_of_the_package_links_to_its_chapter(page, address, name):
    page.goto(f"{address}/{name}.html")
    assert page.locator("dl.py:is(.class, .function)").count() >= 1
    assert page.evaluate(WITHOUT_CHAPTER) == []


def test_the_ten_names_are_described_once_and_lead_to_their_source(page, site, address):
    text = "".join((site / f"{name}.html").read_text(encoding="utf-8") for name in API)
    for name in unet_tutorial.__all__:
        assert len(re.findall(rf'<dt class="sig[^>]*id="unet_tutorial\.\w+\.{name}"', text)) == 1
    page.goto(f"{address}/api/unet.html")
    page.locator("dt[id='unet_tutorial.unet.UNet'] a:has(.viewcode-link)").click()
    page.wait_for_url(f"**/{SOURCE}.html#UNet")
    assert "class UNet(nn.Module):" in page.locator("#UNet").inner_text()


def test_axe_finds_nothing(page, address):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.set_viewport_size(LAPTOP)
    for name in ("index", "notebooks/05_transposed_convolution", "api/data", SOURCE):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.goto(f"{address}/{name}.html")
            page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
            found = axe.run(page, options={"preload": False})
            assert found.violations_count == 0, f"{name}, {theme}: {found.generate_report()}"


def test_an_excerpt_in_the_search_is_prose(page, address):
    page.goto(f"{address}/search.html?q=convolution")
    page.locator("#search-results .context").nth(3).wait_for()
    excerpts = page.locator("#search-results .context").all_inner_texts()
    assert [text for text in excerpts if "import " in text or "open the notebook" in text] == []


def test_search_finds_a_chapter(page, address):
    page.goto(f"{address}/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("checkerboard")
    hint = page.locator("#pst-search-dialog .search-button__kbd-shortcut")
    assert "Enter" in hint.evaluate("el => getComputedStyle(el, '::after').content")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=checkerboard")
    page.locator("#search-results li a").first.wait_for()
    assert "05 · Transposed convolution" in page.locator("#search-results").inner_text()


def test_what_the_search_finds_are_sections(page, address):
    page.goto(f"{address}/search.html?q=receptive+field")
    result = page.locator("#search-results li", has_text="03 · DoubleConv")
    result.locator(".context").wait_for()
    link = result.locator("a")
    assert " > " in link.inner_text()
    heading = link.inner_text().partition(" > ")[2]
    link.click()
    page.wait_for_url("**/03_double_conv.html#*")
    section = page.locator("section:target")
    assert section.locator("h2, h3").first.inner_text().startswith(heading)
    assert "receptive field" in section.inner_text()


def test_a_link_leads_to_its_heading(page, address):
    page.goto(f"{address}/notebooks/00_start_here.html")
    page.locator("article").get_by_role("link", name="Train and eval", exact=True).click()
    page.wait_for_url("**/90_warm_up.html#train-and-eval")
    assert page.locator("section:target > h2").inner_text().startswith("Train and eval")


@pytest.mark.parametrize(
    ("tag", "noticed"),
    [
        ("<script src='https://cdn.example.org/x.js'></script>", "outside"),
        ("<script>fetch('https://example.org/x').catch(() => 1)</script>", "outside"),
        ("<link rel=stylesheet href='https://fonts.example.org/x.css'>", "outside"),
        ("<script>throw new Error('broken')</script>", "errors"),
        ("<img src=none.png>", "errors"),
    ],
)
def test_a_page_that_asks_outside_or_fails_is_noticed(new_page, serve, tmp_path, tag, noticed):
    (tmp_path / "index.html").write_text(f"<link rel=icon href=data:,><h1>x</h1>{tag}")
    page, watcher = new_page()
    page.goto(serve(tmp_path), wait_until="networkidle")
    assert getattr(watcher, noticed) != []
