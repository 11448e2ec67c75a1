"""Record the training runs of exercise 10.2 again: `python tools/record_mistakes.py`.

The same network is trained five times on the same strip: once correctly and four times with a
mistake. After every epoch, a run logs the training loss, the validation loss, the validation Dice,
and the validation Dice with a black image added to the batch. The numbers are printed in the
chapter's format. `--others` trains from three other starts, on smaller crops and half as many at a
time: the exercise's check uses those runs. With one thread and fixed seeds, the numbers are the
same on every run on one machine and build of torch. Elsewhere the last digits differ, but the
answers to the exercise don't. It takes a few minutes.
"""

import argparse

import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from train_checkpoint import LEARNING_RATE, load_strips

from unet_tutorial.data import RandomCrops
from unet_tutorial.metrics import dice
from unet_tutorial.unet import UNet

EPOCHS, STEPS = 8, 20
SHOWN = [(0, 96, 8)]  # seed, side of the crops, batch size
OTHERS = [(seed, 64, 4) for seed in (1, 2, 3)]
RUNS = {"A": "flip", "B": "mask 255", "C": "none", "D": "no zero_grad", "E": "no eval"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--others", action="store_true", help="the runs that the check uses")
    torch.set_num_threads(1)
    images, masks = load_strips()
    strip = torch.from_numpy(images.validation[None, None].copy())  # (1, 1, 512, 64)
    truth = torch.from_numpy(masks.validation[None, None].copy()).float()
    for seed, size, batch_size in OTHERS if parser.parse_args().others else SHOWN:
        pairs, length = [(images.train, masks.train)], STEPS * batch_size
        crops = RandomCrops(pairs, size=size, length=length, seed=seed)
        for name, mistake in RUNS.items():
            log = _train_with_mistake(crops, batch_size, seed, strip, truth, mistake)
            parts = zip(*log, strict=True)
            curves = [" ".join(f"{value:.3g}" for value in values) for values in parts]
            print(name, mistake)
            print(" ", curves[0], " ", curves[1])
            print(" ", curves[2], " ", curves[3], flush=True)


def _train_with_mistake(
    crops: RandomCrops, batch_size: int, seed: int, strip, truth, mistake: str
) -> list[tuple[float, ...]]:
    torch.manual_seed(seed)
    model = UNet(base_channels=8)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=EPOCHS * STEPS
    )
    white = 255 if mistake == "mask 255" else 1
    log = []
    for epoch in range(EPOCHS):
        crops.set_epoch(epoch)
        model.train()
        total = 0.0
        for step in range(STEPS):
            batch = [crops[step * batch_size + i] for i in range(batch_size)]
            x, y = (torch.stack(part) for part in zip(*batch, strict=True))
            if mistake == "flip":
                x[::2] = x[::2].flip(-1)  # every other image, but not its mask
            loss = _unchecked_loss(model(x), white * y)
            if mistake != "no zero_grad":
                optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        if mistake != "no eval":
            model.eval()
        log.append((total / STEPS, *_evaluate(model, strip, truth, white)))
    return log


@torch.no_grad()
def _evaluate(model: UNet, strip, truth, white: int) -> tuple[float, float, float]:
    alone = model(strip)
    with_black = model(torch.cat([strip, torch.zeros_like(strip)]))[:1]
    loss = _unchecked_loss(alone, white * truth).item()
    return loss, dice(alone > 0, truth), dice(with_black > 0, truth)


def _unchecked_loss(logits, target):
    """Compute chapter 10's loss without checking that the mask contains only zeros and ones."""
    probability = logits.sigmoid()
    overlap = (probability * target).sum()
    soft_dice = 1 - 2 * overlap / (probability.sum() + target.sum())
    return binary_cross_entropy_with_logits(logits, target) + soft_dice


if __name__ == "__main__":
    main()
