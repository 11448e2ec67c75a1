"""`unet-tutorial doctor`: is this machine ready, and if not, how to mend it.

The standard library only, so that it works where packages are missing or broken; what may crash
is tried in processes of their own (subprocess_checks.py).
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

from unet_tutorial.classroom.workspace.record import command, default_folder, version
from unet_tutorial.teaching.chapters import chapter_paths, find_notebooks, pictures_of

LEAST_MEMORY = 1.5  # GB; chapter 08 takes 1.1
LEAST_DISK = 0.5  # GB
SECONDS = 120  # until a probe counts as hanging
MODULES = {"pillow": "PIL", "scikit-image": "skimage"}  # where the module's name is another
WIDGETS = Path("@jupyter-widgets", "jupyterlab-manager", "package.json")
INSTALL = "Install the tutorial again in this Python: in a clone, python -m pip install -e ."


@dataclass
class Finding:
    """What one check found: all is well, or what is amiss and how to mend it.

    `brief` is for the line to paste; it holds neither paths nor names of people.
    """

    fine: bool
    said: str
    mend: str = ""
    brief: str = ""


def doctor(folder: Path | None = None) -> int:
    """Check the machine and print what was found; returns 0 where all is well, 1 else."""
    briefs, amiss = [f"unet-tutorial {version()}"], []
    with ThreadPoolExecutor(max_workers=3) as pool:
        futures = {name: pool.submit(examined, check) for name, check in checks(folder).items()}
        for name, future in futures.items():
            found = future.result()
            print(f"{'ok   ' if found.fine else 'AMISS'} {name}: {found.said}", flush=True)
            if not found.fine:
                print(f"      {found.mend}", flush=True)
                amiss.append(name)
            briefs += [found.brief] if found.brief else []
    briefs.append(f"AMISS: {', '.join(amiss)}" if amiss else "OK")
    print(f"\nFor your teacher:\n{' | '.join(briefs)}")
    return int(bool(amiss))


def checks(folder: Path | None) -> dict[str, Callable[[], Finding]]:
    """Return the checks in order, by their names."""
    return {
        "Python": python,
        "packages": packages,
        "memory": memory,
        "disk": lambda: disk(folder),
        "chapters": chapters,
        "workspace": lambda: workspace(folder),
        "widgets": widgets,
        "kernel": kernel,
        "network": network,
    }


def examined(check: Callable[[], Finding]) -> Finding:
    """Return what a check found; one that fails itself is a finding too."""
    try:
        return check()
    except Exception as error:
        return Finding(False, f"could not be checked: {type(error).__name__}: {error}", INSTALL)


def python() -> Finding:
    """Check Python's version, and that it is a 64-bit one."""
    machine = f"{platform.system()} {platform.machine()}"
    brief = f"Python {platform.python_version()} | {machine}"
    fine = sys.version_info >= (3, 11) and sys.maxsize > 2**32
    return Finding(fine, brief, "Install a 64-bit Python 3.11 or newer.", brief)


def packages() -> Finding:
    """Check that each package is there, in a version that fits, and can be imported."""
    try:
        wanted = dict(requirements(metadata.requires("unet-tutorial") or []))
    except metadata.PackageNotFoundError:
        return Finding(False, "the tutorial itself is not installed", INSTALL)
    versions = {name: version_of(name) for name in wanted}
    amiss = [f"{name} is missing" for name, found in versions.items() if found is None]
    here = [name for name in wanted if versions[name] is not None]
    for name in here:
        if not fits(versions[name], wanted[name]):
            amiss.append(f"{name} is {versions[name]}, not {wanted[name]}")
    amiss += probe("modules", *[MODULES.get(name, name) for name in here])[0]
    brief = " | ".join(f"{n} {versions.get(n) or 'missing'}" for n in ("torch", "jupyterlab"))
    said = "; ".join(amiss) or f"all {len(wanted)} are there"
    return Finding(not amiss, said, INSTALL, brief)


