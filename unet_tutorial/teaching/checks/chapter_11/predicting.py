"""Small networks to predict with, and what answers make of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def network_with_batchnorm(seed: int) -> nn.Sequential:
    """Return a small network whose running averages are not those of any batch it will meet."""
    generator = torch.Generator().manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 1, 1)
    ).double()
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    network[1].running_mean += torch.rand(3, generator=generator, dtype=torch.float64)
    network[1].running_var *= 2.5
    return network


def numbers_of(network: nn.Module) -> dict[str, Tensor]:
    """Return copies of all parameters and running averages."""
    tensors = [*network.named_parameters(), *network.named_buffers()]
    return {name: tensor.detach().clone() for name, tensor in tensors}


def equal_numbers(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    """Return whether two such dicts are equal, name by name."""
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in b)
