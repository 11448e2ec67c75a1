"""How custom.css makes a chapter look in JupyterLab, as `unet-tutorial lab` opens it."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

pytestmark = pytest.mark.browser

TASK = '<div class="unet-exercise">\n\n### 5.4 · A task\n\nDo it.\n\n</div>'
CHECK = """from IPython.display import HTML, display
display(HTML("<p class=unet-check data-verdict={}>some card"))
1 / 0"""
GO_ON = {"tags": ["raises-exception"]}
FOLD = "<details>\n<summary>Once you've tried it</summary>\n\nThe answer.\n\n</details>"
LONG = "Twelve nuclei cross the edge of the strip and are counted twice. " * 9
COMMENT = "# your prediction"
WIDE = {"width": 1920, "height": 1000}

IS_IN_BAND = "cell => parseFloat(getComputedStyle(cell).borderLeftWidth) >= 4"
FIRST_LINE = """paragraph => {
    const [text, range] = [paragraph.firstChild, document.createRange()];
    let end = 0;
    range.setStart(text, 0);
    do range.setEnd(text, ++end); while (range.getClientRects().length === 1);
    return text.data.slice(0, end - 1);
}"""
THEME = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => 0)"
IS_LOADED = """is_dark => {
    const ground = getComputedStyle(document.body).getPropertyValue("--jp-layout-color0");
    return ground !== "" && (ground !== "white") === is_dark;
}"""
# WCAG's relative luminance of a comment and of what it's written on.
LUMINANCES = """() => {
    const code = [...document.querySelectorAll(".cm-line span")];
    const comment = code.find(one => one.textContent.startsWith("#"));
    const colors = [getComputedStyle(comment).color,
        getComputedStyle(comment.closest(".jp-InputArea-editor")).backgroundColor];
    return colors.map(color => color.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
        .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0));
}"""


def test_an_exercise_is_a_band_and_a_card_replaces_its_error(opened):
    notebook, _ = opened(
        new_markdown_cell("before"),
        new_markdown_cell(TASK),
        new_code_cell("answer = ..."),
        new_code_cell(CHECK.format("not-yet"), id="check", metadata=GO_ON),
        new_markdown_cell("after"),
        new_code_cell(CHECK.format("right"), id="own-mistake"),
    )
    cells = notebook.page.locator(".jp-Notebook .jp-Cell").all()
    marked = [cell.evaluate(IS_IN_BAND) for cell in cells]
    assert marked == [False, True, True, True, False, False]
    notebook.run_all()
    for name, is_shown in {"check": False, "own-mistake": True}.items():
        card, error = notebook.output(name).locator(".jp-OutputArea-child").all()
        assert card.is_visible()
        assert "ZeroDivisionError" in error.text_content()
        assert error.is_visible() is is_shown
    notebook.page.evaluate("() => jupyterapp.commands.execute('toc:show-panel').then(() => 0)")
    notebook.page.locator(".jp-tocItem-content", has_text="5.4 · A task").wait_for()


def test_prose_comments_and_folds_are_easy_to_read(opened):
    notebook, _ = opened(*map(new_markdown_cell, (LONG, FOLD)), new_code_cell(COMMENT))
    page = notebook.page
    page.set_viewport_size(WIDE)
    assert 60 < len(page.locator(".jp-MarkdownOutput p").first.evaluate(FIRST_LINE)) < 80
    for theme, is_dark in {"JupyterLab Dark": True, "JupyterLab Light": False}.items():
        page.evaluate(THEME, theme)
        page.wait_for_function(IS_LOADED, arg=is_dark)
        dark, bright = sorted(page.evaluate(LUMINANCES))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5
    assert page.locator("summary").bounding_box()["height"] >= 24
    answer = page.locator("details p")
    assert not answer.is_visible()
    page.emulate_media(media="print")
    assert answer.evaluate("one => one.checkVisibility({contentVisibilityAuto: true})")
