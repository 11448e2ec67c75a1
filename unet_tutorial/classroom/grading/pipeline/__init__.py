"""The steps of grading one submission, in order."""