def requirements(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield name and range of each requirement that belongs to no extra."""
    for line in lines:
        requirement, _, marker = line.partition(";")
        if "extra" not in marker:
            name, wanted = re.fullmatch(r"([\w.-]+)\s*(.*)", requirement.strip()).groups()
            yield name.lower(), wanted


def version_of(name: str) -> str | None:
    """Return the version of an installed package."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def fits(found: str, wanted: str) -> bool:
    """Return whether a version lies in a range such as >=2.6,<3."""

    def numbers(text: str) -> list[int]:
        parts = [int(part) for part in re.findall(r"\d+", re.match(r"[\d.]*", text.strip())[0])]
        return (parts + [0] * 4)[:4]

    for part in wanted.split(","):
        at_least, below = part.partition(">=")[2], part.partition("<")[2]
        if at_least and numbers(found) < numbers(at_least):
            return False
        if below and numbers(found) >= numbers(below):
            return False
    return True


def memory() -> Finding:
    """Check the memory that is free."""
    try:
        import psutil

        free = psutil.virtual_memory().available
    except Exception:
        return Finding(True, "not known without psutil")
    mend = f"Close other programs: {LEAST_MEMORY} GB should be free."
    return Finding(free / 1e9 >= LEAST_MEMORY, gigabytes(free), mend, f"memory {gigabytes(free)}")


def disk(folder: Path | None) -> Finding:
    """Check the disk that is free where the workspace lies."""
    free = shutil.disk_usage(existing(folder or default_folder())).free
    mend = f"Make room on the disk: {LEAST_DISK} GB should be free."
    return Finding(free / 1e9 >= LEAST_DISK, gigabytes(free), mend)


def gigabytes(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count / 1e9:.1f} GB free"


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    folder = folder.resolve()
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def chapters() -> Finding:
    """Check that the chapters and their pictures are there."""
    folder = find_notebooks()
    paths = chapter_paths(folder)
    used = {
        picture
        for path in paths
        for picture in pictures_of(json.loads(path.read_text(encoding="utf-8")))
    }
    missing = [name for name in sorted(used) if not (folder.parent / "figures" / name).is_file()]
    said = f"{len(paths)}, with {len(used) - len(missing)} of {len(used)} pictures"
    return Finding(not missing, said, INSTALL)


def workspace(folder: Path | None) -> Finding:
    """Check that the workspace, or the folder in which it will be made, can be written to."""
    folder = folder or default_folder()
    try:
        with tempfile.TemporaryFile(dir=existing(folder)):
            return Finding(True, f"{folder}{'' if folder.is_dir() else ', not made yet'}")
    except OSError as error:
        mend = f"Choose another folder: {command('start', 'FOLDER')}"
        return Finding(False, f"{folder} cannot be written to: {error.strerror}", mend)


def widgets() -> Finding:
    """Check that JupyterLab finds the extension that shows sliders."""
    from jupyter_core.paths import jupyter_path

    found = [
        folder
        for folder in map(Path, jupyter_path("labextensions"))
        if (folder / WIDGETS).is_file()
    ]
    mend = "Install it: python -m pip install --force-reinstall jupyterlab_widgets"
    return Finding(bool(found), "their extension is there" if found else "no extension", mend)


def kernel() -> Finding:
    """Check that a notebook's kernel starts, answers, and has the tutorial in its Python."""
    fails, said = probe("kernel")
    mend = "Let notebooks use this Python: python -m ipykernel install --sys-prefix"
    if fails or not said:
        return Finding(False, "; ".join(fails) or "no answer", mend)
    other = "" if said["same"] else ", another Python than this one"
    return Finding(True, f"answers with Python {said['python']}{other}")


def network() -> Finding:
    """Check that the shipped network finds nuclei."""
    fails, said = probe("network")
    if fails or not said:
        return Finding(False, "; ".join(fails) or "no answer", INSTALL)
    brief = f"Dice {said['dice']} | GPU {said['gpu']}"
    return Finding(True, f"Dice {said['dice']} on the test strip; GPU: {said['gpu']}", brief=brief)


def probe(name: str, *arguments: str) -> tuple[list[str], dict]:
    """Run a probe in a process of its own; returns what fails, and what it said."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"{__package__}.subprocess_checks", name, *arguments],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=Path(__file__).resolve().parents[3],  # the kernel has to find the package itself
        )
    except subprocess.TimeoutExpired:
        return [f"no end within {SECONDS} s"], {}
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    fails = [line["fails"] for line in lines if "fails" in line]
    if done.returncode:
        step = next((line["begins"] for line in reversed(lines) if "begins" in line), name)
        fails.append(f"{step} crashes (exit status {done.returncode})")
    said = [line["said"] for line in lines if "said" in line]
    return fails, said[-1] if said else {}
