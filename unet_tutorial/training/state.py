"""A training in progress: what `fit` was given, and what it has recorded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


@dataclass(repr=False)
class History:
    """What training recorded: one plain float for each completed epoch in every list.

    Without a validation_loader its lists stay empty. `learning_rate` is that of the epoch's last
    step. Built in chapter 10.
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_dice: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    interrupted: bool = False

    @property
    def epochs(self) -> int:
        """How many epochs are complete."""
        return len(self.learning_rate)

    def record(self, **values: float) -> None:
        """Add a completed epoch in a single step: a value for each list."""
        vars(self).update({name: [*getattr(self, name), value] for name, value in values.items()})

    def __repr__(self) -> str:
        lists = {name: values for name, values in vars(self).items() if name != "interrupted"}
        last = [f"{name}={values[-1]:.4g}" for name, values in lists.items() if values]
        parts = [f"epochs={self.epochs}", *last, f"interrupted={self.interrupted}"]
        return f"History({', '.join(parts)})"


@dataclass
class TrainingState:
    """What `fit` was given, or chose where nothing was given, and how far it has got."""

    model: nn.Module
    train_loader: Iterable
    validation_loader: Iterable | None
    loss: Callable[..., Tensor]  # of (logits, target), or of (logits, target, weight map)
    optimiser: Optimizer
    schedule: LRScheduler | None
    max_gradient_norm: float | None
    autocast: torch.dtype | None
    path: Path | None  # of the checkpoint
    on_epoch: Callable[[int, History, nn.Module], Any] | None
    settings: dict[str, Any]  # epochs, steps an epoch, ..., and what describe_training says
    device: torch.device | None = None
    scaler: torch.amp.GradScaler | None = None  # of float16; otherwise it changes nothing
    history: History = field(default_factory=History)
