"""Small networks to predict with, and what answers make of them."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.checks.compare import call, described
from unet_tutorial.checks.exercise import refuse
from unet_tutorial.checks.values import shown

OPENED: list[str] = []


def measured_margin(poolings: int, reach: int) -> int:
    """Return how many columns to the left matter, by the gradients of a U-Net of one row.

    Every weight is positive and pooling takes the mean, so that no influence cancels.
    """
    block = 2**poolings
    start = block * (3 * reach + 2)  # more than can matter
    row = torch.ones(block, 1, 2 * start, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        output = row_network(row, poolings, reach)
        columns = torch.arange(block)  # one column of the block for each image of the batch
        (gradient,) = torch.autograd.grad(output[columns, 0, start + columns].sum(), row)
    matters = (gradient[:, 0] != 0).any(dim=0).nonzero().ravel()
    return start - int(matters[0])


def row_network(x: Tensor, poolings: int, reach: int) -> Tensor:
    """Return the output of a U-Net whose convolutions add `reach` pixels a level and side."""
    kernel = torch.ones(1, 1, 2 * reach + 1, dtype=x.dtype)
    x = F.conv1d(x, kernel, padding=reach)
    if poolings == 0:
        return x
    inner = row_network(F.avg_pool1d(x, 2), poolings - 1, reach)
    return F.conv1d(x + inner.repeat_interleave(2, dim=-1), kernel, padding=reach)


class SmallUNet(nn.Module):
    """A U-Net of one channel and one convolution a stage, which notes the windows it is given."""

    def __init__(self, poolings: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.poolings, self.windows = poolings, []
        shape = (2 * poolings + 1, 1, 1, 3, 3)
        self.kernels = torch.rand(shape, generator=generator, dtype=torch.float64) - 0.3

    def forward(self, x: Tensor) -> Tensor:
        multiple = 2**self.poolings
        if x.ndim != 4 or x.shape[1] != 1 or x.shape[2] % multiple or x.shape[3] % multiple:
            raise ValueError(
                f"the network takes (N, 1, H, W) with sides that divide by {multiple}, "
                f"not {tuple(x.shape)}"
            )
        self.windows.append(max(x.shape[2:]))
        skips = []
        for level in range(self.poolings):
            skips.append(F.conv2d(x, self.kernels[level], padding=1))
            x = F.max_pool2d(skips[-1], 2)
        x = F.conv2d(x, self.kernels[self.poolings], padding=1)
        for level, skip in enumerate(reversed(skips), start=self.poolings + 1):
            x = skip + x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
            x = F.conv2d(x, self.kernels[level], padding=1)
        return x


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


@contextlib.contextmanager
def saved(content: object):
    """Yield the path of a file that torch.save wrote, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "weights.pt")
        torch.save(content, path)
        yield path


def note(what: str) -> Tensor:
    """Note that a file has run something; this is what a file from a stranger might call."""
    OPENED.append(what)
    return torch.zeros(1)


class Trap:
    """An object whose pickle calls `note` when it is opened."""

    def __reduce__(self):
        return note, ("opened",)


