"""What a learner asks for: a hint, a solution, the table of what has passed."""

from __future__ import annotations

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store
from unet_tutorial.teaching.checks.exercise import EXERCISES, Exercise
from unet_tutorial.teaching.checks.message import wrap


def hint(number: str) -> None:
    """Print the next of the three hints of an exercise, such as hint("5.2")."""
    this = find_exercise(number)
    taken = progress_store.entry(progress_store.load(), this.number)["hints"]
    given = min(taken + 1, len(this.hints))
    progress_store.record(this.number, hints=given)
    text = f"Hint {given} of {len(this.hints)} for {this.number}: {this.hints[given - 1]}"
    print(wrap(text))
    if given == len(this.hints):
        print(f'There are no more. checks.solution("{this.number}") shows a solution.')


def solution(number: str) -> None:
    """Print a solution of an exercise at the second call; the first asks about the hints."""
    this = find_exercise(number)
    if not progress_store.solutions_are_shown():
        print("Your course does not show solutions. Ask your instructor, or take a hint.")
        return
    kept = progress_store.entry(progress_store.load(), this.number)
    if not kept["asked"]:
        progress_store.record(this.number, asked=True)
        left = len(this.hints) - kept["hints"]
        hints = f'{left} left: checks.hint("{this.number}")' if left else "none left"
        print(f"Have you used every hint? {hints.capitalize()}.")
        print("Call this once more to see a solution.")
        return
    print(f"A solution of {this.number}:\n\n{chapters.solution_of(this.number)}")


def progress() -> None:
    """Print which exercises have passed in this workspace, chapter by chapter."""
    kept = progress_store.load()
    for number, this in EXERCISES.items():
        print(f"{number:>5}  {describe_state(progress_store.entry(kept, number)):23}  {this.title}")
    passed = sum(progress_store.entry(kept, number)["passed"] for number in EXERCISES)
    print(f"\n{passed} of {len(EXERCISES)} exercises have passed.")
    if progress_store.folder() is None:
        print("This is remembered until the kernel ends: the folder has no workspace of its own.")


def describe_state(kept: dict) -> str:
    """Return in words what became of an exercise."""
    state = "✗ not right yet" if kept["tried"] else "○ not tried"
    if kept["passed"]:
        state = "✓ passed"
    hints = kept["hints"]
    return state + (f", {hints} hint{'s' if hints != 1 else ''}" if hints else "")


def find_exercise(number: str) -> Exercise:
    """Return the exercise of that number.

    Errors: ValueError naming the chapter's exercises where there is none.
    """
    text = str(number).strip()
    if text in EXERCISES:
        return EXERCISES[text]
    chapter = text.partition(".")[0].lstrip("0")
    near = [each for each in EXERCISES if each.partition(".")[0] == chapter]
    raise ValueError(
        f"There is no exercise {number!r}. "
        + (f"Chapter {chapter} has {', '.join(near)}." if near else 'Write it as "5.2".')
    )
