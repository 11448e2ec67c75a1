"""Checks of chapter 01: pixels to labels."""

from __future__ import annotations

__all__: list[str] = []
