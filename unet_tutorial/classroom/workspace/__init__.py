"""Write a learner's copies of the chapters, update them, and open them in JupyterLab."""
