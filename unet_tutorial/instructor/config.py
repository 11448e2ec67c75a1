"""What nbgrader is told about a course: its nbgrader_config.py, and all that grading needs.

Classes are named by their import paths, so that nbgrader is imported only where it runs.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from unet_tutorial import editions

CONFIG = "nbgrader_config.py"
HERE = "unet_tutorial.instructor"
SANITIZE = [
    f"{HERE}.mending.MendCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
AUTOGRADE = [
    f"{HERE}.execution.ExecuteToTheEnd",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    f"{HERE}.reasons.SaveReasons",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
FEEDBACK = [
    f"{HERE}.feedback.HideHiddenTests",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
CONFIG_TEXT = '''"""The configuration of this course; every nbgrader command run here reads it."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}

from unet_tutorial.instructor.config import configure

configure(c)

# Limits of one submission, to be changed here:
# c.ExecuteToTheEnd.timeout = 30            # seconds a cell
# c.ExecuteToTheEnd.notebook_timeout = 300  # seconds a notebook
# c.ExecuteToTheEnd.memory = 4.0            # gigabytes
# c.ExecuteToTheEnd.output = 2_000_000      # characters a cell
# c.ExecuteToTheEnd.skip_unchanged = True   # leave out teaching cells that nobody touched
'''


def config_text(course_id: str) -> str:
    """Return the text of a course's nbgrader_config.py."""
    return CONFIG_TEXT.format(course_id=course_id)


def configure(c) -> None:
    """Set what grading needs on nbgrader's configuration object `c`.

    With it, `nbgrader generate_assignment` writes the learner's edition, and `nbgrader autograde`
    mends broken submissions, keeps the points of whatever works, and records why others were lost.
    """
    find_alembic()
    c.ClearSolutions.code_stub = {"python": editions.STUB}
    c.Autograde.exporter_class = f"{HERE}.reading.ForgivingExporter"
    c.Autograde.pre_convert_hook = f"{HERE}.names.adopt_renamed"
    c.Autograde.sanitize_preprocessors = list(SANITIZE)
    c.Autograde.autograde_preprocessors = list(AUTOGRADE)
    c.GenerateFeedback.preprocessors = list(FEEDBACK)
    c.ZipCollectApp.extractor_plugin = f"{HERE}.lms.Extractor"
    c.ZipCollectApp.collector_plugin = f"{HERE}.lms.Collector"


def find_alembic() -> None:
    """Let nbgrader find alembic, which makes its gradebook, where no environment is active."""
    if shutil.which("alembic") is None:
        beside = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", os.defpath)])
