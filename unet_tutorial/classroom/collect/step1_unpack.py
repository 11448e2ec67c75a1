"""List every file of a download, with those in its archives and in the archives in these."""

from __future__ import annotations

import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from unet_tutorial.classroom.collect.record import JUNK
from unet_tutorial.classroom.collect.renamed_files import is_notebook

_ZIP, _TAR = (".zip",), (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_OTHERS = (".rar", ".7z", ".gz", ".xz", ".bz2")
_MAX_DEPTH = 5  # archives in archives
_MAX_FILES, _MAX_BYTES = 5_000, 2**30  # in one archive of a student, with those in it
_PROBLEMS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    RuntimeError,
    OSError,
    ValueError,
    EOFError,
    zlib.error,
)
_JUNK = {
    "__MACOSX",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    ".git",
    "__pycache__",
    "node_modules",
    ".ipynb_checkpoints",
    ".venv",
    "site-packages",
}
_CHECKPOINT = "-checkpoint.ipynb"  # what flat names keep of .ipynb_checkpoints


@dataclass(frozen=True)
class Part:
    """One part of a path: a folder, an archive, or the file itself at the end."""

    name: str
    is_archive: bool = False
    number: int = 0  # tells apart two archives of one name in one archive


@dataclass
class File:
    """A file of a download; `data` is where its content is now."""

    parts: tuple[Part, ...]
    data: Path | None
    problem: str = ""  # why it can't be used

    @property
    def path(self) -> str:
        """The path in the download, with archives as folders."""
        return "/".join(part.name for part in self.parts)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.parts[-1].name


@dataclass
class _Budget:
    """What may still be unpacked from one archive."""

    files: int
    bytes: int

    def spend(self, size: int) -> None:
        self.files -= 1
        self.bytes -= size
        if self.files < 0 or self.bytes < 0:
            raise ValueError("it holds too much (5,000 files or 1 GB are allowed in one archive)")


@dataclass
class Unpacker:
    """Unpacks archives into a folder, in which files have numbers instead of names."""

    folder: Path
    count: int = 0

    def list_files(self, download: Path) -> list[File]:
        """List the files in the folder `download` and in all archives there."""
        found = []
        for path in sorted(download.rglob("*")):
            if path.is_file():
                file = File(tuple(Part(name) for name in path.relative_to(download).parts), path)
                file.problem = _find_junk(file)
                found += self._open(file, None, depth=0)
        return found

    def _open(self, file: File, budget: _Budget | None, depth: int) -> Iterator[File]:
        """Yield the files in an archive; yield any other file as it is."""
        name = file.name.lower()
        if file.problem:
            yield file
        elif name.endswith(_ZIP + _TAR) and not is_notebook(file.name, file.data):
            yield from self._unpack(file, budget, depth)
        elif name.endswith(_OTHERS):
            yield File(file.parts, file.data, "an archive that can't be unpacked here")
        else:
            yield file

    def _unpack(self, archive: File, budget: _Budget | None, depth: int) -> list[File]:
        # The download itself may be large, but each archive in it has a limit.
        most = (1, 1) if depth else (100, 20)
        budget = budget or _Budget(most[0] * _MAX_FILES, most[1] * _MAX_BYTES)
        self.count += 1
        parts = (*archive.parts[:-1], Part(archive.name, is_archive=True, number=self.count))
        found = []
        try:
            if depth >= _MAX_DEPTH:
                raise ValueError(f"there are {_MAX_DEPTH} archives around it")
            for name, size, read in _read_archive(archive.data):
                file = File((*parts, *_split_name(name)), None)
                self._save(file, size, read, budget)
                found += self._open(file, budget if depth else None, depth + 1)
        except _PROBLEMS as error:
            return [File(archive.parts, archive.data, f"can't be unpacked: {error}")]
        return found

    def _save(self, file: File, size: int, read: Callable | None, budget: _Budget) -> None:
        """Save a file's content, unless nobody needs it."""
        file.problem = _find_junk(file) if read else "a link"
        if file.problem:
            return
        budget.spend(size)
        self.count += 1
        try:
            with read() as content, (self.folder / f"{self.count}").open("wb") as copy:
                shutil.copyfileobj(content, copy)
            file.data = self.folder / f"{self.count}"
        except _PROBLEMS as error:
            file.problem = f"can't be unpacked: {error}"


def _split_name(name: str) -> list[Part]:
    """Split a name in an archive into parts that stay in its folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return [Part(part) for part in parts if part not in ("/", "..")] or [Part("file")]


def _find_junk(file: File) -> str:
    """Return why a file is nobody's work, or "": systems and programs write it by themselves."""
    names = {part.name for part in file.parts}
    if names & _JUNK or any(name.startswith("._") or _CHECKPOINT in name for name in names):
        return JUNK
    return ""


def _read_archive(path: Path) -> Iterator[tuple[str, int, Callable | None]]:
    """Yield the name, size and reader of each file in an archive; a link has no reader."""
    if not tarfile.is_tarfile(path):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    is_link = stat.S_ISLNK(entry.external_attr >> 16)
                    read = None if is_link else partial(archive.open, entry)
                    yield _decode_name(entry), entry.file_size, read
        return
    with tarfile.open(path) as archive:
        for entry in archive:
            if not entry.isdir():
                read = partial(archive.extractfile, entry) if entry.isfile() else None
                yield entry.name, entry.size, read


def _decode_name(entry: zipfile.ZipInfo) -> str:
    """Decode a name: macOS writes UTF-8 without saying so, which Python reads as cp437."""
    if not entry.flag_bits & 0x800:
        try:
            return entry.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return entry.filename


def is_notebook_file(file: File) -> bool:
    """Whether a file can be used and may be a notebook, by its name or by its content."""
    return not file.problem and is_notebook(file.name, file.data)
