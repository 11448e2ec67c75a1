"""Which thresholds the explorer offers, and between which two of them each value lies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

MOST = 100  # thresholds
PROBABILITY = "probability"
_BRIGHTEST = 97  # percent of the values; the last bar has the rest
_BYTE = 255  # the grey levels of 8-bit images


class Levels(NamedTuple):
    """Thresholds from low to high, in equal steps, and the one that is chosen at first."""

    thresholds: np.ndarray  # (n,)
    start: int
    digits: int  # decimals with which a threshold is written


def choose_levels(values: np.ndarray, name: str) -> Levels:
    """Choose at most 100 thresholds that suit some values.

    Probabilities get 0.02 to 0.98, and start at 0.5. Grey values of 8 bits get thresholds between
    two levels; others, round ones. Both leave out the brightest pixels, and start high.

    Args:
        values: finite numbers of any shape.
        name: what they're called: "probability", or anything else.
    """
    if name == PROBABILITY:
        return Levels(np.arange(2, 99) / 100, 48, 2)
    low, high = np.percentile(values, [0, _BRIGHTEST]).astype(float).tolist()
    unit = _find_unit(values)
    if unit is None:
        step = _round_up((high - low) / MOST or 1.0)
        thresholds = np.floor(low / step) * step + step * np.arange(1, MOST + 1)
        finest = step
    else:
        step = unit * max(1, np.ceil((high - low) / unit / MOST))
        thresholds = np.arange(low + unit / 2, max(high, low + unit), step)
        finest = unit / 2
    digits = int(max(0, np.ceil(-np.log10(finest) - 1e-9)))
    return Levels(thresholds, round(0.75 * (len(thresholds) - 1)), digits)


def find_levels(values: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return how many thresholds each value is above, in the values' shape.

    A value is above threshold i exactly if this number is above i. Comparing in the values' own
    dtype gives what `values > threshold` gives.
    """
    return np.searchsorted(thresholds.astype(values.dtype), values, side="left").astype(np.uint8)


def _find_unit(values: np.ndarray) -> float | None:
    """Return the step between the levels of an 8-bit image, or None if the values have no steps."""
    for unit in (1.0, 1 / _BYTE):
        levels = values / unit
        if np.ptp(levels) >= 1 and np.abs(levels - np.rint(levels)).max() < 1e-3:
            return unit
    return None


def _round_up(step: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(next(part * power for part in (1, 2, 5, 10) if part * power >= step * (1 - 1e-9)))
