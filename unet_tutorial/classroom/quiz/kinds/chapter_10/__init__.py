"""Questions for chapter 10: steps of a training, its curves, and the crops it learns from."""
