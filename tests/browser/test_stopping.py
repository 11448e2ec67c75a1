"""The notebook's stop button while a network trains: the model is kept, and the page says so."""

import pytest
from nbformat.v4 import new_code_cell

pytestmark = pytest.mark.browser

SETUP = """
import torch
from torch.utils.data import DataLoader, TensorDataset
from unet_tutorial import UNet, explorers, fit, predict

torch.manual_seed(0)
image = torch.rand(32, 48)
mask = (image > 0.5).float()
pairs = TensorDataset(*(one.expand(40, 1, 32, 48) for one in (image, mask)))
loader = DataLoader(pairs)
model = UNet(base_channels=4)
"""
TRAIN = """
with explorers.training(model, image.numpy(), mask.numpy(), epochs=1000) as watch:
    history = fit(model, loader, loader, epochs=1000, learning_rate=0.001, on_epoch=watch)
"""
AFTER = "print(history.interrupted, predict(model, image.numpy())[0].shape)"


def test_the_stop_button_leaves_a_usable_model_and_says_so(opened):
    notebook, watcher = opened(
        new_code_cell(SETUP.strip()),
        new_code_cell(TRAIN.strip(), id="train"),
        new_code_cell("", id="after"),
    )
    notebook.start_all()
    words = notebook.output("train").locator(".unet-explorer-text")
    words.get_by_text("Since the first epoch").wait_for()  # two epochs are done
    notebook.press("Interrupt the kernel")
    words.get_by_text("Training was stopped after").wait_for()
    notebook.wait_until_run()
    assert "of 1000 epochs. The model keeps the weights" in words.inner_text()
    notebook.cell("after").locator(".cm-content").fill(AFTER)
    notebook.page.keyboard.press("Shift+Enter")
    notebook.output("after").get_by_text("True (32, 48)").wait_for()
    assert notebook.errors() == []
    watcher.assert_nothing()
