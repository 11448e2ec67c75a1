"""The random number generators that training draws from: saved, restored, left as they were."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


def get_random_states(*loaders: Any) -> dict[str, Any]:
    """Return the state of every random number generator that training may use, as plain values.

    A DataLoader draws from its `generator` (or torch's own where it has none) at the start of
    each epoch, and its sampler once more at the epoch's end: between two epochs these states
    decide all that follows. CUDA's are read only where this process has used CUDA.
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
    """Restore every generator to a state that `get_random_states` returned.

    Raises:
        ValueError: the loaders have more or fewer generators than they had then.
    """
    generators = _find_generators(*loaders)
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
    """Context manager: restores all random number generators on exit."""
    states = get_random_states(*loaders)
    try:
        yield
    finally:
        restore_random_states(states, *loaders)


def _find_generators(*loaders: Any) -> list[torch.Generator]:
    """Return the generators that the loaders and their samplers hold, each once."""
    holders = []
    for loader in loaders:
        batch_sampler = getattr(loader, "batch_sampler", None)
        samplers = (getattr(loader, "sampler", None), getattr(batch_sampler, "sampler", None))
        holders += [loader, batch_sampler, *samplers]
    found = (getattr(holder, "generator", None) for holder in holders)
    return list({id(one): one for one in found if isinstance(one, torch.Generator)}.values())
