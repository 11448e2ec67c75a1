"""A small network with BatchNorm, for exercises on predicting with a trained model."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn


def make_batchnorm_network(seed: int, dropout: float = 0) -> nn.Sequential:
    """Return a network with random weights, and running averages unlike those of any batch.

    Its parts have names that a careless change of "module." would spoil.
    """
    parts = {
        "down": nn.Conv2d(1, 3, 3, padding=1, bias=False),
        "submodule": nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.Dropout(dropout)),
        "module_out": nn.Conv2d(3, 1, 1),
    }
    network = nn.Sequential(OrderedDict(parts)).float()
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():  # the last term: no variance is near 0
            values = torch.randn(tensor.shape, generator=generator, dtype=torch.float32)
            tensor.copy_(values.abs() + 1.5 if name.endswith("running_var") else values)
    return network
