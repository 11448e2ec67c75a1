"""The kinds of question that come with the course: a module or a folder for each chapter.

The bank finds them by their names: `chapter_02.py`, or all the modules of the folder `chapter_02/`.
In each, it takes every function that is decorated with `kind`; nothing has to be listed here.
"""
