"""Checks of chapter 05: transposed convolution."""

from __future__ import annotations

__all__: list[str] = []
