"""`unet-tutorial doctor`: check whether this machine is ready, and say how to fix what isn't.

It imports only the standard library, so that it works even if packages are missing or broken.
Whatever might crash or hang runs in a separate process (subprocess_checks.py).
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from unet_tutorial.classroom.workspace.record import (
    find_default_folder,
    format_command,
    installed_version,
)
from unet_tutorial.teaching.chapters import chapter_paths, find_notebooks, find_pictures

_MIN_MEMORY_GB = 1.0  # chapters need up to 0.6
_MIN_DISK_GB = 0.5
_TIMEOUT = 120  # seconds for one subprocess
_MODULE_NAMES = {"pillow": "PIL", "scikit-image": "skimage"}  # others: the package's own name
_WIDGET_EXTENSION = Path("@jupyter-widgets", "jupyterlab-manager", "package.json")
_REINSTALL = "Reinstall the tutorial in this Python; in a clone: python -m pip install -e ."


@dataclass
class _Finding:
    """The result of one check: whether it is ok, a message, and how to fix the problem.

    `brief` goes into the line for the teacher, so it contains no paths and no user names.
    """

    ok: bool
    message: str
    fix: str = ""
    brief: str = ""


def run_doctor(folder: Path | None = None) -> int:
    """Run all checks and print their results, ending with one line to send to the teacher.

    Args:
        folder: the workspace to check; if None, `find_default_folder` chooses it.

    Returns:
        The exit status: 0 if every check is ok, otherwise 1.
    """
    briefs, problems = [f"unet-tutorial {installed_version()}"], []
    with ThreadPoolExecutor(max_workers=3) as pool:
        checks = _list_checks(folder)
        futures = {name: pool.submit(_run_safely, check) for name, check in checks.items()}
        for name, future in futures.items():
            found = future.result()
            label = "ok" if found.ok else "PROBLEM"
            print(f"{label:7} {name}: {found.message}", flush=True)
            if not found.ok:
                print(f"        {found.fix}", flush=True)
                problems.append(name)
            briefs += [found.brief] if found.brief else []
    briefs.append(f"PROBLEMS: {', '.join(problems)}" if problems else "OK")
    print(f"\nFor your teacher:\n{' | '.join(briefs)}")
    return int(bool(problems))


def _list_checks(folder: Path | None) -> dict[str, Callable[[], _Finding]]:
    return {
        "Python": _check_python,
        "packages": _check_packages,
        "memory": _check_memory,
        "disk": lambda: _check_disk(folder),
        "chapters": _check_chapters,
        "workspace": lambda: _check_workspace(folder),
        "widgets": _check_widgets,
        "kernel": _check_jupyter_kernel,
        "network": _check_network,
    }


def _run_safely(check: Callable[[], _Finding]) -> _Finding:
    """Run a check; an exception in the check itself becomes a finding too."""
    try:
        return check()
    except Exception as error:
        return _Finding(False, f"could not be checked: {type(error).__name__}: {error}", _REINSTALL)


def _check_python() -> _Finding:
    """Check that Python is new enough, and a 64-bit version."""
    machine = f"{platform.system()} {platform.machine()}"
    brief = f"Python {platform.python_version()} | {machine}"
    ok = sys.version_info >= (3, 11) and sys.maxsize > 2**32
    return _Finding(ok, brief, "Install a 64-bit Python 3.11 or newer.", brief)


def _check_packages() -> _Finding:
    """Check that each required package is installed, in the right version, and can be imported."""
    try:
        required = dict(_parse_requirements(metadata.requires("unet-tutorial") or []))
    except metadata.PackageNotFoundError:
        return _Finding(False, "the tutorial itself is not installed", _REINSTALL)
    versions = {name: _find_version(name) for name in required}
    problems = [f"{name} is missing" for name, found in versions.items() if found is None]
    installed = [name for name in required if versions[name] is not None]
    for name in installed:
        if not _is_in_range(versions[name], required[name]):
            problems.append(f"{name} is {versions[name]}; {required[name]} is required")
    modules = [_MODULE_NAMES.get(name, name) for name in installed]
    problems += _run_in_subprocess("modules", *modules)[0]
    brief = " | ".join(f"{n} {versions.get(n) or 'missing'}" for n in ("torch", "jupyterlab"))
    message = "; ".join(problems) or f"all {len(required)} are installed"
    return _Finding(not problems, message, _REINSTALL, brief)


def _parse_requirements(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, version range) of each requirement, leaving out those of the extras."""
    for line in lines:
        requirement, _, marker = line.partition(";")
        if "extra" not in marker:
            name, required = re.fullmatch(r"([\w.-]+)\s*(.*)", requirement.strip()).groups()
            yield name.lower(), required


