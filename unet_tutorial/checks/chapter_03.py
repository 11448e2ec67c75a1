"""Checks of chapter 03: DoubleConv."""

from __future__ import annotations

__all__: list[str] = []
