"""The training that the explorer ships: that of chapter 10, recorded once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from unet_tutorial import UNet, fit, load_nuclei, predict
from unet_tutorial.data import RandomCrops, normalise, split_strips
from unet_tutorial.data.nuclei import Strips
from unet_tutorial.teaching.explorers.training.record import Record, list_curves

EPOCHS = 8
ROWS = slice(200, 328)  # of the validation strip: the patch of chapter 10
_BUILT = Path(__file__).with_name("built")


def export_data() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the recorded training; if there is none, train for a minute and record it.

    It isn't trained again each time, because no two machines end with the same weights.

    Returns:
        What data.json contains, and the picture that it refers to, by file name.
    """
    if not (_BUILT / "data.json").exists():
        return record_training()
    data = json.loads((_BUILT / "data.json").read_text(encoding="utf-8"))
    return data, {"frames.png": (_BUILT / "frames.png").read_bytes()}


def record_training(epochs: int = EPOCHS) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Train as in chapter 10, and return the record as `export_data` does."""
    images, masks = load_strips()
    record = Record(images.validation[ROWS], masks.validation[ROWS], epochs)

    def look(epoch: int, _: Any, model: nn.Module) -> None:
        record.add(epoch, predict(model, images.validation[ROWS])[0])

    torch.manual_seed(0)
    model = UNet(base_channels=8)
    look(0, None, model)
    crops = RandomCrops([(images.train, masks.train)], size=96, length=200, seed=0)
    held_out = [
        torch.tensor(part.validation, dtype=torch.float32)[None, None] for part in (images, masks)
    ]
    loaders = DataLoader(crops, batch_size=8), DataLoader(TensorDataset(*held_out))
    history = fit(model, *loaders, epochs=epochs, learning_rate=3e-3, device="cpu", on_epoch=look)
    ending = f"All {epochs} epochs are done."
    return record.pack(list_curves(history), running=False, ending=ending)


def load_strips() -> tuple[Strips, Strips]:
    """Load the strips of the image, scaled as in training, and those of the expert's mask."""
    image, labels = load_nuclei()
    return split_strips(normalise(image, reference=split_strips(image).train)), split_strips(
        labels > 0
    )
