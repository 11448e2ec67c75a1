"""Rules for guesses: each is answered, and nothing above a guess gives its answer away."""

import ast
import re

from unet_tutorial.teaching.results import read_meanings

# A heading, an objective, a figure's title, an alt text or a comment above these guesses contains
# the answer's number for another reason. {name of the guess: reason}
EXCEPTIONS: dict[str, str] = {
    "places in a row of eight pixels": "the kernel of the whole chapter is 3×3",
    "width of the sheet": "9 stamps of a letter, and a kernel with the numbers 1 to 9",
    "width with padding 1": "7 is an entry of the animation's kernel",
    "kernel that doubles at padding 1": "examples of 4 pixels",
    "step up that fails at 100 by 100": "comments count the levels from 0 to 4",
}
_TITLES = {"title", "titles"}
_PICTURE = re.compile(r"!\[([^\]]*)\]|\balt=\"([^\"]*)\"|\btitle=\"([^\"]*)\"")


def find_guesses(notebook):
    """Find (position of the cell, variable) of every guess that a reader is asked for."""
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.id.startswith("guess-"):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.Assign):
                    yield position, node.targets[0].id


def find_comparisons(notebook):
    """Find (cell, variable, name) of each compare_guess; {} in a name stands for a value."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "compare_guess(" in cell.source:
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "compare_guess":
                    guess, _, name = node.args
                    names = [each.id for each in ast.walk(guess) if isinstance(each, ast.Name)]
                    yield cell, names[0], _read_name(name)


def _read_name(node):
    if isinstance(node, ast.Constant):
        return node.value
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def read_answers(cell, name):
    """Read the answers that a cell printed under a name: [("sum at place 2", "203"), ...]."""
    pattern = "[^\n]+?".join(map(re.escape, name.split("{}")))
    printed = "".join(output.get("text", "") for output in cell.outputs)
    return re.findall(rf"^({pattern})(?:: | ≈ )(.+)$", printed, re.MULTILINE)


def guesses_are_answered(notebook, path):
    """Each guess is compared in a later cell, which prints the answer; names are known once."""
    compared = list(find_comparisons(notebook))
    for position, variable in find_guesses(notebook):
        later = {id(cell) for cell in notebook.cells[position + 1 :]}
        if not any(id(cell) in later for cell, used, _ in compared if used == variable):
            yield f"{variable} is never compared with its result: use compare_guess"
    names = [name for _, _, name in compared]
    yield from (f"two guesses are named {name!r}" for name in set(names) if names.count(name) > 1)
    for cell, variable, name in compared:
        if not read_answers(cell, name):
            yield f"{cell.id} doesn't print the answer to {variable}"


def guesses_are_open(notebook, path):
    """Nothing above a guess contains its answer, where that's a number or several."""
    cells = {variable: position for position, variable in find_guesses(notebook)}
    for cell, variable, name in find_comparisons(notebook):
        for shown, answer in read_answers(cell, name):
            place = cells.get(variable, 0)
            found = list(_find_answer(answer, notebook.cells[: place + 1]))
            if found and name not in EXCEPTIONS:
                yield f"{shown} is {answer}, and above the guess: {found[0]}"
            if not found and name in EXCEPTIONS and "{}" not in name:
                yield f"{name} doesn't need its exception"


def _find_answer(answer, cells):
    """Yield the texts above a guess that contain its answer as a separate number."""
    numbers = re.findall(r"-?\d[\d,]*(?:\.\d+)?", answer.replace(", ", " ; "))
    if not numbers or re.search(r"[a-z]{3}", answer):
        return
    digits = [re.escape(number.replace(",", "")) for number in numbers]
    pattern = re.compile(r"(?<![\w.,/])" + r"\s*(?:,|×|x|by)\s*".join(digits) + r"(?![\w/]|[.,]\d)")
    for text in find_revealing_texts(cells):
        plain = re.sub(r"(?<=\d),(?=\d{3})", "", re.sub(r"\]\([^)]*\)|`[^`]*`", " ", text))
        if pattern.search(plain):
            yield text


def find_revealing_texts(cells):
    """Yield the headings, objectives, figures' titles, alt texts and comments of some cells."""
    for cell in cells:
        if cell.cell_type == "markdown":
            yield from re.findall(r"^#+ (.*)", cell.source, re.MULTILINE)
            yield from ("".join(found) for found in _PICTURE.findall(cell.source))
            if cell.id == "title":
                yield from re.findall(r"^- (.*)", cell.source, re.MULTILINE)
        else:
            yield from re.findall(r"# (.*)", cell.source)
            yield from _find_titles(cell)
            for output in cell.outputs:
                page = output.get("data", {}).get("text/html", "")
                yield from ("".join(found) for found in _PICTURE.findall(page[:3000]))


def _find_titles(cell):
    for node in ast.walk(ast.parse(re.sub("(?m)^[%!].*", "", cell.source))):
        if isinstance(node, ast.keyword) and node.arg in _TITLES:
            for each in ast.walk(node.value):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value


def find_unused_meanings(notebooks):
    """Find the names in guess_meanings/ that no chapter asks for."""
    used = {name for notebook in notebooks for _, _, name in find_comparisons(notebook)}
    fields = {re.sub(r"\\{\\}", ".+", re.escape(name)) for name in used}
    for name, texts in read_meanings().items():
        if not any(re.fullmatch(field, name) for field in fields):
            yield f"no guess is named {name!r}"
        if not all(isinstance(text, str) for text in texts.values()):
            yield f'{name}: write 0.5 as "0.5", since TOML takes its point for a table'