def _find_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _is_in_range(version: str, required: str) -> bool:
    """Whether a version is in a range such as ">=2.6,<3"."""

    def parse_numbers(text: str) -> list[int]:
        parts = [int(part) for part in re.findall(r"\d+", re.match(r"[\d.]*", text.strip())[0])]
        return (parts + [0] * 4)[:4]

    for part in required.split(","):
        at_least, below = part.partition(">=")[2], part.partition("<")[2]
        if at_least and parse_numbers(version) < parse_numbers(at_least):
            return False
        if below and parse_numbers(version) >= parse_numbers(below):
            return False
    return True


def _check_memory() -> _Finding:
    """Check that enough memory is free."""
    try:
        import psutil

        free = psutil.virtual_memory().available
    except Exception:
        return _Finding(True, "unknown, because psutil is missing")
    fix = f"Close other programs: {_MIN_MEMORY_GB} GB should be free."
    message = _format_gigabytes(free)
    return _Finding(free / 1e9 >= _MIN_MEMORY_GB, message, fix, f"memory {message}")


def _check_disk(folder: Path | None) -> _Finding:
    """Check that the disk with the workspace has enough free space."""
    free = shutil.disk_usage(_find_existing_folder(folder or find_default_folder())).free
    fix = f"Make room on the disk: {_MIN_DISK_GB} GB should be free."
    return _Finding(free / 1e9 >= _MIN_DISK_GB, _format_gigabytes(free), fix)


def _format_gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB free"


def _find_existing_folder(folder: Path) -> Path:
    """Find the folder, or the nearest parent folder that exists."""
    folder = folder.resolve()
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _check_chapters() -> _Finding:
    """Check that the chapters and all their pictures are installed."""
    folder = find_notebooks()
    paths = chapter_paths(folder)
    used = {
        picture
        for path in paths
        for picture in find_pictures(json.loads(path.read_text(encoding="utf-8")))
    }
    missing = [name for name in sorted(used) if not (folder.parent / "figures" / name).is_file()]
    message = f"{len(paths)}, with {len(used) - len(missing)} of {len(used)} pictures"
    return _Finding(not missing, message, _REINSTALL)


def _check_workspace(folder: Path | None) -> _Finding:
    """Check that the workspace, or the folder where it will be created, can be written to."""
    folder = folder or find_default_folder()
    try:
        with tempfile.TemporaryFile(dir=_find_existing_folder(folder)):
            return _Finding(True, f"{folder}{'' if folder.is_dir() else ' (not created yet)'}")
    except OSError as error:
        fix = f"Choose another folder: {format_command('start', 'FOLDER')}"
        return _Finding(False, f"{folder} cannot be written to: {error.strerror}", fix)


def _check_widgets() -> _Finding:
    """Check that JupyterLab finds the extension that shows widgets, such as sliders."""
    from jupyter_core.paths import jupyter_path

    found = [
        folder
        for folder in map(Path, jupyter_path("labextensions"))
        if (folder / _WIDGET_EXTENSION).is_file()
    ]
    fix = "Install it: python -m pip install --force-reinstall jupyterlab_widgets"
    message = f"JupyterLab's extension is {'installed' if found else 'missing'}"
    return _Finding(bool(found), message, fix)


def _check_jupyter_kernel() -> _Finding:
    """Check that a notebook's kernel starts, answers, and can import the tutorial."""
    problems, found = _run_in_subprocess("kernel")
    fix = "Let notebooks use this Python: python -m ipykernel install --sys-prefix"
    if problems or not found:
        return _Finding(False, "; ".join(problems) or "no answer", fix)
    other = "" if found["same"] else ", which is not the Python running this check"
    return _Finding(True, f"runs Python {found['python']}{other}")


def _check_network() -> _Finding:
    """Check that the trained network that comes with the tutorial finds nuclei."""
    problems, found = _run_in_subprocess("network")
    if problems or not found:
        return _Finding(False, "; ".join(problems) or "no answer", _REINSTALL)
    message = f"Dice {found['dice']} on the test strip; GPU: {found['gpu']}"
    return _Finding(True, message, brief=f"Dice {found['dice']} | GPU {found['gpu']}")


def _run_in_subprocess(name: str, *arguments: str) -> tuple[list[str], dict]:
    """Run a check of subprocess_checks.py; return its problems and its result ({} if none)."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"{__package__}.subprocess_checks", name, *arguments],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            cwd=Path(__file__).resolve().parents[3],  # so that -m finds the package
        )
    except subprocess.TimeoutExpired:
        return [f"still running after {_TIMEOUT} s"], {}
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    problems = [line["problem"] for line in lines if "problem" in line]
    if done.returncode:
        step = next((line["step"] for line in reversed(lines) if "step" in line), name)
        problems.append(f"{step} crashes (exit status {done.returncode})")
    found = [line["found"] for line in lines if "found" in line]
    return problems, found[-1] if found else {}
