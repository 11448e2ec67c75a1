"""What the verbs that work on an assignment of a course share."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_course_verb(
    verbs: argparse._SubParsersAction, name: str, about: str
) -> argparse.ArgumentParser:
    """Add a verb with the arguments `course` and `assignment`."""
    parser = verbs.add_parser(name, help=about, description=about)
    parser.add_argument("course", type=Path, help="the course's folder")
    parser.add_argument("assignment", help="such as 02_convolution, or 02")
    return parser


def print_error(error: Exception) -> int:
    """Print an error as one line on stderr, and return the exit status 1."""
    text = error.args[0] if isinstance(error, LookupError) else error  # not KeyError's quotes
    print(f"unet-tutorial: {text}", file=sys.stderr)
    return 1
