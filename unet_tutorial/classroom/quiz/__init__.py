"""Question banks for an LMS, drawn from a secret; and what the answers say about a class."""

from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind

__all__ = ["DrawAgain", "Question", "Wrong", "kind"]
