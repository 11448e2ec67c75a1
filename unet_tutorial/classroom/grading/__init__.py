"""Grade all submissions of a course with nbgrader."""
