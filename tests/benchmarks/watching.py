"""Measure what `explorers.training` costs: `python tests/benchmarks/watching.py [PAIRS]`.

In a kernel, as in a notebook, the same 64 steps of a training run by turns without the explorer and
with it. The exit status is 1 if the quickest run with it takes longer than the limit allows.
"""

from __future__ import annotations

import json
import statistics
import sys

from jupyter_client.manager import start_new_kernel

LIMIT = 1.03
TRAIN = """
import json, time
from contextlib import nullcontext
import torch
from torch.utils.data import DataLoader, TensorDataset
from unet_tutorial import UNet, explorers, fit
from unet_tutorial.data import RandomCrops
from unet_tutorial.teaching.explorers.training.data import ROWS, load_strips

images, masks = load_strips()
crops = RandomCrops([(images.train, masks.train)], size=96, length=64, seed=0)
held_out = [torch.tensor(part.validation).float()[None, None] for part in (images, masks)]
validation = DataLoader(TensorDataset(*held_out))
patch = images.validation[ROWS], masks.validation[ROWS]

def train(watched):
    torch.manual_seed(0)
    model, loader = UNet(base_channels=8), DataLoader(crops, batch_size=8)
    how = {"epochs": 8, "learning_rate": 3e-3, "device": "cpu"}
    clocks = time.perf_counter, time.process_time
    before = [clock() for clock in clocks]
    with explorers.training(model, *patch) if watched else nullcontext() as watch:
        start = [clock() for clock in clocks]
        fit(model, loader, validation, **how, on_epoch=watch)
        end = [clock() for clock in clocks]
    around = time.process_time() - before[1] - (end[1] - start[1])
    return [to - since for since, to in zip(start, end)] + [around]
"""
PAIR = "print('took', json.dumps([train(False), train(True)]))"


def measure_pairs(count: int) -> list[tuple[list[float], list[float]]]:
    """Return seconds without and with the explorer, pair by pair: wall, processor, around fit."""
    manager, client = start_new_kernel()
    said: list[str] = []

    def hear(message: dict) -> None:
        content = message["content"]
        said.append(content.get("text", "") + "\n".join(content.get("traceback", [])))

    try:
        for code in (TRAIN, "train(True)", *[PAIR] * count):  # the first one is to warm up
            client.execute_interactive(code, output_hook=hear, timeout=600)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    lines = "".join(said).splitlines()
    found = [json.loads(line.split(" ", 1)[1]) for line in lines if line.startswith("took ")]
    if len(found) != count:
        raise SystemExit("".join(said))
    return found


def main(arguments: list[str]) -> int:
    pairs = measure_pairs(int(arguments[0]) if arguments else 5)
    for clock, name in enumerate(("wall time", "processor time")):
        ratios = [watched[clock] / alone[clock] for alone, watched in pairs]
        best = min(watched[clock] for _, watched in pairs) / min(alone[clock] for alone, _ in pairs)
        print(
            f"{name}: {best:.3f} times as long, best of {len(pairs)} against best; pair by pair "
            f"{statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}"
        )
    around = statistics.median(watched[2] for _, watched in pairs)
    print(f"before and after fit, to show the explorer and to save it: {1000 * around:.0f} ms")
    return best > LIMIT  # of the processor time, which other programs disturb less


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
