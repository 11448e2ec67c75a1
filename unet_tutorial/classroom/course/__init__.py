"""An nbgrader course made from chapters, with a teaching page for each."""
