"""Right and wrong answers to the exercises of chapter 04."""

ANSWERS = {}
