"""The result of running one cell, and the limits on what a cell may use."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from nbformat.v4 import new_output, output_from_msg

_OUTPUT_TYPES = ("stream", "display_data", "execute_result", "error")
DIED, TIME, HUNG, MEMORY, OUTPUT = "died", "time", "hung", "memory", "output"


@dataclass(frozen=True)
class Limits:
    """Limits on one cell's time, memory and output."""

    seconds: float = 30.0
    gigabytes: float = 4.0
    characters: int = 2_000_000


@dataclass
class CellResult:
    """The outputs of one cell, and how its run ended."""

    outputs: list = field(default_factory=list)
    stopped_by: str | None = None  # DIED, TIME, HUNG, MEMORY or OUTPUT; None if it just finished
    dead: bool = False  # the kernel is gone
    failed: bool = False  # the cell raised an error
    characters: int = 0
    checked_at: float = 0.0  # when the kernel's memory was last measured


def add_output(message: dict, result: CellResult, allowed: int) -> None:
    """Add one of the kernel's messages to a cell's outputs.

    Consecutive text on the same stream is joined. After `allowed` characters, outputs are counted
    but no longer stored.
    """
    if message["msg_type"] not in _OUTPUT_TYPES:
        return
    result.characters += len(json.dumps(message["content"], default=str))
    if result.characters > allowed:
        return
    output = output_from_msg(message)
    result.failed |= output.output_type == "error"
    last = result.outputs[-1] if result.outputs else new_output("stream", name="none")
    if output.output_type == last.output_type == "stream" and output.name == last.name:
        last.text += output.text
    else:
        result.outputs.append(output)
