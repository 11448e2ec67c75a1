"""Train the network that ships with the tutorial again: `python tools/train_checkpoint.py`.

UNet(base_channels=8) is trained on random crops of the nuclei image's training strip. The settings
below were chosen without looking at the test strip; its Dice is printed once, at the end. With one
thread, one seed and deterministic algorithms, every run on one machine and build of torch gives
the same bits. It takes about a minute and a half. `--spread` saves nothing: it trains with five
seeds, for 200 steps each, and prints the spread of their Dice scores.
"""

import argparse
import statistics
import time

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from unet_tutorial.data import (
    RandomCrops,
    Strips,
    load_nuclei,
    measure_scaling,
    normalise,
    split_strips,
)
from unet_tutorial.files import atomic_write
from unet_tutorial.metrics import dice
from unet_tutorial.prediction import predict
from unet_tutorial.training import fit
from unet_tutorial.unet import TRAINED_UNET, UNet

SEED = 0
EPOCHS = 16
STEPS = 25  # per epoch
BATCH_SIZE = 8
CROP = 96
LEARNING_RATE = 3e-3
BASE_CHANNELS = 8
SPREAD_SEEDS, SPREAD_EPOCHS = range(5), 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--spread", action="store_true", help="five seeds, 200 steps, no file")
    spread = parser.parse_args().spread
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    images, masks = load_strips()
    if spread:
        _print_spread(images, masks)
        return
    model = _train_network(images, masks, seed=SEED, epochs=EPOCHS)
    for name in ("validation", "test"):
        print(
            f"{name} Dice {_compute_dice(model, getattr(images, name), getattr(masks, name)):.4f}"
        )
    _save_network(model)
    print(f"{TRAINED_UNET}: {TRAINED_UNET.stat().st_size:,} bytes")


def load_strips() -> tuple[Strips, Strips]:
    """Load the strips of the image, normalised by the training strip, and those of its mask."""
    image, labels = load_nuclei()
    image = normalise(image, reference=split_strips(image).train)
    return split_strips(image), split_strips(labels > 0)


def _train_network(images: Strips, masks: Strips, *, seed: int, epochs: int) -> UNet:
    torch.manual_seed(seed)
    model = UNet(base_channels=BASE_CHANNELS)
    length = STEPS * BATCH_SIZE
    crops = RandomCrops([(images.train, masks.train)], size=CROP, length=length, seed=seed)
    held_out = TensorDataset(  # one image: (1, 1, 512, 64)
        torch.from_numpy(images.validation[None, None].copy()),
        torch.from_numpy(masks.validation[None, None].astype(np.float32)),
    )
    fit(
        model,
        DataLoader(crops, batch_size=BATCH_SIZE),
        DataLoader(held_out),
        epochs=epochs,
        learning_rate=LEARNING_RATE,
        device="cpu",
    )
    return model


def _compute_dice(model: UNet, image: np.ndarray, mask: np.ndarray) -> float:
    return dice(predict(model, image)[0] > 0.5, mask)


def _save_network(model: UNet) -> None:
    arguments = ("in_channels", "num_classes", "base_channels", "labels")
    content = {name: getattr(model, name) for name in arguments}
    content["classes"] = ["nucleus"]
    content["scaling"] = tuple(measure_scaling(split_strips(load_nuclei()[0]).train))
    content["model"] = model.state_dict()
    atomic_write(TRAINED_UNET, lambda file: torch.save(content, file))


def _print_spread(images: Strips, masks: Strips) -> None:
    scores = []
    for seed in SPREAD_SEEDS:
        started = time.perf_counter()
        model = _train_network(images, masks, seed=seed, epochs=SPREAD_EPOCHS)
        seconds = time.perf_counter() - started
        scores.append(_compute_dice(model, images.test, masks.test))
        print(f"seed {seed}: test Dice {scores[-1]:.4f} after {seconds:.0f} s")
    print(
        f"test Dice {min(scores):.4f} to {max(scores):.4f}, mean {statistics.mean(scores):.4f}, "
        f"standard deviation {statistics.stdev(scores):.4f}"
    )


if __name__ == "__main__":
    main()
