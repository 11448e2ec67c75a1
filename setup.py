"""Puts the chapters into the package that is built; all else stands in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
CARRIED = {"notebooks": "*.ipynb", "figures": "*.*"}


class WithChapters(build_py):
    """Copies notebooks/ and figures/ into unet_tutorial/; a clone has them beside it instead."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        for folder in CARRIED:  # what an earlier build left must not come along
            shutil.rmtree(self.built(folder), ignore_errors=True)
        for source, target in self.carried():
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(source, target)

    def built(self, folder):
        return Path(self.build_lib) / "unet_tutorial" / folder

    def carried(self):
        for folder, pattern in CARRIED.items():
            for path in sorted((ROOT / folder).glob(pattern)):
                yield f"{folder}/{path.name}", str(self.built(folder) / path.name)

    def get_outputs(self, include_bytecode=True):
        return [*super().get_outputs(include_bytecode), *(target for _, target in self.carried())]

    def get_source_files(self):
        return [*super().get_source_files(), *(source for source, _ in self.carried())]


setup(cmdclass={"build_py": WithChapters})
