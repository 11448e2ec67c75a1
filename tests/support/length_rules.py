"""Rules for how much there is to read: a chapter isn't too long, and its minutes are true."""

import re

WORDS, MOST_WORDS = 700, 2200  # outside the exercises
WORDS_A_MINUTE, LINES_A_MINUTE = 150, 8
_MINUTES = re.compile(r"(?m)^(\d+) minutes(?:, and about (\d+) for the exercises)? · builds on .*$")
_EXERCISE_MINUTES = re.compile(r"importance · (\d+) minutes")
_EXERCISE_CELL = re.compile(r"(exercise|given|solution|check)-\d+-\d+")
_WORD = re.compile(r"\b[\w'’-]+\b")
_NO_WORDS = re.compile(r"\$[^$]*\$|`[^`]*`|<[^>]*>|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)")


def count_words_and_lines(notebook):
    """Count the words of prose and the lines of code outside the exercises."""
    words = lines = 0
    for cell in notebook.cells:
        if _EXERCISE_CELL.fullmatch(cell.id):
            continue
        if cell.cell_type == "markdown":
            words += len(_WORD.findall(_NO_WORDS.sub("x ", cell.source)))
        else:
            lines += sum(1 for line in cell.source.splitlines() if line.strip())
    return words, lines


def number_of_words(notebook, path):
    words, _ = count_words_and_lines(notebook)
    least = 0 if re.match("00|90", path.name) else WORDS
    if not least <= words <= MOST_WORDS:
        yield f"{words} words of prose; {least} to {MOST_WORDS} are allowed"


def minutes_are_true(notebook, path):
    """The title cell gives the minutes, for reading in steps of 5 and for the exercises."""
    stated = _MINUTES.search(notebook.cells[0].source)
    if not stated:
        yield "the title cell has no line '35 minutes, and about 45 for the exercises · builds on'"
        return
    words, lines = count_words_and_lines(notebook)
    needed = words / WORDS_A_MINUTE + lines / LINES_A_MINUTE
    if abs(needed - int(stated[1])) > 3.5 or int(stated[1]) % 5:
        yield f"the title says {stated[1]} minutes, but reading takes {needed:.1f}"
    tasks = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    exercises = sum(map(int, _EXERCISE_MINUTES.findall(tasks)))
    if exercises != int(stated[2] or 0):
        yield f"the title says {stated[2]} minutes for the exercises, but they say {exercises}"
