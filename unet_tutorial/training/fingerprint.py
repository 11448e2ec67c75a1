"""What a training is made of, in a few words: a checkpoint of another one is recognised by them."""

import copy
import random
import zlib
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unet_tutorial.prediction import find_labels, unwrap
from unet_tutorial.training.batches import apply_loss, move_to_device, set_epoch
from unet_tutorial.training.random_states import preserved_random_states
from unet_tutorial.training.state import TrainingState


def describe_training(state: TrainingState) -> dict[str, str]:
    """Return a few words each on the network, the loss, and the data of both loaders.

    Data are told by their number, and by the first, middle and last item as they are in epoch 0;
    a loss by its values for these and made-up logits, whatever its name and however it's written.
    """
    once, again = _describe(state), _describe(state)
    return {name: fact if again[name] == fact else "random" for name, fact in once.items()}


@torch.no_grad()
def _describe(state: TrainingState) -> dict[str, str]:
    network = unwrap(state.model).eval()
    frozen = [name for name, part in network.named_parameters() if not part.requires_grad]
    set_epoch(state.train_loader, 0)
    with preserved_random_states(state.train_loader, state.validation_loader):
        torch.default_generator.manual_seed(0)
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002 - the global one, for those who use it
        return {
            "network, labels or frozen parameters": _hash(network, find_labels(network), *frozen),
            "loss of made-up logits": _try_loss(state),
            "train_loader": _describe_data(state.train_loader),
            "validation_loader": _describe_data(state.validation_loader),
        }


def _hash(*facts: Any) -> str:
    return f"[{zlib.crc32(repr(facts).encode()):08x}]"


def _try_loss(state: TrainingState) -> str:
    values = []
    with suppress(Exception):  # that training meets too, and explains
        for item in _draw_items(state.train_loader):
            images, target, *weight = move_to_device(item, state.device)
            shape = unwrap(state.model)(images).shape
            logits = torch.linspace(-3, 3, shape.numel(), device=state.device).view(shape)
            values.append(f"{apply_loss(state.loss, logits, target, *weight).item():.4g}")
    return ", ".join(values)


def _describe_data(loader: Any) -> str:
    dataset = getattr(loader, "dataset", loader)
    facts = [len(dataset) if hasattr(dataset, "__len__") else None]
    for part in (part for item in _draw_items(loader) for part in item):
        values = part.double().abs().nan_to_num(7).flatten()
        mean = (values * torch.linspace(1, 2, len(values), device=part.device)).mean()
        facts.append((tuple(part.shape), f"{mean:.4g}"))  # digits that all machines share
    return f"{type(dataset).__name__} {_hash(*facts)}"


def _draw_items(loader: Any) -> list[list[Tensor]]:
    """Return batches of one item each: the first, middle and last, if the loader has them."""
    with suppress(Exception):  # no length, no indices, no tensors
        # From a copy: a file that a dataset opens when it's first read must not reach the workers.
        dataset = _copy(getattr(loader, "dataset", loader))
        items = [dataset[index] for index in (0, len(dataset) // 2, len(dataset) - 1)]
        if hasattr(loader, "collate_fn"):  # otherwise it's a list of batches
            items = [loader.collate_fn([item] if loader.batch_sampler else item) for item in items]
        return [move_to_device(item, torch.device("cpu")) for item in items]
    return []


def _copy(dataset: Any) -> Any:
    dataset = copy.copy(dataset)
    if hasattr(dataset, "dataset"):  # a Subset's, for one
        dataset.dataset = _copy(dataset.dataset)
    return dataset
