"""What `fit` is given, checked before it starts."""

import math
import numbers
from collections.abc import Iterable
from operator import length_hint

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from unet_tutorial.training.state import TrainingState


def check_arguments(state: TrainingState) -> None:
    """Raise TypeError or ValueError if an argument of `fit` can't be used."""
    rate, optimiser, schedule = state.settings["learning_rate"], state.optimiser, state.schedule
    if not isinstance(state.model, nn.Module):
        raise TypeError(f"model is a {type(state.model).__name__}, but must be a torch.nn.Module.")
    norm = state.max_gradient_norm
    for name, value, good in ("learning_rate", rate, 0.003), ("max_gradient_norm", norm, 1.0):
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if value is not None and not (real and 0 < value < math.inf):
            raise ValueError(f"{name} is {value!r}, but must be finite and above 0, like {good}.")
    if state.autocast not in (None, torch.bfloat16, torch.float16):
        raise ValueError(f"autocast is {state.autocast!r}, but must be torch.bfloat16 or float16.")
    for name, function in ("loss", state.loss), ("on_epoch", state.on_epoch):
        if function is not None and not callable(function):
            raise TypeError(f"{name} is {function!r}, but must be a function, or None.")
    if (rate is None) == (optimiser is None):
        raise ValueError("Give a learning_rate, such as 0.003, or an optimiser: one of the two.")
    if not isinstance(optimiser, Optimizer | None):
        raise TypeError(f"optimiser is {optimiser!r}, but must be a torch.optim.Optimizer.")
    groups = optimiser.param_groups if optimiser else []
    held = {id(parameter) for group in groups for parameter in group["params"]}
    strange = held - {id(parameter) for parameter in state.model.parameters()}
    if strange:
        raise ValueError(
            f"{len(strange)} of the optimiser's {len(held)} parameters aren't in the model. Make "
            "it from model.parameters(), once the model is complete."
        )
    stepped = isinstance(schedule, LRScheduler) and not isinstance(schedule, ReduceLROnPlateau)
    if schedule is not None and not (stepped and schedule.optimizer is optimiser):
        raise ValueError(
            f"schedule is a {type(schedule).__name__}, but must be one that is stepped once a "
            "batch, without a loss, and made for the optimiser that you give."
        )


def count_steps(train_loader: Iterable, validation_loader: Iterable | None) -> int:
    """Return how many batches train_loader gives; raise if a loader is known to be empty."""
    try:
        steps = len(train_loader)
    except TypeError as error:
        raise TypeError(
            "train_loader has no length: give a list, or a DataLoader over a dataset that has one."
        ) from error
    for name, loader in ("train_loader", train_loader), ("validation_loader", validation_loader):
        if loader is not None and length_hint(loader, 1) == 0:
            raise ValueError(
                f"{name} is empty. With drop_last=True it needs at least batch_size images."
            )
    return steps
