"""Small chapters, their source notebooks on disk, and a learner's changes to a copy."""

import copy
import json

from unet_tutorial.classroom.workspace import merge
from unet_tutorial.classroom.workspace.record import encode_notebook, read_notebook
from unet_tutorial.teaching import chapters


def markdown(name, source):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def code(name, source, **metadata):
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": name,
        "metadata": metadata,
        "outputs": [stream_output("from the author's run")],
        "source": source,
    }


def stream_output(text):
    return {"name": "stdout", "output_type": "stream", "text": [f"{text}\n"]}


def exercise(number, task="Say it.", stub="answer = ...", region="answer = 42"):
    """The three cells of an exercise."""
    name = number.replace(".", "-")
    marked = f"{stub}\n### BEGIN SOLUTION\n{region}\n### END SOLUTION"
    check = "print(answer)\n### BEGIN HIDDEN TESTS\nassert answer\n### END HIDDEN TESTS"
    return [
        markdown(f"exercise-{name}", f"### {number} · Title\n\n{task}"),
        code(f"solution-{name}", marked, **nbgrader_metadata(f"solution-{name}", solution=True)),
        code(f"check-{name}", check, **nbgrader_metadata(f"check-{name}", grade=True, points=1)),
    ]


def nbgrader_metadata(name, **more):
    about = {"grade_id": name, "solution": False, "grade": False, "locked": False, **more}
    return {"nbgrader": about, "jupyter": {"source_hidden": True}}


def chapter(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def usual_cells():
    return [
        markdown("title", "# 02 · A chapter\n\n![A picture](../figures/a.svg)"),
        code("setup", "import math"),
        code("guess", "my_guess = None"),
        markdown("exercises", "## Exercises"),
        *exercise("2.1"),
        *exercise("2.2"),
        markdown("built", "## What you built"),
        markdown("next", "[Chapter 04](04_down.ipynb#Down) is next."),
    ]


def write_sources(folder, chapters=None, **pictures):
    """Write notebooks/ and figures/ into a folder; return notebooks/."""
    if chapters is None:
        chapters = {"02_convolution.ipynb": chapter(*usual_cells())}
        chapters["04_down.ipynb"] = chapter(markdown("title", "# 04 · Down"))
    for name in ("notebooks", "figures"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, notebook in chapters.items():
        (folder / "notebooks" / name).write_text(json.dumps(notebook), encoding="utf-8")
    for name, content in ({"a": "<svg/>"} | pictures).items():
        (folder / "figures" / f"{name}.svg").write_text(content)
    return folder / "notebooks"


def edition(*cells):
    return chapters.make_learner_edition(chapter(*cells))


class Copy:
    """A learner's copy of an edition, and the changes a learner can make to it."""

    def __init__(self, notebook):
        self.written = merge.fingerprints(notebook)
        self.notebook = copy.deepcopy(notebook)

    def cell(self, name):
        return next(cell for cell in self.notebook["cells"] if cell.get("id") == name)

    def change(self, name, source):
        self.cell(name)["source"] = source
        return self

    def add(self, after, cell):
        cells = self.notebook["cells"]
        place = cells.index(self.cell(after)) + 1 if after else 0
        cells.insert(place, cell)
        return self

    def delete(self, name):
        self.notebook["cells"].remove(self.cell(name))
        return self

    def merge(self, new):
        return merge.merge(self.written, self.notebook, new)


class CopyOnDisk(Copy):
    """A learner's copy in a file."""

    def __init__(self, path):
        self.path = path
        super().__init__(read_notebook(path))

    def save(self):
        self.path.write_bytes(encode_notebook(self.notebook))
        return self

    def sources(self):
        return sources(read_notebook(self.path))


def sources(notebook):
    """{cell id: source}, in order."""
    return {cell["id"]: chapters.cell_source(cell) for cell in notebook["cells"]}
