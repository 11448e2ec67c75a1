"""The page on which answers in words are graded: with keys alone, and safe to open."""

import json
import re
import shutil
import threading

import pytest
from attacks import ATTACKS
from words_course import ATTACK, QUESTION, SAME, release

from unet_tutorial.classroom.words.server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
CLICK_EVERYTHING = "document.querySelectorAll('.text *').forEach(each => each.click?.())"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return release(tmp_path_factory.mktemp("words") / "course")


@pytest.fixture
def course(made, tmp_path):
    shutil.copytree(made.root, tmp_path / "course")
    return type(made)(tmp_path / "course")


@pytest.fixture
def server(course):
    with PageServer(course.open_table(), "unet-tutorial grade biology") as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def watched(new_page):
    """A page, and what was noticed in it."""
    page, watcher = new_page()
    yield page, watcher
    watcher.assert_nothing()


@pytest.fixture
def opened(server, watched):
    """The page of the course, with its first answer selected."""
    page, _ = watched
    page.goto(server.address)
    page.wait_for_selector("article.current")
    return page


def read(course) -> dict:
    return {row.student: (row.points, row.comment) for row in course.open_table().read_rows()}


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def wait_saved(page) -> None:
    """Wait until everything that was entered is saved."""
    page.evaluate("queue")


def find_students(page) -> list:
    """The students of each answer, in the order of the page."""
    return page.evaluate("question.answers.map(each => each.students.map(one => one.id))")


def test_keys_are_enough_to_grade_everything(opened, course):
    order = find_students(opened)
    for place, _ in enumerate(order):
        press(opened, str(place))
        if place == 1:
            press(opened, ".", "c")
            opened.keyboard.type("Which letters, exactly?")
            press(opened, "Shift+Enter")
            opened.keyboard.type("5 c n")
            press(opened, "Escape")
        press(opened, "ArrowDown")
    wait_saved(opened)
    found = read(course)
    for place, students in enumerate(order):
        expected = (1.5, "Which letters, exactly?\n5 c n") if place == 1 else (place, "")
        assert [found[each] for each in students] == [expected] * len(students)
    assert opened.inner_text("#progress") == "4 of 4 have points"
    assert "unet-tutorial grade biology" in opened.inner_text("#finished")
    opened.reload()
    opened.wait_for_selector("article.current")
    assert opened.input_value("article:nth-of-type(2) .points") == "1.5"
    assert opened.input_value("article:nth-of-type(2) textarea").startswith("Which letters")


def test_points_can_be_corrected(opened, course):
    shown = opened.locator("article.current .points")
    for keys, points in [
        ("2", "2"), ("3", "3"), (".", "3.5"), (".", "3"), ("1.5", "1.5"), ("4", "4"), (".", "4"),
        ("9", "4"), ("0", "0"), (",", "0.5"), ("2,0", "2"),
    ]:  # fmt: skip
        press(opened, *keys)
        assert shown.input_value() == points, keys
    wait_saved(opened)
    assert (2, "") in read(course).values()
    press(opened, "Backspace")
    wait_saved(opened)
    assert {points for points, _ in read(course).values()} == {None}
    press(opened, "7")
    assert opened.inner_text("article.current .state") == "7 is more than 4"


def test_fields_can_be_filled_without_the_keys(opened, course, watched):
    field = opened.locator("article").nth(2).get_by_label("Points")
    field.fill("0,75")
    field.press("Enter")
    opened.keyboard.type("From a field.")
    press(opened, "Enter", "ArrowUp", "3")
    wait_saved(opened)
    found = read(course)
    order = find_students(opened)
    assert found[order[2][0]] == (0.75, "From a field.")
    assert found[order[1][0]] == (3, "")
    field.fill("x")
    opened.wait_for_selector("#problem:not(:empty)")
    assert "'x' isn't a number from 0 to 4" in opened.inner_text("#problem")
    assert read(course)[order[2][0]] == (0.75, "From a field.")
    watched[1].forget()  # the browser reports the refused request


def test_one_goes_on_where_one_stopped(opened, course):
    press(opened, "1", "ArrowDown", "ArrowDown", "2")
    wait_saved(opened)
    opened.reload()
    opened.wait_for_selector("article.current")
    places = "cards.map(each => each.element).indexOf(document.activeElement)"
    assert opened.evaluate(places) == 1
    press(opened, "n")
    assert opened.evaluate(places) == 3
    press(opened, "ArrowDown", "ArrowDown")
    assert opened.evaluate(places) == 3
    press(opened, "n")
    assert opened.evaluate(places) == 1
    press(opened, "ArrowUp", "ArrowUp", "ArrowUp")
    assert opened.evaluate(places) == 0


