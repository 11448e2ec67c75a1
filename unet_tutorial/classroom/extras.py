"""Whether the packages of an extra are installed, and what to install if they aren't."""

from __future__ import annotations

import importlib.util
import sys

_EXTRAS = {
    "instructor": ("nbgrader", "nh3", "babel", "latex2mathml", "mistune"),
    "quiz": ("text2qti",),
}


def has_extra(extra: str = "instructor") -> bool:
    """Whether the packages of an extra are installed; if not, print how to install them."""
    missing = [name for name in _EXTRAS[extra] if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"unet-tutorial: {' and '.join(missing)} is not installed. Install what is missing "
            f'with: python -m pip install "unet-tutorial[{extra}]"',
            file=sys.stderr,
        )
    return not missing