def need_seamless(tiled, network, image, core, margin, expected) -> None:
    """Refuse a result other than that of the whole image, or windows larger than needed."""
    multiple = 2**network.poolings

    def run(image, core, margin, multiple):
        return tiled(network, image, core, margin, multiple)

    run.__name__ = "tiled"
    tried = f"tiled(network, image {tuple(image.shape)}, {core}, {margin}, {multiple})"
    came = call(run, image, core, margin, multiple)
    if type(came) is not torch.Tensor or came.shape != image.shape:
        refuse("Return a tensor of the image's shape.", tried=tried, came=described(came))
    if came.dtype != expected.dtype:
        hint = "Return a tensor of the dtype that the network gives."
        refuse(hint, tried=tried, expected=str(expected.dtype), came=str(came.dtype))
    if network.windows and max(network.windows) <= core:
        refuse("The network was shown the cores alone, without their surroundings.", tried=tried)
    wrong = (came - expected).abs() > 1e-9
    inside = wrong[margin:-margin, margin:-margin] if min(image.shape) > 2 * margin else wrong[:0]
    if wrong.any() and inside.any():
        refuse(
            "Inside the image, too, a tile differs from the whole. Where may a window begin, so "
            "that its pooling windows lie where those of the whole image lie?",
            tried=tried,
            came=f"{int(wrong.sum())} of {wrong.numel()} pixels differ",
        )
    if wrong.any():
        where = "along the border" if inside.numel() else "in places"
        refuse(
            "What does the network see around the image's border when it gets the whole image, "
            "and what in your windows? And does each window begin on the multiple?",
            tried=tried,
            came=f"{int(wrong.sum())} of {wrong.numel()} pixels differ, {where}",
        )
    most = core + 2 * (margin + -margin % multiple)
    if not network.windows or max(network.windows) > most:
        refuse(
            f"The network was given a window larger than a core and its margins, {most} pixels. "
            "A large image would not fit into memory.",
            tried=tried,
        )


def need_untouched_model(probabilities, network, images, expected) -> None:
    """Refuse other values than those of eval mode, or a model that was changed by looking."""
    training, before = network.training, numbers_of(network)

    def run(images):
        return probabilities(network, images)

    run.__name__ = "probabilities"
    mode = "training" if training else "eval"
    tried = f"probabilities(model in {mode} mode, images {tuple(images.shape)})"
    with torch.enable_grad():
        came = call(run, images)
    if type(came) is not torch.Tensor or came.shape != expected.shape:
        shape = tuple(expected.shape)
        refuse(f"Return a tensor of shape {shape}.", tried=tried, came=described(came))
    if came.requires_grad:
        refuse("The result still carries what a backward pass would need.", tried=tried)
    if torch.allclose(came, expected.logit()):
        refuse("These are the logits. Their sigmoid is the probability.", tried=tried)
    if not torch.allclose(came, expected):
        refuse(
            "BatchNorm has used the statistics of this very batch. Which switch stops that?"
            if training
            else "These are not the probabilities of eval mode.",
            tried=tried,
            expected=f"as in eval mode, first {shown(expected[0, 0, :3])}",
            came=f"first {shown(came[0, 0, :3])}",
        )
    if not equal_numbers(numbers_of(network), before):
        refuse("Looking has moved the model's running averages.", tried=tried)
    if any(module.training != training for module in network.modules()):
        left = "eval" if training else "training"
        refuse(
            f"The model came in {mode} mode and is left in {left} mode: who trains on would not "
            "know."
            if training
            else "The model came in eval mode. Give it back in the mode that it had.",
            tried=tried,
        )


def need_loaded(load, content, what, expected) -> None:
    """Refuse a function that does not give back a model with these numbers."""
    with saved(content) as path:
        came = call(load, network_with_batchnorm(0), path)
    if not isinstance(came, nn.Module):
        refuse("Return the model.", tried=what, came=described(came))
    if equal_numbers(numbers_of(came), numbers_of(network_with_batchnorm(0))):
        refuse(
            "The model is as it was before: nothing was loaded, and nobody was told.", tried=what
        )
    if not equal_numbers(numbers_of(came), expected):
        refuse("The model's numbers are not those of the file.", tried=what)


def need_error(load, content, what) -> None:
    """Refuse a function that takes such a file without an error."""
    OPENED.clear()
    with saved(content) as path:
        try:
            load(network_with_batchnorm(0), path)
        except Exception:
            if not OPENED:
                return
    if OPENED:
        refuse(
            "Opening the file ran a function that was hidden in it. Who knows what else would?",
            tried=what,
        )
    refuse(
        "This file does not fit the model, and no error was raised. Some weights stay random.",
        tried=what,
    )
