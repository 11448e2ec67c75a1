"""Run a submission that may be broken or hostile."""
