"""The random number generators that training draws from: saved, restored, left as they were."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


def get_random_states(*loaders: Any) -> dict[str, Any]:
    """Return the state of every random number generator that training may use, as plain values.

    A DataLoader and its sampler draw from their `generator`, or torch's own, so between two epochs
    these states decide all that follows. CUDA's are read only where this process has used CUDA.
    """
    name, keys, *rest = np.random.get_state()  # noqa: NPY002 - the global one, for those who use it
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],
        "loaders": [generator.get_state() for generator in _find_generators(*loaders)],
        "python": random.getstate(),
        "numpy": (name, keys.tolist(), *rest),
    }


def restore_random_states(states: dict[str, Any], *loaders: Any) -> None:
    """Restore every generator; ValueError if the loaders had more or fewer of them then."""
    generators, then = _find_generators(*loaders), len(states["loaders"])
    if len(generators) != then:
        raise ValueError(
            f"The checkpoint was made with {then} generators in train_loader, which now has "
            f"{len(generators)}. Make the DataLoader as it was, or delete the checkpoint."
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
    """Context manager: restores all random number generators on exit."""
    states = get_random_states(*loaders)
    try:
        yield
    finally:
        restore_random_states(states, *loaders)


def _find_generators(*loaders: Any) -> list[torch.Generator]:
    """Return the generators that the loaders and their parts hold, each once."""
    found = (getattr(part, "generator", None) for loader in loaders for part in list_parts(loader))
    return list({id(one): one for one in found if isinstance(one, torch.Generator)}.values())


def list_parts(loader: Any) -> list[Any]:
    """Return a loader, its samplers and its datasets (a Subset's, for one), each once."""
    parts = [loader]
    for part in parts:
        inner = (getattr(part, name, None) for name in ("dataset", "sampler", "batch_sampler"))
        parts += [one for one in inner if not any(one is known for known in [None, *parts])]
    return parts
