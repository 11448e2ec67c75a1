"""The table at the end of collecting: who handed in, what was taken and what wasn't, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from unet_tutorial.classroom.collect.record import Collection, LeftOut, Submission


def format_collection(collection: Collection, *, whole: bool = False) -> str:
    """Format the table.

    Args:
        collection: what became of a download.
        whole: whether to name each file. Otherwise only those left out for a reason that matters.
    """
    made = [each for each in collection.submissions if each.in_roster]
    strangers = [each for each in collection.submissions if not each.in_roster]
    count = sum(bool(each.notebooks) for each in made)
    total = count + len(collection.missing)
    lines = [f"{collection.assignment}: {count} of {total} students handed in a notebook."]
    lines += _format_rows("", made, whole)
    lines += _format_rows("Not in the roster, or not told apart:", strangers, whole)
    lines += _format_list("Missing:", [", ".join(collection.missing)] if collection.missing else [])
    left_out = _format_left_out(collection.left_out, whole, with_path=True)
    lines += _format_list("Not collected:", left_out)
    lines += _format_list("Look at:", collection.notes)
    lines.append(f"Times without a zone were read as {collection.time_zone}.")
    # Students choose names, which could hold codes that change what a terminal shows.
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in "\n".join(lines) + "\n")


def _format_rows(title: str, submissions: Sequence[Submission], whole: bool) -> Iterator[str]:
    """Format a row per student, and below it what to look at; rows without come first."""
    blocks = [(each, list(_format_remarks(each, whole))) for each in submissions]
    if blocks:
        yield from ["", title] if title else [""]
    width = max((len(each.student) for each in submissions), default=0)
    for each, remarks in sorted(blocks, key=lambda block: bool(block[1])):
        name = ", ".join(path.rpartition("/")[2] for path in each.notebooks) or "no notebook"
        more = f" + {len(each.files)} more" if each.files else ""
        time = f"  {each.time} UTC" if each.time else ""
        yield f"  {each.student:{width}}  {name}{more}{time}"
        yield from (f"  {'':{width}}    {remark}" for remark in remarks)


def _format_remarks(submission: Submission, whole: bool) -> Iterator[str]:
    yield from submission.notes
    if whole:
        yield from (f"took {path}" for path in [*submission.notebooks, *submission.taken])
    yield from (f"left out {line}" for line in _format_left_out(submission.left_out, whole))


def _format_left_out(
    left_out: Sequence[LeftOut], whole: bool, *, with_path: bool = False
) -> Iterator[str]:
    for each in left_out:
        if whole or each.matters:
            yield f"{each.path if whole or with_path else each.file}: {each.why}"


def _format_list(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield from ["", title, *(f"  {line}" for line in lines)]
