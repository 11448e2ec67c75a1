"""Things to play with, one for each central idea: widgets over `drawing` and `shapes`."""
