"""Checkpoints and weights that version 0.1 wrote still open, give the same bits, and resume."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from unet_tutorial.training import fit, load_weights

OLD = Path(__file__).with_name("version_0_1")
FINISHED = json.loads((OLD / "finished.json").read_text(encoding="utf-8"))


def make_training():
    """Model and loaders as in the script that wrote the files, with other first weights."""
    first = nn.Conv2d(1, 2, 3, padding=1, bias=False)
    model = nn.Sequential(first, nn.BatchNorm2d(2), nn.Conv2d(2, 1, 1))
    images = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(7))
    masks = (images > 0.5).float()
    generator = torch.Generator().manual_seed(99)  # the checkpoint brings the right one
    pairs = TensorDataset(images, masks)
    train_loader = DataLoader(pairs, batch_size=2, shuffle=True, generator=generator)
    return model, train_loader, DataLoader(TensorDataset(images[:2], masks[:2]))


@pytest.mark.parametrize("name", ["finished.pt", "interrupted.pt"])
def test_old_weights_load_bit_for_bit(name):
    model, *_ = make_training()
    load_weights(model, OLD / name)
    stored = torch.load(OLD / name, weights_only=True)
    stored = stored.get("model", stored)
    assert stored.keys() == model.state_dict().keys()
    assert all(torch.equal(value, stored[key]) for key, value in model.state_dict().items())


def test_an_old_checkpoint_resumes_as_if_it_had_never_stopped(tmp_path):
    path = Path(shutil.copy(OLD / "interrupted.pt", tmp_path))
    model, *loaders = make_training()
    history = fit(model, *loaders, epochs=4, learning_rate=0.05, device="cpu", checkpoint=path)
    for name, values in FINISHED.items():
        assert getattr(history, name)[:2] == values[:2], "as stored"
        assert getattr(history, name) == pytest.approx(values, rel=1e-4), "another CPU may round"
    finished, *_ = make_training()
    load_weights(finished, OLD / "finished.pt")
    for ours, theirs in zip(model.parameters(), finished.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-4)
