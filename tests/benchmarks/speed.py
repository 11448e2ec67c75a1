"""Compare the speed with that of another checkout: `python tests/benchmarks/speed.py OTHER`.

Both take turns, each time in a fresh process, so that a busy computer slows both down. For the
network, the losses and a step of `fit` (with the network, and with hardly any) the table has this
checkout's milliseconds, and the ratio to the other's: the median over the rounds, and the range.
`--rounds` says how often (5).
"""

import argparse
import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("other", type=Path, help="the checkout to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    ours, theirs = [], []
    for number in range(arguments.rounds):  # who goes first alternates
        pair = [(ROOT, ours), (arguments.other.resolve(), theirs)]
        for checkout, results in pair[:: 1 - 2 * (number % 2)]:
            results.append(_measure_in_process(checkout))
    print("                     ms    ratio (range)")
    for name in ours[0]:
        ratios = sorted(a[name] / b[name] for a, b in zip(ours, theirs, strict=True))
        milliseconds = 1000 * statistics.median(result[name] for result in ours)
        print(
            f"{name:15} {milliseconds:7.2f}    {statistics.median(ratios):.3f} "
            f"({ratios[0]:.3f} to {ratios[-1]:.3f})"
        )


def _measure_in_process(checkout: Path) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    command = [sys.executable, __file__, "--measure"]
    done = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, check=True)
    return json.loads(done.stdout)


def measure() -> dict[str, float]:
    """Return the seconds that network, losses and a step of `fit` take, at their fastest."""
    import torch
    from torch import nn
    from torch.nn.functional import mse_loss

    from unet_tutorial.losses import bce_dice_loss, cross_entropy_dice_loss
    from unet_tutorial.training import fit
    from unet_tutorial.unet import UNet

    torch.manual_seed(0)
    torch.set_num_threads(1)
    images = torch.rand(8, 1, 96, 96)
    masks = (images > 0.5).float()
    model = UNet(base_channels=8)
    one = torch.randn(8, 1, 96, 96, requires_grad=True)
    four = torch.randn(8, 4, 96, 96, requires_grad=True)
    classes = torch.randint(4, (8, 96, 96))

    def train(model: nn.Module, steps: int, loss: Callable | None = None) -> None:
        batches = [(images, masks)] * steps
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            fit(model, batches, epochs=1, learning_rate=1e-3, loss=loss, device="cpu")

    return {
        "network": _time(lambda: model(images).mean().backward(), 15),
        "bce + dice": _time(lambda: bce_dice_loss(one, masks).backward(), 50),
        "4 classes": _time(lambda: cross_entropy_dice_loss(four, classes).backward(), 50),
        "fit": _time(lambda: train(model, 10), 4) / 10,
        "fit's own share": _time(lambda: train(nn.Conv2d(1, 1, 1), 200, mse_loss), 10) / 200,
    }


def _time(call: Callable[[], object], times: int) -> float:
    call()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure()))
    else:
        main()
