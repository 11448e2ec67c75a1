"""The page's server: who may ask it, what it saves, and how the command ends."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from small_course import WORDS
from words_course import QUESTION

from unet_tutorial.classroom.words import command

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning", "ignore:.*utcnow:DeprecationWarning"
)


def ask(server, path: str, method: str = "GET", token: str | None = None, **headers) -> tuple:
    """Send a request as any program can; return the status, the headers and the body."""
    body = headers.pop("body", None)
    if token is not None:
        headers["X-Token"] = token
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    found = reply.status, dict(reply.getheaders()), reply.read().decode()
    connection.close()
    return found


def enter(server, student: str, points: str, comment: str = "", **changed) -> tuple:
    """Enter points for a student's answer, as the page does; `changed` changes what is sent."""
    _, _, text = ask(server, "/answers", token=server.token)
    (question,) = json.loads(text)["questions"]
    (digest,) = [
        each["digest"]
        for each in question["answers"]
        if student in [who["id"] for who in each["students"]]
    ]
    entry = {"question": QUESTION, "digest": digest, "points": points, "comment": comment}
    return ask(server, "/enter", "POST", server.token, body=json.dumps(entry | changed))


def read(course) -> dict:
    return {row.student: (row.points, row.comment) for row in course.open_table().read_rows()}


def test_the_page_and_its_data_need_the_token(serve):
    server = serve()
    assert ask(server, f"/?token={server.token}")[0] == 200
    assert ask(server, "/answers", token=server.token)[0] == 200
    assert f"token={server.token}" in server.address


@pytest.mark.parametrize("path", ["/", "/answers", "/enter", "/other", "/../page.html"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_token_there_is_nothing(serve, path, method):
    server = serve()
    assert ask(server, path, method, body="{}")[0] == 403
    for token in ("", "x", "é", "*", server.token[:-1], f"{server.token}x", server.token.lower()):
        assert ask(server, path, method, token.encode(), body="{}")[0] == 403
        status, _, body = ask(server, f"{path}?token={quote(token)}", method)
        assert (status, "copies" in body) == (403, False)


@pytest.mark.parametrize(
    "host", ["evil.org", "evil.org:{port}", "127.0.0.1", "localhost:1", "", "[::1]:{port}"]
)
def test_another_host_is_refused(serve, host):
    server = serve()
    host = host.format(port=server.server_port)
    for path in (f"/?token={server.token}", "/answers"):
        assert ask(server, path, token=server.token, Host=host)[0] == 403
    assert (
        ask(server, "/answers", token=server.token, Host=f"localhost:{server.server_port}")[0]
        == 200
    )


@pytest.mark.parametrize(
    "origin", ["http://evil.org", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
def test_another_origin_is_refused(serve, course, origin):
    server = serve()
    origin = origin.format(port=server.server_port)
    assert ask(server, "/enter", "POST", server.token, body="{}", Origin=origin)[0] == 403


def test_it_listens_on_this_computer_alone(serve):
    server = serve()
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert server.socket.family == socket.AF_INET


def test_the_page_loads_nothing_and_says_so(serve):
    server = serve()
    _, headers, page = ask(server, f"/?token={server.token}")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", policy))
    assert set(re.findall(r'nonce="(.*?)"', page)) == {nonce}
    assert nonce not in ask(server, f"/?token={server.token}")[2]
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!data:)|https?://|@import|url\(", page)
    assert headers["Referrer-Policy"] == "no-referrer"  # links don't give the token away
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert server.token not in page


def test_an_entry_is_saved_at_once(serve, course):
    server = serve()
    assert enter(server, "ada", "1.5", " Which letters?\n")[0] == 200
    assert read(course)["ada"] == read(course)["bob"] == (1.5, "Which letters?")
    assert enter(server, "ada", "")[0] == 200
    assert read(course)["ada"] == (None, "")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"points": "5"}, "'5' isn't a number from 0 to 4"),
        ({"points": "many"}, "'many' isn't a number"),
        ({"digest": 1}, "isn't an entry"),
        ({"digest": "0" * 16}, "no such answer"),
        ({"question": "explain-4"}, "no question 'explain-4'"),
    ],
)
def test_what_cant_be_entered_is_refused_with_the_reason(serve, course, changed, reason):
    server = serve()
    before = read(course)
    status, _, text = enter(server, "ada", **{"points": "1"} | changed)
    assert (status, reason in text) == (400, True)
    assert read(course) == before


@pytest.mark.parametrize("body", ["", "{", "[]", "1", '"a"', "{}"])
def test_what_isnt_an_entry_is_refused(serve, body):
    server = serve()
    assert ask(server, "/enter", "POST", server.token, body=body)[0] == 400


def test_other_requests_are_refused(serve):
    server = serve()
    assert ask(server, "/page.html", token=server.token)[0] == 404
    assert ask(server, "/other", "POST", server.token, body="{}")[0] == 404
    for length in ("x", "-1", str(2**30)):
        headers = {"Content-Length": length}
        assert ask(server, "/enter", "POST", server.token, **headers)[0] == 413


