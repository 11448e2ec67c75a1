"""Feedback to students that does not give the hidden tests away."""

from __future__ import annotations

import re

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from traitlets import Bool

from unet_tutorial.teaching.chapters import HIDDEN, without
from unet_tutorial.teaching.checks.message import format_field, is_passed, parse_refusal

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NUMBERED = re.compile(r"^(?P<arrow>-+>)?\s*\d*\s*(?P<line>.*?)\s*$")  # a traceback's "---> 3 line"
NOTE = "# Hidden tests ran here."
FAILED = "A hidden test failed: what was asked for does not work for every input yet."


class HideHiddenTests(Preprocessor):
    """Takes hidden tests out of a graded notebook, and what their failures show of them."""

    enabled = Bool(True).tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the cell with a note in the place of its hidden tests."""
        if cell.cell_type == "code" and HIDDEN[0] in cell.source:
            shown = without(cell.source, HIDDEN, NOTE)
            hidden = stripped(cell.source) - stripped(shown)
            printed = "".join(output.get("text", "") for output in cell.outputs)
            for output in cell.outputs:
                if output.output_type == "error":
                    tell_less(output, hidden, is_passed(printed))
            cell.source = shown
        return cell, resources


def stripped(source: str) -> set[str]:
    """Return the lines of a source without their indents."""
    return {line.strip() for line in source.split("\n")} - {""}


def tell_less(output: NotebookNode, hidden: set[str], visible_passed: bool) -> None:
    """Take hidden lines out of an error; of a hidden test's own failure leave the hint alone."""
    trace = COLOURS.sub("", "\n".join(output.traceback)).split("\n")
    found = [NUMBERED.match(line) for line in trace]
    if visible_passed or any(line["arrow"] and line["line"] in hidden for line in found):
        hint = parse_refusal(COLOURS.sub("", output.evalue)).hint
        output.traceback = [FAILED + (f"\n{format_field('hint', hint).rstrip()}" if hint else "")]
        output.evalue = FAILED
    elif any(line["line"] in hidden for line in found):
        kept = [line.string for line in found if line["line"] not in hidden]
        output.traceback = ["\n".join(kept)]
