"""Run one submission, from bytes to bytes: steps 2 to 5, in a temporary folder."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import nbformat

from unet_tutorial.classroom.collect.read_notebook import read_damaged_notebook
from unet_tutorial.classroom.collect.renamed_files import (
    copy_to_expected_names,
    find_original,
    find_other_versions,
    list_candidates,
)
from unet_tutorial.classroom.grading.pipeline.result import (
    NotebookResult,
    SubmissionResult,
    format_result,
)
from unet_tutorial.classroom.grading.pipeline.step2_repair import (
    Findings,
    describe_shadowing_files,
    has_module_name,
    repair_cells,
)
from unet_tutorial.classroom.grading.pipeline.step4_run import run_parts
from unet_tutorial.classroom.grading.pipeline.step5_judge import judge_parts
from unet_tutorial.classroom.limits import Limits
from unet_tutorial.classroom.released_notebook import read_released

_MAX_OUTPUTS = 20 * 2**20  # characters of all outputs of a notebook


def run_submission(package: bytes) -> bytes:
    """Run the submission in a package from `step1_pack`, and return its result as JSON."""
    with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            archive.extractall(folder)
        (folder / "submitted").mkdir(exist_ok=True)
        rules = json.loads((folder / "rules.json").read_text(encoding="utf-8"))
        result = _grade_notebooks(folder / "submitted", folder / "released", rules)
    return format_result(result)


def _grade_notebooks(submitted: Path, released: Path, rules: dict) -> SubmissionResult:
    tricks = describe_shadowing_files(submitted)
    copy_to_expected_names(submitted, released)
    for path in [path for path in submitted.iterdir() if has_module_name(path)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    names = sorted(path.stem for path in released.glob("*.ipynb"))
    present = [name for name in names if (submitted / f"{name}.ipynb").is_file()]
    if not present:
        return SubmissionResult(_explain_missing(submitted))
    result = SubmissionResult()
    for name in present:
        graded = _grade_notebook(submitted / f"{name}.ipynb", released, Limits(**rules["limits"]))
        graded.tricks[:0] = tricks
        graded.guesses[:0] = [f"{each!r} was too large and not used." for each in rules["left_out"]]
        result.notebooks[name] = graded
    return result


def _explain_missing(submitted: Path) -> str:
    names = [path.relative_to(submitted).as_posix() for path in sorted(submitted.rglob("*"))]
    missing = "notebook of this assignment" if list_candidates(submitted) else "notebook"
    contents = f"It contains {', '.join(names)}." if names else "Its folder is empty."
    return f"The submission has no {missing}. {contents}"


def _grade_notebook(path: Path, released: Path, limits: Limits) -> NotebookResult:
    """Grade one notebook: repair its cells, run what is needed, and judge."""
    read, damage = read_damaged_notebook(path)
    chapter, found = read_released(released / path.name), Findings()
    found.guesses += [*damage, *_describe_other_files(path)]
    parts = repair_cells(read.cells, chapter, found)
    run = run_parts(parts, chapter, limits, _prepare_folder(path, released))
    result = judge_parts(parts, chapter, found, run)
    result.cells = _drop_large_outputs([part.cell for part in parts])
    return result


def _describe_other_files(path: Path) -> list[str]:
    """Describe which other versions of a notebook there are, since one of them was chosen."""
    original, others = find_original(path), find_other_versions(path)
    notes = [f"There is another file, {each.name!r}, which was not graded." for each in others]
    if original is not None and others:
        notes.insert(0, f"{str(original.relative_to(path.parent))!r} was graded.")
    return notes


def _prepare_folder(path: Path, released: Path) -> Path:
    """Copy the chapter's pictures to the notebook's folder, which may be inside another one."""
    original = find_original(path)
    folder = path.parent if original is None else original.parent
    ignored = shutil.ignore_patterns("*.ipynb")
    shutil.copytree(released, folder, ignore=ignored, dirs_exist_ok=True)
    return folder


def _drop_large_outputs(cells: list) -> list:
    """Drop the outputs that don't fit into a result."""
    room = _MAX_OUTPUTS
    for cell in cells:
        room -= len(json.dumps(cell.get("outputs", [])))
        if room < 0 and cell.cell_type == "code":
            note = nbformat.v4.new_output("stream", text="(These outputs were too large.)\n")
            cell.outputs = [note]
    return cells


def main() -> None:
    """Read a package from standard input and write its result to standard output."""
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "wb") as results:
        os.dup2(2, 1)  # so that nothing else is written among the results
        results.write(run_submission(sys.stdin.buffer.read()))
