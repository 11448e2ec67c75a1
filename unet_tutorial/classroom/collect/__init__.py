"""Collect submissions from a learning platform's download, under the names nbgrader expects."""
