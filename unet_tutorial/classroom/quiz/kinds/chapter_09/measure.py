"""Measure what networks cost, on tensors without contents."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from unet_tutorial.unet import UNet


def make_unet(base: int) -> UNet:
    """Return a U-Net for grey images whose tensors take no memory."""
    with torch.device("meta"):
        return UNet(base_channels=base)


def count_macs(layer: nn.Module, *shape: int) -> int:
    """Return the multiplications of a layer whose input has this shape."""
    with FlopCounterMode(display=False) as counter:
        layer.to("meta")(torch.empty(shape, device="meta"))
    return counter.get_total_flops() // 2  # which counts additions as well


def count_kept_bytes(network: nn.Module, *shape: int) -> int:
    """Return the bytes that a batch of this shape keeps for the backward pass, itself included."""
    network.to("meta").train()
    own = {tensor.untyped_storage()._cdata for tensor in network.state_dict().values()}
    pieces = {}

    def save(tensor: Tensor) -> Tensor:
        if tensor.dim() == len(shape) and tensor.untyped_storage()._cdata not in own:
            pieces[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(save, lambda tensor: tensor):
        network(torch.empty(shape, device="meta"))
    return sum(piece.nbytes() for piece in pieces.values())


@cache
def count_kept_per_image(base: int, side: int) -> int:
    """Return the bytes that a U-Net keeps of one square grey image for the backward pass."""
    return count_kept_bytes(make_unet(base), 1, 1, side, side)


def count_numbers_per_parameter(optimiser: type[torch.optim.Optimizer], **settings) -> int:
    """Return how many numbers a step keeps of each parameter: with its gradient and itself."""
    weight = nn.Parameter(torch.ones(10))
    trained = optimiser([weight], lr=0.1, **settings)
    weight.sum().backward()
    trained.step()
    states = [each for each in trained.state[weight].values() if each.numel() == weight.numel()]
    return 2 + len(states)
