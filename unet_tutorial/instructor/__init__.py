"""Assigning chapters and grading them with nbgrader; only the command line imports it."""
