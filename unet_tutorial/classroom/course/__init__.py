"""Make an nbgrader course from chapters, with a teaching page for each."""
