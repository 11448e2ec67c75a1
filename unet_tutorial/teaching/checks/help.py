"""Help for a learner: hints, solutions, and a table of the exercises that have passed."""

from __future__ import annotations

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store
from unet_tutorial.teaching.checks.exercise import EXERCISES, Exercise
from unet_tutorial.teaching.checks.message import wrap_text


def hint(number: str, which: int | None = None) -> None:
    """Print the next of an exercise's three hints, `hint("5.2")`, or one of them, `hint("5.2", 1)`.

    A hint that was read before can be read again without taking another.
    """
    this = _find_exercise(number)
    if which not in (None, *range(1, len(this.hints) + 1)):
        raise ValueError(
            f"There are {len(this.hints)} hints, 1 to {len(this.hints)}, no {which!r}."
        )
    taken = progress_store.get_entry(progress_store.load_progress(), this.number)["hints"]
    given = which or min(taken + 1, len(this.hints))
    progress_store.record_progress(this.number, hints=max(given, taken))
    text = f"Hint {given} of {len(this.hints)} for {this.number}: {this.hints[given - 1]}"
    print(wrap_text(text))
    if given == len(this.hints):
        print(f'There are no more. checks.solution("{this.number}") shows a solution.')


def solution(number: str) -> None:
    """Print a solution of an exercise on the second call; the first call only asks about hints."""
    this = _find_exercise(number)
    if not progress_store.is_solution_allowed():
        print("Your course does not show solutions. Ask your instructor, or take a hint.")
        return
    kept = progress_store.get_entry(progress_store.load_progress(), this.number)
    if not kept["asked"]:
        progress_store.record_progress(this.number, asked=True)
        left = len(this.hints) - kept["hints"]
        hints = f'{left} left: checks.hint("{this.number}")' if left else "none left"
        print(f"Have you used every hint? {hints.capitalize()}.")
        print("Call this once more to see a solution.")
        return
    print(f"A solution of {this.number}:\n\n{chapters.read_solution(this.number)}")


def progress() -> None:
    """Print which exercises have passed in this workspace, chapter by chapter."""
    kept = progress_store.load_progress()
    for number, this in EXERCISES.items():
        state = _format_state(progress_store.get_entry(kept, number))
        print(f"{number:>5}  {state:23}  {this.title}")
    passed = sum(progress_store.get_entry(kept, number)["passed"] for number in EXERCISES)
    print(f"\n{passed} of {len(EXERCISES)} exercises have passed.")
    if progress_store.find_store() is None:
        print("This is only remembered until the kernel ends: this folder is not a workspace.")


def _format_state(kept: dict) -> str:
    """Format an exercise's state, such as "✓ passed, 1 hint"."""
    state = "✗ not right yet" if kept["tried"] else "○ not tried"
    if kept["passed"]:
        state = "✓ passed"
    hints = kept["hints"]
    return state + (f", {hints} hint{'s' if hints != 1 else ''}" if hints else "")


def _find_exercise(number: str) -> Exercise:
    """Return the exercise with this number; raise ValueError if there is none."""
    text = str(number).strip()
    if text in EXERCISES:
        return EXERCISES[text]
    chapter = text.partition(".")[0].lstrip("0")
    near = [each for each in EXERCISES if each.partition(".")[0] == chapter]
    raise ValueError(
        f"There is no exercise {number!r}. "
        + (f"Chapter {chapter} has {', '.join(near)}." if near else 'Write it as "5.2".')
    )
