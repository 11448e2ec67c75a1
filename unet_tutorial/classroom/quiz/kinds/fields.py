"""Finds out which pixels of a row one value of the output depends on."""

from __future__ import annotations

import torch
from torch import nn


def find_columns(layers: nn.Module, column: int, width: int) -> tuple[int, int]:
    """Return the first and the last column of a row that an output's column depends on.

    Args:
        layers: they take rows (N, 1, width), such as those of `nn.Conv1d` and `nn.MaxPool1d`.
        column: which column of the output; its field must be inside the row.
        width: how long the row is.
    """
    rows = torch.zeros(width, 1, width)
    rows[range(width), 0, range(width)] = torch.nan  # one at a time; what depends on it is NaN
    with torch.no_grad():
        seen = layers(rows)[:, 0, column].isnan().nonzero().flatten().tolist()
    return seen[0], seen[-1]
