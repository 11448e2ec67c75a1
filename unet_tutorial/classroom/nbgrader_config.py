"""nbgrader's configuration of a course: its nbgrader_config.py and the settings for grading.

Plugins are given as import paths, since nbgrader imports them only when they run.
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
_COLLECT = "unet_tutorial.classroom.collect"
_PIPELINE = "unet_tutorial.classroom.grading.pipeline"
_SANITIZE = [
    f"{_PIPELINE}.step1_repair.RepairCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
_AUTOGRADE = [
    f"{_PIPELINE}.step2_run.ExecuteToTheEnd",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    f"{_PIPELINE}.step3_comments.SaveReasons",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
_FEEDBACK = [
    f"{_PIPELINE}.step4_feedback.HideHiddenTests",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
_CONFIG_TEMPLATE = '''\
"""The configuration of this course; every nbgrader command run here reads it."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}

from unet_tutorial.classroom.nbgrader_config import configure

configure(c)

# Limits for each submission; to change one, uncomment its line:
# c.ExecuteToTheEnd.timeout = 30            # seconds per cell
# c.ExecuteToTheEnd.notebook_timeout = 300  # seconds per notebook
# c.ExecuteToTheEnd.memory = 4.0            # gigabytes
# c.ExecuteToTheEnd.output = 2_000_000      # characters per cell
# c.ExecuteToTheEnd.skip_unchanged = True   # don't run unchanged teaching cells
'''


def format_config(course_id: str) -> str:
    """Format the text of a course's nbgrader_config.py."""
    return _CONFIG_TEMPLATE.format(course_id=course_id)


def configure(c) -> None:
    """Add the tutorial's settings to nbgrader's configuration object `c`.

    With these settings, `nbgrader generate_assignment` writes the learner's edition, and `nbgrader
    autograde` repairs damaged submissions, gives points for every exercise that works, and records
    why the other points were lost.
    """
    _add_alembic_to_path()
    c.ClearSolutions.code_stub = {"python": chapters.STUB}
    c.Autograde.exporter_class = f"{_COLLECT}.read_notebook.ForgivingExporter"
    c.Autograde.pre_convert_hook = f"{_COLLECT}.renamed_files.add_renamed_notebooks"
    c.Autograde.sanitize_preprocessors = list(_SANITIZE)
    c.Autograde.autograde_preprocessors = list(_AUTOGRADE)
    c.GenerateFeedback.preprocessors = list(_FEEDBACK)
    c.ZipCollectApp.extractor_plugin = f"{_COLLECT}.lms.Extractor"
    c.ZipCollectApp.collector_plugin = f"{_COLLECT}.lms.Collector"


def _add_alembic_to_path() -> None:
    # nbgrader creates its gradebook with the program alembic, which is installed next to Python
    # but isn't on the PATH unless the environment is activated.
    if shutil.which("alembic") is None:
        scripts = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)])


def load_config(root: Path, copy: Path | None = None) -> Config:
    """Load a course's nbgrader configuration by running its nbgrader_config.py.

    Args:
        root: the course's folder.
        copy: a folder whose nbgrader_config.py is used instead of the course's own.

    Raises:
        FileNotFoundError: the folder isn't a course, since it has no nbgrader_config.py.
    """
    if not ((copy or root) / CONFIG).is_file():
        raise FileNotFoundError(
            f"{root} isn't a course: it has no {CONFIG}. "
            "Give a folder that `unet-tutorial course` made, or make a course with it first."
        )
    places = [str(place) for place in (copy, root) if place]
    config = PyFileConfigLoader(CONFIG, path=places).load_config()
    config.CourseDirectory.root = str(root)
    return config


def open_course(config: Config) -> NbGraderAPI:
    """Open nbgrader's Python interface to a course."""
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
