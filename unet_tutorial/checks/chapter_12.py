"""Checks of chapter 12: counting, and folders of one's own."""

from __future__ import annotations

__all__: list[str] = []
