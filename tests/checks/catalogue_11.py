"""Right and wrong answers to the exercises of chapter 11."""

ANSWERS = {}
