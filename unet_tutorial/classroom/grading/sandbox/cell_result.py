"""What may come of a cell, and how much of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from nbformat.v4 import new_output, output_from_msg

OUTPUTS = ("stream", "display_data", "execute_result", "error")
DIED, TIME, HUNG, MEMORY, OUTPUT = "died", "time", "hung", "memory", "output"


@dataclass(frozen=True)
class Limits:
    """What one cell may use."""

    seconds: float = 30.0
    gigabytes: float = 4.0
    characters: int = 2_000_000


@dataclass
class Result:
    """What came of one cell: its outputs, and what ended it (None where it ended by itself)."""

    outputs: list = field(default_factory=list)
    ended: str | None = None
    dead: bool = False  # the kernel is gone
    failed: bool = False  # it raised an error
    characters: int = 0
    looked: float = 0.0  # when the kernel was last looked at


def take(message: dict, result: Result, allowed: int) -> None:
    """Add a message of the kernel to a cell's outputs; text of one stream is joined."""
    if message["msg_type"] not in OUTPUTS:
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
