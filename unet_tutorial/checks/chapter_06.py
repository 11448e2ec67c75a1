"""Checks of chapter 06: Up."""

from __future__ import annotations

__all__: list[str] = []
