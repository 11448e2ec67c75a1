"""Right and wrong answers to the exercises of chapter 08."""

ANSWERS = {}
