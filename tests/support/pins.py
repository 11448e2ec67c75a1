"""constraints.txt: the versions with which everything was tested."""

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"


def pinned_versions():
    """{name: versions}: more than one where a marker says which."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    lines = [line.partition("#")[0].strip() for line in lines]
    pinned = {}
    for requirement in map(Requirement, filter(None, lines)):
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", requirement
        name = canonicalize_name(requirement.name)
        pinned.setdefault(name, set()).add(specifier.version)
    return pinned


def is_pinned(name):
    """Whether the version that is installed is one of those."""
    return metadata.version(name) in pinned_versions()[name]
