"""Check whether this machine is ready for the tutorial, and say how to fix what isn't."""
