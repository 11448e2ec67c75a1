"""Right and wrong answers to the exercises of chapter 03."""

ANSWERS = {}
