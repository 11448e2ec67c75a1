"""A learner's own copy of the chapters: written, updated, opened in JupyterLab."""
