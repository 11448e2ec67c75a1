"""Right and wrong answers to the exercises of chapter 09."""

ANSWERS = {}
