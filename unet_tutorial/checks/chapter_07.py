"""Checks of chapter 07: OutConv."""

from __future__ import annotations

__all__: list[str] = []
