"""A penalty for late submissions, per day."""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float, Integer

_SECONDS_PER_DAY = 24 * 60 * 60


class LateDays(LateSubmissionPlugin):
    """Takes off a share of the score for each day that has begun, after some free days."""

    free_days = Integer(0, help="days after the due date without a penalty").tag(config=True)
    per_day = Float(0.1, help="share of the score that each later day costs").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """Return the points to take off: at 0.1 a day and 25 hours late, a fifth of the score."""
        days = math.ceil(total_seconds_late / _SECONDS_PER_DAY) - self.free_days
        return round(score * min(1.0, self.per_day * max(0, days)), 2)
