"""Checks of chapter 04: Down."""

from __future__ import annotations

__all__: list[str] = []
