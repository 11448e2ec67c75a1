"""The checkpoint of a training: written whole or not at all, and read only by the same training."""

from pathlib import Path
from typing import Any

import torch

from unet_tutorial.files import atomic_write
from unet_tutorial.training.random_states import get_random_states, restore_random_states
from unet_tutorial.training.state import TrainingState
from unet_tutorial.training.weights import describe_model, find_weights, put_weights, read_file

FORMAT = "unet-tutorial checkpoint"
VERSION = 1
_PARTS = {"settings", "model", "optimiser", "schedule", "random", "history"}
_MAY_CHANGE = {"epochs", "learning_rate", "schedule"}  # when a finished training is extended


def save_state(state: TrainingState) -> None:
    """Write a training's checkpoint: tensors and plain values only."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "settings": state.settings,
        "history": {**vars(state.history)},
        **describe_model(state.model),
        "optimiser": state.optimiser.state_dict(),
        "schedule": state.schedule.state_dict() if state.schedule else {},
        "scaler": state.scaler.state_dict(),
        "random": get_random_states(state.train_loader),
    }
    atomic_write(state.path, lambda file: torch.save(content, file))


def restore_state(state: TrainingState) -> bool:
    """Restore a training from its checkpoint; raise ValueError if it is another training's.

    Return whether it's finished and gets more epochs: all but the schedule is restored then.
    """
    path, stored = state.path, _read_checkpoint(state.path)
    then, now = stored["settings"], state.settings
    extends = len(stored["history"]["learning_rate"]) == then["epochs"] < now["epochs"]
    find_weights(state.model, stored, path)
    _check_settings(then, now, path, _MAY_CHANGE if extends else set())
    fresh = state.optimiser.param_groups
    state.optimiser.load_state_dict(stored["optimiser"])
    restore_random_states(stored["random"], state.train_loader)
    own = describe_model(state.model)  # what is said here of scaling and classes counts
    stored |= {name: own[name] for name in own if name != "model" and own[name] is not None}
    put_weights(state.model, stored, path)  # after all that may be refused
    if extends:
        for group, settings in zip(state.optimiser.param_groups, fresh, strict=True):
            group.update(settings)  # the new learning rate, but the averages so far
    elif state.schedule:
        state.schedule.load_state_dict(stored["schedule"])
    if stored.get("scaler"):
        state.scaler.load_state_dict(stored["scaler"])
    vars(state.history).update(stored["history"])
    return extends


def _read_checkpoint(path: Path) -> dict[str, Any]:
    """Read the checkpoint that `fit` wrote; raise ValueError if it's something else."""
    content = read_file(path)
    if content.get("format") != FORMAT or not content.keys() >= _PARTS:
        raise ValueError(
            f"{path} is not a checkpoint of fit, which would write over it: give another path. "
            "(load_weights reads files that hold weights alone.)"
        )
    if content.get("version") != VERSION:
        raise ValueError(
            f"{path} is a checkpoint of version {content.get('version')}, not {VERSION}: delete "
            "it to start afresh, or use the package that wrote it."
        )
    return content


def _check_settings(then: dict, now: dict, path: Path, may_change: set[str]) -> None:
    differing = [
        f"{name} {then[name]} (now {now[name]})"
        for name in now
        if name in then and name not in may_change and then[name] != now[name]
    ]
    if differing:
        raise ValueError(
            f"{path} belongs to another training: {', '.join(differing)}. Give what it was made "
            "with to go on, or another path to start afresh (or from its weights: load_weights). "
            "Only a finished training can be given more epochs."
        )
