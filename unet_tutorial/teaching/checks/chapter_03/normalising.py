"""What checks of BatchNorm need: a layer beside PyTorch's, and what a folded layer got wrong."""

from __future__ import annotations

EPS = 1e-5
