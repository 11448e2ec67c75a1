"""Checks of chapter 08: UNet."""

from __future__ import annotations

__all__: list[str] = []