def test_what_a_spreadsheet_saved_meanwhile_stays(serve, course):
    server = serve()
    text = course.csv.read_text(encoding="utf-8-sig")
    assert enter(server, "cem", "1")[0] == 200
    line = next(each for each in text.splitlines() if f"{QUESTION},fay" in each)
    text = course.csv.read_text(encoding="utf-8-sig")
    course.csv.write_text(text.replace(line, line.replace(",,4,", ",3,4,")), encoding="utf-8-sig")
    assert enter(server, "ada", "2")[0] == 200
    found = read(course)
    assert (found["ada"][0], found["cem"][0], found["fay"][0]) == (2, 1, 3)


def test_a_table_that_became_unreadable_is_left_alone(serve, course):
    server = serve()
    enter(server, "cem", "1")
    text = course.csv.read_text(encoding="utf-8-sig").replace(",1,4,", ",one,4,")
    course.csv.write_text(text, encoding="utf-8-sig")
    _, _, shown = ask(server, "/answers", token=server.token)
    assert "column points, cem: 'one'" in shown
    entry = {"question": QUESTION, "digest": "a", "points": "2", "comment": ""}
    status, _, text = ask(server, "/enter", "POST", server.token, body=json.dumps(entry))
    assert (status, "column points, cem: 'one'" in text) == (400, True)
    assert ",one,4," in course.csv.read_text(encoding="utf-8-sig")


def test_a_file_that_is_open_elsewhere_is_named(serve, monkeypatch):
    server = serve()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    status, _, text = enter(server, "cem", "1")
    assert (status, "open in another program" in text) == (500, True)


def test_many_entries_at_a_time_are_all_saved(serve, course):
    for number in range(12):
        course.hand_in(f"s{number:02}", f"Answer {number}.")
    server = serve()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda n: enter(server, f"s{n:02}", str(n / 4)), range(12)))
    assert [status for status, *_ in replies] == [200] * 12
    found = read(course)
    assert [found[f"s{n:02}"][0] for n in range(12)] == [n / 4 for n in range(12)]


# ---- the command

RUN = """
import argparse, sys
from unet_tutorial.classroom.words.command import add_words
parser = argparse.ArgumentParser()
add_words(parser.add_subparsers())
chosen = parser.parse_args(sys.argv[1:])
sys.exit(chosen.run(chosen))
"""


class Running:
    """The command, and its server as the tests above have it."""

    def __init__(self, course) -> None:
        arguments = ["words", str(course.root), WORDS, "--no-browser"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = []
        while not self.said or "Ctrl-C" not in self.said[-1]:
            self.said.append(self.process.stdout.readline())
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", "".join(self.said))
        self.server_port, self.token = int(found[1]), found[2]


@pytest.mark.skipif(os.name == "nt", reason="Windows can't send Ctrl-C to one process")
def test_the_command_ends_with_ctrl_c_and_says_what_comes_next(course):
    running = Running(course)
    try:
        assert (
            f"{QUESTION}: 5 answers, 4 of them different. 1 students left it blank"
            in running.said[0]
        )
        assert str(course.csv) in "".join(running.said)
        assert enter(running, "ada", "2", "Good.")[0] == 200
    finally:
        running.process.send_signal(signal.SIGINT)
        rest, _ = running.process.communicate(timeout=30)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert running.token not in rest
    assert "2 of 5 answers have points" in rest
    assert f"unet-tutorial grade {course.root}" in rest
    assert f"unet-tutorial give-back {course.root} {WORDS}" in rest
    assert read(course)["bob"] == (2, "Good.")


def run(capsys, *arguments) -> tuple:
    parser = argparse.ArgumentParser()
    command.add_words(parser.add_subparsers())
    chosen = parser.parse_args(["words", *map(str, arguments)])
    status = chosen.run(chosen)
    return status, capsys.readouterr()


def test_a_missing_assignment_and_an_unreadable_table_are_errors(course, capsys):
    status, said = run(capsys, course.root, "09_no")
    assert status == 1
    assert "has no assignment 09_no. It has 02_numbers, 03_words." in said.err
    course.csv.parent.mkdir()
    course.csv.write_text("a,b\n1,2\n")
    status, said = run(capsys, course.root, WORDS)
    assert status == 1
    assert "row 1: there is no column question" in said.err


def test_nothing_to_grade_is_said(course, capsys):
    for folder in (course.root / "submitted").iterdir():
        course.hand_in(folder.name, "YOUR ANSWER HERE")
        if folder.name == "fay":
            course.hand_in("fay", "")
    status, said = run(capsys, course.root, WORDS)
    assert status == 0
    assert said.out.startswith(f"There is nothing to grade: nobody has answered {QUESTION}.")
    assert f"unet-tutorial collect {course.root} {WORDS}" in said.out


def test_the_browser_is_opened_unless_it_shouldnt_be(course, capsys, monkeypatch):
    opened = []

    def stop(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("unet_tutorial.classroom.words.server.PageServer.serve_forever", stop)
    assert run(capsys, course.root, WORDS, "--no-browser")[0] == 0
    assert opened == []
    assert run(capsys, course.root, WORDS)[0] == 0
    assert opened[0].startswith("http://127.0.0.1:")
