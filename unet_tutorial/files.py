"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

KEPT = ".unet-tutorial"  # the folder in a workspace that holds its record, progress and backups


def atomic_write(
    path: str | Path, write: bytes | Callable[[BinaryIO], object], *, part_in: Path | None = None
) -> None:
    """Write a file whole or not at all: to a temporary file first, which then takes its place.

    Args:
        path: the file; a full disk or an interruption leaves one that exists as it was.
        write: the content, or a function that writes it to the open binary file, such as
            `lambda file: torch.save(weights, file)`.
        part_in: the folder of the temporary file, on the same disk; by default that of `path`.

    Raises:
        OSError: the folder does not exist or cannot be written to, or `path` is a folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: the folder {path.parent} does not exist. Make it first.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder. Give the path of a file in it.")
    part = (part_in or path.parent) / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        with open(part, "xb") as file:
            if callable(write):
                write(file)
            else:
                file.write(write)
            file.flush()
            os.fsync(file.fileno())  # on the disk before the old file goes
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
