"""What nbgrader is told about a course: its nbgrader_config.py, and all that grading needs.

Classes are named by their import paths: nbgrader imports them where they run.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from unet_tutorial.teaching import chapters

CONFIG = "nbgrader_config.py"
COLLECT = "unet_tutorial.classroom.collect"
PIPELINE = "unet_tutorial.classroom.grading.pipeline"
SANITIZE = [
    f"{PIPELINE}.step1_repair.MendCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
AUTOGRADE = [
    f"{PIPELINE}.step2_run.ExecuteToTheEnd",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    f"{PIPELINE}.step3_comments.SaveReasons",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
FEEDBACK = [
    f"{PIPELINE}.step4_feedback.HideHiddenTests",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
CONFIG_TEXT = '''"""The configuration of this course; every nbgrader command run here reads it."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}

from unet_tutorial.classroom.nbgrader_config import configure

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
    c.ClearSolutions.code_stub = {"python": chapters.STUB}
    c.Autograde.exporter_class = f"{COLLECT}.read_notebook.ForgivingExporter"
    c.Autograde.pre_convert_hook = f"{COLLECT}.renamed_files.adopt_renamed"
    c.Autograde.sanitize_preprocessors = list(SANITIZE)
    c.Autograde.autograde_preprocessors = list(AUTOGRADE)
    c.GenerateFeedback.preprocessors = list(FEEDBACK)
    c.ZipCollectApp.extractor_plugin = f"{COLLECT}.lms.Extractor"
    c.ZipCollectApp.collector_plugin = f"{COLLECT}.lms.Collector"


def find_alembic() -> None:
    """Let nbgrader find alembic, which makes its gradebook, where no environment is active."""
    if shutil.which("alembic") is None:
        beside = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", os.defpath)])


def load_config(root: Path, copy: Path | None = None) -> Config:
    """Return a course's nbgrader configuration; it is a Python file and is run.

    `copy` is a folder whose configuration file is taken in the place of the course's. Errors:
    FileNotFoundError where the folder is no course.
    """
    if not ((copy or root) / CONFIG).is_file():
        raise FileNotFoundError(
            f"{root} is no course: it has no {CONFIG}. "
            "Give the folder that `unet-tutorial course` made, or make one with it."
        )
    places = [str(place) for place in (copy, root) if place]
    config = PyFileConfigLoader(CONFIG, path=places).load_config()
    config.CourseDirectory.root = str(root)
    return config


def open_course(config: Config) -> NbGraderAPI:
    """Return nbgrader's interface to a course."""
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
