"""The wheel carries the chapters and their pictures, and start works from it."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ["pyproject.toml", "README.md", "LICENSE", "LICENSE-prose.md"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from a copy so that the clone stays clean."""
    source = tmp_path_factory.mktemp("source")
    for name in ("unet_tutorial", "notebooks", "figures"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        shutil.copy(ROOT / name, source)
    stale = source / "build" / "lib" / "unet_tutorial" / "notebooks" / "13_gone.ipynb"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    (source / "notebooks" / ".ipynb_checkpoints").mkdir(exist_ok=True)
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", "out", "."],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    (made,) = (source / "out").iterdir()
    return made


def test_the_wheel_holds_what_the_clone_holds(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("unet_tutorial/")}
        assert (
            archive.read("unet_tutorial/notebooks/02_convolution.ipynb")
            == (ROOT / "notebooks" / "02_convolution.ipynb").read_bytes()
        )
    for folder, pattern in {"notebooks": "*.ipynb", "figures": "*.*"}.items():
        there = {f"unet_tutorial/{folder}/{path.name}" for path in (ROOT / folder).glob(pattern)}
        assert {name for name in held if name.startswith(f"unet_tutorial/{folder}/")} == there
    package = ROOT / "unet_tutorial"
    tracked = {p.relative_to(ROOT).as_posix() for p in package.rglob("*.*") if p.is_file()}
    assert {name for name in tracked if "__pycache__" not in name} <= held


def test_any_jupyter_of_the_environment_saves_stills(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (
            n for n in archive.namelist() if "/data/etc/jupyter/jupyter_server_config.d/" in n
        )
        assert 'workspace.save_hook": true' in archive.read(name).decode()


def test_start_works_from_the_wheel(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "unet_tutorial", "start", "--chapters", "02"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "02_convolution.ipynb was written." in done.stdout
    written = tmp_path / "workspace"
    assert (written / "02_convolution.ipynb").is_file()
    assert (written / "figures" / "channels_summed.svg").is_file()
    assert not (tmp_path / "site" / "workspace").exists()
