"""Step 8: hide the hidden tests in the feedback that students get."""

from __future__ import annotations

import re

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from traitlets import Bool

from unet_tutorial.classroom.grading.pipeline.step5_judge import COLOURS, read_text
from unet_tutorial.teaching.chapters import HIDDEN, strip_regions
from unet_tutorial.teaching.checks.message import (
    format_field,
    is_passed,
    is_refused,
    parse_refusal,
)

_TRACE_LINE = re.compile(r"^(?P<arrow>-+>)?\s*\d*\s*(?P<line>.*?)\s*$")  # such as "---> 3 line"
_HIDDEN_TESTS_NOTE = "# Hidden tests ran here."
_HIDDEN_TEST_FAILED = "A hidden test failed: your answer doesn't work for every input yet."


class HideHiddenTests(Preprocessor):
    """Removes hidden tests from a graded notebook, and from the errors that they caused."""

    enabled = Bool(True).tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Replace a cell's hidden tests by a note."""
        if cell.cell_type == "code" and HIDDEN[0] in cell.source:
            shown_source = strip_regions(cell.source, HIDDEN, _HIDDEN_TESTS_NOTE)
            hidden = _strip_lines(cell.source) - _strip_lines(shown_source)
            lines = "\n".join(map(read_text, cell.outputs)).split("\n")
            visible_passed = any(map(is_passed, lines))
            for output in cell.outputs:
                if output.output_type == "error" and _redact_error(output, hidden, visible_passed):
                    # A card isn't shown while grading, unless the submission hides that it is.
                    shown = [each for each in cell.outputs if not is_refused(read_text(each))]
                    cell.outputs = shown
            cell.source = shown_source
        return cell, resources


def _strip_lines(source: str) -> set[str]:
    """Return the lines of a source without indentation."""
    return {line.strip() for line in source.split("\n")} - {""}


def _redact_error(output: NotebookNode, hidden: set[str], visible_passed: bool) -> bool:
    """Remove hidden lines from an error; if a hidden test failed, keep nothing but its hint.

    Returns whether a hidden test failed.
    """
    trace = COLOURS.sub("", "\n".join(output.traceback)).split("\n")
    found = [_TRACE_LINE.match(line) for line in trace]
    if visible_passed or any(line["arrow"] and line["line"] in hidden for line in found):
        hint = parse_refusal(COLOURS.sub("", output.evalue)).hint
        text = f"\n{format_field('hint', hint)}" if hint else ""
        output.traceback = [_HIDDEN_TEST_FAILED + text]
        output.evalue = _HIDDEN_TEST_FAILED
        return True
    if any(line["line"] in hidden for line in found):
        kept = [line.string for line in found if line["line"] not in hidden]
        output.traceback = ["\n".join(kept)]
    return False
