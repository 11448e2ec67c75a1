"""Is this machine ready for the tutorial, and if not, how to fix it."""
