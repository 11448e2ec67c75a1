"""Checks of chapter 11: prediction."""

from __future__ import annotations

__all__: list[str] = []
