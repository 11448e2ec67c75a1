"""Step 7: compute totals, from the points, the times and the rules as they are now.

The penalty for late work depends on the points, which change when an instructor grades by hand. So
every command that shows totals computes them again, and writes them to the gradebook.
"""

from __future__ import annotations

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import CsvExportPlugin, LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor
from traitlets.config import Config


def update_totals(gradebook: Gradebook, config: Config) -> None:
    """Compute the penalties of every submission in a gradebook, and write them to it."""
    plugin = _make_plugin(config)
    for assignment in gradebook.assignments:
        for submission in assignment.submissions:
            update_total(submission, plugin)
    gradebook.db.commit()


def _make_plugin(config: Config) -> LateSubmissionPlugin:
    """Make the plugin that the course's configuration chose for late work."""
    return AssignLatePenalties(config=config).plugin_class(config=config)


def update_total(submission: SubmittedAssignment, plugin: LateSubmissionPlugin) -> None:
    """Compute the penalty of one submission, notebook by notebook."""
    for book in submission.notebooks:
        book.late_submission_penalty = compute_penalty(submission, book, plugin)


def compute_penalty(
    submission: SubmittedAssignment, book: SubmittedNotebook, plugin: LateSubmissionPlugin
) -> float | None:
    """Compute the points that a late notebook loses, from none to all; None if it isn't late."""
    late = submission.total_seconds_late
    if late <= 0:
        return None
    penalty = plugin.late_submission_penalty(submission.student.id, book.score, late)
    return None if penalty is None else min(max(0.0, penalty), book.score)


class ExportTotals(CsvExportPlugin):
    """Exports the grades as a CSV file, with totals as they are now."""

    def export(self, gradebook: Gradebook) -> None:
        """Compute the totals, then export."""
        update_totals(gradebook, self.parent.config)
        super().export(gradebook)


class UpdateTotal(NbGraderPreprocessor):
    """Computes a submission's total before its feedback shows it."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple:
        """Write the total to the gradebook; the notebook doesn't change."""
        request = resources["nbgrader"]
        with Gradebook(request["db_url"]) as gradebook:
            submission = gradebook.find_submission(request["assignment"], request["student"])
            update_total(submission, _make_plugin(self.parent.config))
            gradebook.db.commit()
        return nb, resources
