"""Right and wrong answers to the exercises of chapter 12."""

ANSWERS = {}
