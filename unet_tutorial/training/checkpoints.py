"""Weights and checkpoints on disk: written whole or not at all, read without running code."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from unet_tutorial.files import atomic_write

FORMAT = "unet-tutorial checkpoint"
VERSION = 1
_PARTS = {"settings", "model", "optimiser", "schedule", "random", "history"}


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
    content = read_file(path)
    weights = content["model"] if isinstance(content.get("model"), dict) else content
    check_fits(model, weights, path)
    model.load_state_dict(weights)


def read_file(path: str | Path) -> dict:
    """The dict that torch.save wrote to `path`, its tensors on the CPU.

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


def read_checkpoint(path: str | Path) -> dict:
    """The checkpoint that `fit` wrote to `path`.

    Raises:
        ValueError: it is damaged, or something other than a checkpoint of this version.
    """
    content = read_file(path)
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


def write_checkpoint(content: dict[str, Any], path: str | Path) -> None:
    """Write what `read_checkpoint` reads: a dict of tensors and plain values."""
    stamped = {"format": FORMAT, "version": VERSION, **content}
    atomic_write(path, lambda file: torch.save(stamped, file))


def check_fits(model: nn.Module, weights: Mapping[str, Any], path: str | Path) -> None:
    """Raise ValueError, naming the first three, if names or shapes differ from the model's."""
    ours, theirs = _shapes(model.state_dict()), _shapes(weights)
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


def _shapes(weights: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(getattr(value, "shape", ())) for name, value in weights.items()}


def random_states(*loaders: Any) -> dict[str, Any]:
    """Where every random number generator that training may draw from stands, as plain values.

    A DataLoader draws from its `generator` (or torch's own where it has none) at the start of
    each epoch, and its sampler once more at the epoch's end: between two epochs these states
    decide all that follows. CUDA's are read only where this process has used CUDA.
    """
    name, keys, *rest = np.random.get_state()  # noqa: NPY002 - the global one, for those who use it
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],
        "loaders": [generator.get_state() for generator in _generators(*loaders)],
        "python": random.getstate(),
        "numpy": (name, keys.tolist(), *rest),
    }


def set_random_states(states: dict[str, Any], *loaders: Any) -> None:
    """Put every generator back where `random_states` found it.

    Raises:
        ValueError: the loaders have more or fewer generators than they had then.
    """
    generators = _generators(*loaders)
    if len(generators) != len(states["loaders"]):
        raise ValueError(
            f"The checkpoint was made with {len(states['loaders'])} generators in train_loader, "
            f"which now has {len(generators)}: batches would come in another order. Make the "
            "DataLoader as it was then, or delete the checkpoint to start afresh."
        )
    for generator, state in zip(generators, states["loaders"], strict=True):
        generator.set_state(state)
    torch.set_rng_state(states["torch"])
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])  # noqa: NPY002
    for index, state in enumerate(states["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(state, index)


@contextmanager
def preserved_random_states(*loaders: Any) -> Iterator[None]:
    """Whatever the block draws, training goes on as if it had drawn nothing."""
    states = random_states(*loaders)
    try:
        yield
    finally:
        set_random_states(states, *loaders)


def _generators(*loaders: Any) -> list[torch.Generator]:
    """The generators that the loaders and their samplers hold, each once."""
    holders = []
    for loader in loaders:
        batch_sampler = getattr(loader, "batch_sampler", None)
        samplers = (getattr(loader, "sampler", None), getattr(batch_sampler, "sampler", None))
        holders += [loader, batch_sampler, *samplers]
    found = (getattr(holder, "generator", None) for holder in holders)
    return list({id(one): one for one in found if isinstance(one, torch.Generator)}.values())
