"""Right and wrong answers to the exercises of chapter 01."""

ANSWERS = {}
