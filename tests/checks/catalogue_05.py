"""Right and wrong answers to the exercises of chapter 05."""

ANSWERS = {}
