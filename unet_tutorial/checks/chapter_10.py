"""Checks of chapter 10: training."""

from __future__ import annotations

__all__: list[str] = []
