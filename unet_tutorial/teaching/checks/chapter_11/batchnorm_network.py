"""A small network with BatchNorm, for exercises on predicting with a trained model."""

from __future__ import annotations

import torch
from torch import nn


def make_batchnorm_network(seed: int) -> nn.Sequential:
    """Return a network with random weights, and running averages unlike those of any batch."""
    generator = torch.Generator().manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 1, 1)
    ).double()
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    network[1].running_mean += torch.rand(3, generator=generator, dtype=torch.float64)
    network[1].running_var *= 2.5
    return network
