"""Right and wrong answers to the exercises of chapter 10."""

ANSWERS = {}
