"""nbgrader's configuration of a course: its nbgrader_config.py and the settings for grading.

Plugins are given as import paths, since nbgrader imports them only when they run.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import fields
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from unet_tutorial.classroom.limits import Limits
from unet_tutorial.teaching import chapters

CONFIG = "nbgrader_config.py"
_COLLECT = "unet_tutorial.classroom.collect"
_PIPELINE = "unet_tutorial.classroom.grading.pipeline"
_FEEDBACK = [
    f"{_PIPELINE}.step8_feedback.HideHiddenTests",
    f"{_PIPELINE}.step7_total.UpdateTotal",
    "nbgrader.preprocessors.GetGrades",
]
_CONFIG_TEMPLATE = '''\
"""The configuration of this course; every nbgrader command run here reads it."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}
c.Course.time_zone = {time_zone!r}  # of times that don't say which

from unet_tutorial.classroom.nbgrader_config import configure

configure(c)

# Limits for each submission; to change one, uncomment its line:
# c.Grading.timeout = 30            # seconds of processor time per cell
# c.Grading.notebook_timeout = 300  # the same, for all cells together that aren't graded
# c.Grading.clock_factor = 5        # what only waits is stopped after so many times as long
# c.Grading.memory = 4.0            # gigabytes
# c.Grading.output = 2_000_000      # characters per cell
# c.Grading.skip_unchanged = True   # don't run unchanged teaching cells that nothing needs
'''


def format_config(course_id: str, time_zone: str = "UTC") -> str:
    """Format the text of a course's nbgrader_config.py."""
    return _CONFIG_TEMPLATE.format(course_id=course_id, time_zone=time_zone)


def configure(c) -> None:
    """Add the tutorial's settings to nbgrader's configuration object `c`.

    With these settings, `nbgrader generate_assignment` writes the learner's edition, feedback hides
    hidden tests, and exports have totals as they are now. `unet-tutorial grade` grades;
    `nbgrader autograde` is nbgrader's own and knows nothing of damaged work.
    """
    _add_alembic_to_path()
    c.ClearSolutions.code_stub = {"python": chapters.STUB}
    c.GenerateFeedback.preprocessors = list(_FEEDBACK)
    c.GenerateFeedback.exporter_class = "unet_tutorial.classroom.grading.feedback_page.FeedbackPage"
    c.ExportApp.plugin_class = f"{_PIPELINE}.step7_total.ExportTotals"
    c.ZipCollectApp.extractor_plugin = f"{_COLLECT}.collect.Extractor"


def _add_alembic_to_path() -> None:
    # nbgrader creates its gradebook with the program alembic, which is installed next to Python
    # but isn't on the PATH unless the environment is activated.
    if shutil.which("alembic") is None:
        scripts = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)])


def load_config(root: Path) -> Config:
    """Load a course's nbgrader configuration by running its nbgrader_config.py.

    Raises:
        FileNotFoundError: the folder isn't a course, since it has no nbgrader_config.py.
    """
    if not (root / CONFIG).is_file():
        raise FileNotFoundError(
            f"{root} isn't a course: it has no {CONFIG}. "
            "Give a folder that `unet-tutorial course` made, or make a course with it first."
        )
    config = PyFileConfigLoader(CONFIG, path=[str(root)]).load_config()
    config.CourseDirectory.root = str(root)
    return config


def read_limits(config: Config) -> Limits:
    """Read a course's limits; before version 0.3, they were called `c.ExecuteToTheEnd`.

    Raises:
        ValueError: there is no limit of that name.
    """
    chosen = dict(config.ExecuteToTheEnd) | dict(config.Grading)
    if unknown := set(chosen) - {each.name for each in fields(Limits)}:
        raise ValueError(f"{CONFIG}: there is no limit {', '.join(sorted(unknown))}.")
    return Limits(**chosen)


def open_course(config: Config) -> NbGraderAPI:
    """Open nbgrader's Python interface to a course."""
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
