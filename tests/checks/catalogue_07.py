"""Right and wrong answers to the exercises of chapter 07."""

ANSWERS = {}
