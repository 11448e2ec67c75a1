"""Checks of chapter 09: what it costs."""

from __future__ import annotations

__all__: list[str] = []
