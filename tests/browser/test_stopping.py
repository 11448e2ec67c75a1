"""The notebook's stop button while a network trains: the model is kept, and the page says so."""

import re

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


@pytest.mark.parametrize("way", ["its own button", "the notebook's button"])
def test_stopping_leaves_a_usable_model_and_a_strip_to_go_back_through(opened, way):
    notebook, watcher = opened(
        new_code_cell(SETUP.strip()),
        new_code_cell(TRAIN.strip(), id="train"),
        new_code_cell("", id="after"),
    )
    notebook.start_all()
    explorer = notebook.output("train").locator(".explorer").last
    sentence = explorer.locator(".sentence")
    sentence.get_by_text(re.compile(r"Epoch \d+ of 1000: loss")).wait_for()
    stop = explorer.get_by_role("button", name="Stop and keep")
    if way == "its own button":
        stop.click()
    else:
        notebook.press("Interrupt the kernel")
    sentence.get_by_text(re.compile(r"You stopped after \d+ of 1000 epochs")).wait_for()
    notebook.wait_until_run()
    assert stop.count() == 0
    explorer.locator("[data-keys=strip]").focus()
    notebook.page.keyboard.press("Home")
    sentence.get_by_text("This is what the weights of the start predict.").wait_for()
    notebook.cell("after").locator(".cm-content").fill(AFTER)
    notebook.page.keyboard.press("Shift+Enter")
    notebook.output("after").get_by_text("True (32, 48)").wait_for()
    assert notebook.errors() == []
    notebook.page.keyboard.press("Control+s")
    watcher.assert_nothing()
