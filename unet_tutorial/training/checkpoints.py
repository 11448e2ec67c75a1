"""Weights and checkpoints on disk: written whole or not at all, read without running code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from unet_tutorial.files import atomic_write
from unet_tutorial.training.random_states import get_random_states, restore_random_states

FORMAT = "unet-tutorial checkpoint"
VERSION = 1
_PARTS = {"settings", "model", "optimiser", "schedule", "random", "history"}


@dataclass
class TrainingState:
    """What a checkpoint keeps of a training, along with the states of the random generators."""

    model: nn.Module
    optimiser: Optimizer
    schedule: LRScheduler
    settings: dict[str, Any]  # epochs, learning_rate, and steps an epoch
    history: Any  # fit's History


def save_weights(model: nn.Module, path: str | Path) -> None:
    """Write a model's state_dict to a file, whole or not at all.

    Args:
        model: any module.
        path: the file, such as "nuclei.pt". One that exists is replaced in a single step: a full
            disk or an interruption leaves it as it was.

    Raises:
        OSError: the folder does not exist, or cannot be written to.

    Example:
        >>> save_weights(model, "nuclei.pt")  # doctest: +SKIP

    Built in chapter 11.
    """
    atomic_write(path, lambda file: torch.save(model.state_dict(), file))


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Read weights from a file into a model that has exactly the same names and shapes.

    The file runs no code (`weights_only=True`). A model that does not fit stays as it was.

    Args:
        model: any module; it stays on its device and in its mode.
        path: a state_dict, or a dict that holds one under "model", as a checkpoint of `fit` does.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no weights, or others than the model's: the first that differ are
            named, with both shapes.

    Example:
        >>> load_weights(UNet(base_channels=8), "nuclei.pt")  # doctest: +SKIP

    Built in chapter 11.
    """
    content = _read_file(path)
    weights = content["model"] if isinstance(content.get("model"), dict) else content
    _check_fits(model, weights, path)
    model.load_state_dict(weights)


def _read_file(path: str | Path) -> dict:
    """Read the dict that torch.save wrote to `path`, its tensors on the CPU.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, holds more than tensors and plain values, or is no dict.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such file. Check the path.")
    with open(path, "rb") as file:  # the system's own message where it cannot be opened
        try:
            content = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(
                f"{path} cannot be read as weights: it is damaged, of another kind, or holds more "
                f"than tensors and plain values ({type(error).__name__}). Give another path, or "
                "delete it and save again."
            ) from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds a {type(content).__name__}, not weights by their names.")
    return content


def _read_checkpoint(path: str | Path) -> dict:
    """Read the checkpoint that `fit` wrote to `path`.

    Raises:
        ValueError: it is damaged, or something other than a checkpoint of this version.
    """
    content = _read_file(path)
    if content.get("format") != FORMAT or not content.keys() >= _PARTS:
        raise ValueError(
            f"{path} is not a checkpoint of fit, which would write over it: give another path. "
            "(load_weights reads files that hold weights alone.)"
        )
    if content.get("version") != VERSION:
        raise ValueError(
            f"{path} is a checkpoint of version {content.get('version')}; this package reads "
            f"version {VERSION}. Delete it to start afresh, or use the package that wrote it."
        )
    return content


def save_state(state: TrainingState, path: Path, train_loader: Iterable) -> None:
    """Write a training's checkpoint: tensors and plain values only."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "settings": state.settings,
        "history": {**vars(state.history)},
        "model": state.model.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "schedule": state.schedule.state_dict(),
        "random": get_random_states(train_loader),
    }
    atomic_write(path, lambda file: torch.save(content, file))


def restore_state(state: TrainingState, path: Path, train_loader: Iterable) -> None:
    """Restore a training from its checkpoint.

    Raises:
        ValueError: the checkpoint is damaged, or one of another training.
    """
    stored = _read_checkpoint(path)
    _check_settings(stored["settings"], state.settings, path)
    _check_fits(state.model, stored["model"], path)
    _load_optimiser(state.optimiser, stored["optimiser"], path)
    restore_random_states(stored["random"], train_loader)
    state.model.load_state_dict(stored["model"])  # after all that may be refused
    state.schedule.load_state_dict(stored["schedule"])
    vars(state.history).update(stored["history"])


def _load_optimiser(optimiser: Optimizer, stored: dict[str, Any], path: Path) -> None:
    try:
        optimiser.load_state_dict(stored)
    except ValueError as error:
        raise ValueError(
            f"{path} was made while other parameters of this model were frozen ({error}). Freeze "
            "the same ones to go on, or give another checkpoint path to start afresh."
        ) from error


def _check_settings(stored: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    """Raise ValueError unless the checkpoint was made with the same schedule."""
    differing = [
        f"{name} {stored.get(name)} (now {now[name]})"
        for name in now
        if stored.get(name) != now[name]
    ]
    if differing:
        raise ValueError(
            f"{path} was made with other settings: {', '.join(differing)}. The one-cycle schedule "
            "would not be the same. Give the same settings to go on, or another checkpoint path "
            "to start afresh."
        )


def _check_fits(model: nn.Module, weights: Mapping[str, Any], path: str | Path) -> None:
    """Raise ValueError, naming the first three, if names or shapes differ from the model's."""
    ours, theirs = _list_shapes(model.state_dict()), _list_shapes(weights)
    differing = [name for name in ours | theirs if ours.get(name) != theirs.get(name)]
    if differing:
        lines = [
            f"  {name}: file {theirs.get(name, 'has none')}, model {ours.get(name, 'has none')}"
            for name in differing[:3]
        ]
        raise ValueError(
            f"The weights in {path} are not those of this {type(model).__name__}: "
            f"{len(differing)} of {len(ours | theirs)} entries differ. The first:\n"
            + "\n".join(lines)
            + "\nBuild the model with the arguments that the file was saved with, or give another "
            "file."
        )


def _list_shapes(weights: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(getattr(value, "shape", ())) for name, value in weights.items()}
