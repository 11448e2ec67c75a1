"""Right and wrong answers to the exercises of chapter 06."""

ANSWERS = {}
