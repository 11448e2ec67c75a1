"""The result of running one cell, and the limits on what a submission may use."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from nbformat.v4 import new_output, output_from_msg

_OUTPUT_TYPES = ("stream", "display_data", "execute_result", "error")
DIED, TIME, HUNG, MEMORY, OUTPUT, CLOCK = "died", "time", "hung", "memory", "output", "clock"


@dataclass
class CellResult:
    """The outputs of one cell, and how its run ended."""

    outputs: list = field(default_factory=list)
    stopped_by: str | None = None  # one of the names above; None if it just finished
    dead: bool = False  # the kernel is gone
    failed: bool = False  # the cell raised an error
    characters: int = 0
    seconds: float = 0.0  # processor time
    measured_at: float = 0.0  # when the kernel was last measured


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