def test_names_are_shown_if_wanted(opened):
    assert "Ada Lovelace" not in opened.inner_text("body")
    opened.get_by_label("Show names").check()
    assert "Ada Lovelace (ada), bob" in opened.inner_text("body")
    assert "the same from 2 students" in opened.inner_text("body")
    assert "1 left it blank (0 points)" in opened.inner_text("body")


def test_an_entry_stays_on_the_page_if_the_command_has_ended(opened, server, watched):
    server.shutdown()
    server.socket.close()
    press(opened, "2", "c")
    opened.keyboard.type("Not lost.")
    opened.wait_for_selector("#problem:not(:empty)")
    assert "the command has ended" in opened.inner_text("#problem")
    assert opened.input_value("article.current textarea") == "Not lost."
    press(opened, "Enter")
    watched[1].forget()  # the browser reports the refused connection


def test_several_questions_have_a_page_each(server, watched):
    page, _ = watched
    shown = {"text": "", "model": "", "blank": 0, "rubric": [], "samples": [], "beware": ""}
    answers = [{"digest": "d", "html": "one", "notes": [], "points": "", "comment": "",
                "students": [{"id": "ada", "name": ""}]}]  # fmt: skip
    data = {
        "assignment": "05_up",
        "next": "grade",
        "questions": [
            shown | {"name": name, "most": 12, "answers": json.loads(json.dumps(answers))}
            for name in ("explain-5", "explain-5-91")
        ],
    }
    page.route("**/answers", lambda route: route.fulfill(json=data))
    page.route("**/enter", lambda route: route.fulfill(json={}))
    page.goto(server.address)
    page.wait_for_selector("article.current")
    press(page, "1", "2")
    assert page.input_value(".points") == "12"
    page.get_by_role("link", name="explain-5-91").click()
    page.locator("#title", has_text="explain-5-91").wait_for()
    assert page.input_value(".points") == ""
    press(page, "3")
    page.wait_for_selector("#finished:not(:empty)")
    page.get_by_role("link", name="explain-5", exact=True).click()
    page.locator("#title", has_text=re.compile("explain-5$")).wait_for()
    assert page.input_value(".points") == "12"


# ---- what a student wrote


def count_stolen(chromium, server, *, is_raw: bool, has_policy: bool) -> int:
    """Open the page and click on everything in the answers; return how often a script ran."""
    context = chromium.new_context()
    page, stolen = context.new_page(), []
    page.expose_function("steal", lambda: stolen.append(1))

    def spoil(route):
        data = json.loads(route.fetch().text())
        for each in data["questions"][0]["answers"]:
            each["html"] = "".join(ATTACKS)
        route.fulfill(json=data)

    def drop_policy(route):
        reply = route.fetch()
        kept = {name: each for name, each in reply.headers.items() if "policy" not in name}
        route.fulfill(response=reply, headers=kept)

    if is_raw:
        page.route("**/answers", spoil)
    if not has_policy:
        page.route("**/?token=*", drop_policy)
    page.goto(server.address)
    page.wait_for_selector("article.current")
    page.evaluate(CLICK_EVERYTHING)
    page.wait_for_timeout(500)
    assert page.url == server.address
    context.close()
    return len(stolen)


def test_nothing_that_a_student_wrote_runs(chromium, server, course):
    assert ATTACK in [each.text for each in course.open_table().questions[QUESTION].answers]
    assert count_stolen(chromium, server, is_raw=False, has_policy=True) == 0
    assert count_stolen(chromium, server, is_raw=False, has_policy=False) == 0
    assert count_stolen(chromium, server, is_raw=True, has_policy=True) == 0
    assert count_stolen(chromium, server, is_raw=True, has_policy=False) > 0


# ---- how it looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_can_be_read(opened, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened.emulate_media(color_scheme=scheme)
    opened.set_viewport_size({"width": width, "height": 844})
    press(opened, "2", "ArrowDown", "c")
    opened.keyboard.type("A comment.")
    press(opened, "Escape")
    wait_saved(opened)
    ours = {"exclude": [[".text"]]}  # without what students wrote
    found = axe.run(opened, ours, options={"preload": False}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    assert SAME in opened.inner_text("#answers")
