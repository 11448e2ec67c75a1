"""The explorer of a training: what it keeps, what it says, and what it costs."""

import base64
import io
import itertools
import json
import re
import time
from contextlib import suppress

import numpy as np
import pytest
import torch
from jupyter_client.manager import start_new_kernel
from node import run_module
from PIL import Image
from torch import nn

from unet_tutorial import UNet, explorers, fit, predict
from unet_tutorial.teaching.explorers.frame.widget import read_data
from unet_tutorial.teaching.explorers.training import follower as module
from unet_tutorial.teaching.explorers.training.data import ROWS, load_strips
from unet_tutorial.teaching.explorers.training.record import Record
from unet_tutorial.training import History

SHOW = """
import { explorer } from "./training/built/explorer.js";

const all = (tree, found = []) => {
  found.push(tree);
  (tree.children ?? []).forEach((child) => all(child, found));
  return found;
};

answer(given.map(({ data, steps = [] }) => {
  let state = explorer.start(data);
  for (const [how, ...what] of steps) state = explorer[how](state, ...what, data);
  const parts = all(explorer.picture(state, data, true)).filter(({ named }) => named);
  const ofClass = (name) => parts.filter(({ named }) => named.class?.split(" ").includes(name));
  const words = (part) => part.children.join("");
  return {
    sentence: explorer.sentence(state, data).replace(/<[^>]*>/g, ""),
    titles: ofClass("heading").map(words),
    values: ofClass("value").map(words),
    tiles: ofClass("tile").map(({ named }) => named.viewBox.split(" ").map(Number)),
    points: ofClass("point").length,
    controls: all({ children: explorer.controls(state, data).flat().filter(Boolean) })
      .map(({ named }) => named?.["data-set"]).filter(Boolean),
  };
}));
"""


def show(data, *steps):
    """Show a record after some steps."""
    return run_module(SHOW, [{"data": data, "steps": list(steps)}])[0]


class Clock:
    """A clock that only advances when a test adds to it."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def make_small_model():
    torch.manual_seed(0)
    patch = torch.rand(32, 16)
    return nn.Conv2d(1, 1, 3, padding=1), patch.numpy(), (patch > 0.5).numpy()


def make_history(epochs):
    falling = [1 / (epoch + 1) for epoch in range(epochs)]
    return History(falling, [*falling], [1 - value for value in falling], [*falling])


def watch_epochs(done, epochs, error=None):
    """Watch some epochs of a training that an error, or nothing, ends; return the explorer."""
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=epochs)
    try:
        with watch:
            for epoch in range(1, done + 1):
                watch(epoch, make_history(epoch), model)
            if error:
                raise error
    except (KeyboardInterrupt, FloatingPointError):
        pass
    return watch


# The record


def test_the_last_tile_is_what_the_model_predicts():
    watch = watch_epochs(3, 3)
    packed = watch.data
    png = base64.b64decode(packed["atlas"]["href"].partition(",")[2])
    with Image.open(io.BytesIO(png)) as picture:
        greys = np.asarray(picture.convert("L")) / 255
    top, number = packed["tops"]["probability"], len(packed["frames"]) - 1
    tile = greys[top : top + 32, 16 * number : 16 * number + 16]
    assert np.abs(tile - predict(watch.model, watch.image)[0]).max() <= 1 / 30 + 1e-6


def test_looks_are_seldom_and_always_at_the_start_and_the_last_epoch(clock, monkeypatch):
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=1000)
    looks, look = [], watch._look  # (epoch, when it began, when it ended)

    def slow(epoch, **how):
        start = clock.now
        clock.now += 0.1 + 0.05 * (len(looks) % 3)
        looks.append((epoch, start, clock.now))
        look(epoch, **how)

    monkeypatch.setattr(watch, "_look", slow)
    with watch:
        for epoch in range(1, 1001):
            clock.now += 0.03
            watch(epoch, make_history(epoch), model)
    epochs = [epoch for epoch, _, _ in looks]
    assert epochs[:2] == [0, 1]
    assert epochs[-1] == 1000
    assert len(set(epochs)) == len(epochs) > 6
    between = looks[1:-1]
    for (_, start, end), (_, following, _) in itertools.pairwise(between):
        assert following - end >= 40 * (end - start) - 1e-6
    took = sum(end - start for _, start, end in between)
    assert took < 0.03 * (1000 * 0.03 + took)
    assert len(watch.record.frames) <= 17


def test_epochs_share_slots_only_if_there_are_many():
    for epochs, slots in ((1, 2), (8, 9), (16, 17), (17, 17), (1000, 17)):
        record = Record(np.zeros((16, 16)), np.zeros((16, 16), dtype=bool), epochs)
        found = [record.find_slot(epoch) for epoch in range(epochs + 1)]
        assert found == sorted(found)
        assert set(found) == set(range(slots))
        assert found.count(0) == 1  # no epoch takes the place of the start


def test_a_large_patch_is_shrunk_and_an_odd_one_is_not():
    for shape, small in (((300, 200), (100, 66)), ((129, 3), (64, 1)), ((7, 9), (7, 9))):
        record = Record(np.random.default_rng(0).random(shape), np.ones(shape, dtype=bool), 8)
        assert record.image.shape == small
        assert record.mask.all()


# The end


@pytest.mark.parametrize(
    ("done", "error", "words"),
    [
        (3, None, "All 3 epochs are done."),
        (2, None, "You stopped after 2 of 3 epochs; the model keeps the weights"),
        (2, KeyboardInterrupt(), "You stopped after 2 of 3 epochs; the model keeps the weights"),
        (0, None, "No epoch was seen here"),
        (0, KeyboardInterrupt(), "No epoch was seen here"),
        (1, FloatingPointError(), "ended with an error after 1 of 3 epochs."),
    ],
)
def test_it_says_how_the_training_ended(done, error, words, capsys):
    watch = watch_epochs(done, 3, error)
    assert words in repr(watch)
    assert words in show(watch.data)["sentence"]
    assert words in watch._repr_mimebundle_()[0]["text/html"]
    assert not watch.data["running"]
    assert capsys.readouterr().err == ""


def test_an_epoch_that_was_recorded_before_the_stop_counts():
    model, *patch = make_small_model()
    record = make_history(1)
    with explorers.training(model, *patch, epochs=3) as watch:
        watch(1, record, model)
        vars(record).update(vars(make_history(2)))  # the stop comes before watch is called again
    assert "stopped after 2 of 3 epochs" in repr(watch)
    assert len(watch.data["curves"]["dice"]) == 2


def test_what_was_kept_when_it_stopped_is_shown_and_the_strip_works():
    data = watch_epochs(2, 5, KeyboardInterrupt()).data
    assert data["frames"][0]["epoch"] == 0
    assert data["frames"][-1]["stopped"]
    assert "at the end" in show(data)["titles"]
    back = show(data, ["move", "strip", "Home"])
    assert "at the start" in back["titles"]
    assert "weights of the start" in back["sentence"]


def test_nan_weights_are_not_looked_at_after_an_error():
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=3)
    with suppress(FloatingPointError), watch:
        model.weight.data[:] = torch.nan
        raise FloatingPointError
    assert len(watch.record.frames) == 1
    assert "error" in repr(watch)


def test_fit_ends_with_the_same_weights_watched_or_not():
    batch = torch.rand(4, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    loader = [(batch, (batch > 0.5).float())] * 2

    def train(watched):
        torch.manual_seed(0)
        model = UNet(base_channels=1)
        patch = batch[0, 0].numpy()
        how = {"epochs": 3, "learning_rate": 0.01, "device": "cpu"}
        if not watched:
            fit(model, loader, loader, **how)
            return model.state_dict().values()
        with explorers.training(model, patch, patch > 0.5, epochs=3) as watch:
            fit(model, loader, loader, **how, on_epoch=watch)
        assert "All 3 epochs are done." in repr(watch)
        return model.state_dict().values()

    pairs = zip(train(True), train(False), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


# What is saved


def test_the_text_that_is_compared_is_the_same_on_another_machine():
    """nbval replaces what follows ≈, and the contents of pictures and records."""
    watch = watch_epochs(3, 3)
    said = re.sub(r"≈ -?\d[\d,]*(\.\d+)?", "≈", repr(watch))
    assert "training loss from ≈ to ≈, validation loss from ≈ to ≈, Dice from ≈ to ≈." in said
    html = re.sub(r"data:[a-z/]+;base64,[A-Za-z0-9+/=]+", "data", watch._format_html())
    assert not re.search(r"0\.\d\d", html.replace("≈ 0", "≈ "))
    assert "Run this cell to train again, and watch." in html


def test_a_page_brings_the_very_training_back_to_life():
    watch = watch_epochs(3, 4, KeyboardInterrupt())
    settings = re.search(r'data-settings="([^"]*)"', watch._format_html())[1]
    given = json.loads(settings.replace("&quot;", '"'))
    assert show(given) == show(watch.data)
    steps = [["move", "strip", "ArrowLeft"], ["set", "shown", "mask"]]
    assert show(given, *steps) == show(watch.data, *steps)


def test_a_saved_training_is_small_and_has_a_picture():
    watch = watch_epochs(8, 8)
    bundle = watch._repr_mimebundle_()[0]
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as picture:
        assert picture.width > picture.height
        assert f'width="{min(844, picture.width)}"' in bundle["text/html"]
    assert sum(len(bundle[kind]) for kind in ("image/png", "text/html")) < 60_000


# The picture and its words


def test_the_shipped_record_is_of_the_patch_and_of_a_training_like_the_chapter_s():
    images, masks = load_strips()
    torch.manual_seed(0)
    record = Record(images.validation[ROWS], masks.validation[ROWS], 8)
    record.add(0, predict(UNet(base_channels=8), images.validation[ROWS])[0])
    start, shipped = record.pack({}, running=False, ending="")[0], read_data("training")
    for key in ("outline", "rows", "columns", "slots", "epochs"):
        assert start[key] == shipped[key]
    tiles = []
    for packed in (record.pack({}, running=False, ending="")[1]["frames.png"], None):
        png = packed or base64.b64decode(shipped["atlas"]["href"].partition(",")[2])
        with Image.open(io.BytesIO(png)) as picture:
            tiles.append(np.asarray(picture.convert("L")).astype(int)[:256, :64])
    assert np.abs(tiles[0] - tiles[1]).max() <= 17
    assert shipped["curves"]["dice"][-1] > 0.92
    assert [frame["epoch"] for frame in shipped["frames"]] == list(range(9))


def test_epoch_3_is_almost_there_but_its_loss_is_not():
    """The insight of the chapter, in the words of the explorer."""
    data = read_data("training")
    curves = data["curves"]
    shown = show(data, ["pin", "strip:0,3"])
    frame = data["frames"][3]
    assert f"Epoch 3 of 8: loss {curves['validation'][2]:.2f}" in shown["sentence"]
    assert f"Dice {curves['dice'][2]:.2f}" in shown["sentence"]
    assert f"{int(100 * frame['same'])} % of the patch's pixels" in shown["sentence"]
    ratio = curves["validation"][2] / curves["validation"][-1]
    assert f"the loss is {ratio:.1f} times what it is at the end" in shown["sentence"]
    assert shown["values"] == [f"{curves['validation'][2]:.2f}", f"{curves['dice'][2]:.2f}"]


def test_the_share_of_pixels_is_counted():
    record = Record(np.zeros((4, 4)), np.zeros((4, 4), dtype=bool), 2)
    record.add(0, np.full((4, 4), 0.4))
    late = np.full((4, 4), 0.1)
    late[0, :3] = 0.9
    record.add(2, late)
    frames = record.pack({}, running=False, ending="")[0]["frames"]
    assert [frame["same"] for frame in frames] == [pytest.approx(13 / 16, abs=0.001), 1.0]


def test_the_large_tile_follows_pointer_and_keys():
    data = read_data("training")
    columns, tops = data["columns"], data["tops"]

    def large(*steps):
        return show(data, *steps)["tiles"][1][:2]

    assert large() == [8 * columns, tops["probability"]]
    assert large(["point", "strip:0,3"]) == [3 * columns, tops["probability"]]
    assert large(["point", "strip:0,3"], ["point", None]) == large()
    assert large(["move", "strip", "ArrowLeft"]) == [7 * columns, tops["probability"]]
    assert large(["move", "strip", "Home"], ["set", "shown", "mask"]) == [0, tops["mask"]]
    assert large(["pin", "strip:0,3"], ["move", "strip", "End"]) == large()


def test_while_it_runs_there_is_a_way_to_stop_if_the_page_can():
    data = read_data("training") | {"running": True, "ending": ""}
    assert "stop:" not in show(data)["controls"]
    assert "The notebook's stop button" in show(data)["sentence"]
    live = show(data | {"canStop": True})
    assert "stop:" in live["controls"]
    assert "“Stop and keep” ends it here" in live["sentence"]
    stopping = show(data | {"canStop": True}, ["set", "stop", ""])
    assert "stop:" not in stopping["controls"]
    assert "Stopping" in stopping["sentence"]


@pytest.mark.parametrize("epochs", [1, 8, 300])
def test_records_of_every_kind_are_drawn(epochs):
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=epochs)
    assert "hasn't begun" in show(watch.data)["sentence"]
    with watch:
        assert "weights of the start" in show(watch.data)["sentence"]
        history = History([1.0], [], [], [1.0])  # without a validation strip
        watch(1, history, model)
    shown = show(watch.data)
    assert "loss" in shown["titles"]
    assert "NaN" not in json.dumps(shown)
    assert show(watch_epochs(min(epochs, 60), epochs).data)["points"] <= 110


# Arguments


def test_it_refuses_shapes_that_differ():
    model, image, mask = make_small_model()
    with pytest.raises(ValueError, match="one shape"):
        explorers.training(model, image, mask.T, epochs=1)


@pytest.mark.parametrize("epochs", [0, -1, 2.5, 3.0, True, "8", None])
def test_it_refuses_the_epochs_that_fit_refuses(epochs):
    model, *patch = make_small_model()
    said = []
    for call in (
        lambda: explorers.training(model, *patch, epochs=epochs),
        lambda: fit(model, [], epochs=epochs, learning_rate=0.1),
    ):
        with pytest.raises(
            ValueError, match=r"epochs must be (a whole number|at least 1), not"
        ) as refusal:
            call()
        said.append(str(refusal.value))
    assert said[0] == said[1]


# In a kernel

TRAIN = """
import time, torch
from unet_tutorial import UNet, explorers, fit, predict

class Slow:
    def __len__(self):
        return 4
    def __iter__(self):
        for _ in range(4):
            time.sleep(0.05)
            yield batch, (batch > 0.5).float()

def tell(*epoch):
    watch(*epoch)
    if epoch[0] == 2:
        print("two", "epochs")

batch = torch.rand(2, 1, 16, 16)
model, patch = UNet(base_channels=1), batch[0, 0].numpy()
with explorers.training(model, patch, patch > 0.5, epochs=500) as watch:
    history = fit(model, Slow(), epochs=500, learning_rate=0.01, device="cpu", on_epoch=tell)
print("went on after the training")
"""
AFTER = """
print(history.interrupted, 0 < history.epochs < 500, predict(model, patch).shape)
print(f"stopped after {history.epochs} of 500 epochs" in repr(watch))
"""


def wait_for_message(client, is_wanted, seconds=120):
    """Collect a kernel's messages until `is_wanted(message)`."""
    said, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        said.append(client.get_iopub_msg(timeout=seconds))
        if is_wanted(said[-1]):
            return said
    raise AssertionError(f"not said in {seconds} s; the last was {said[-1]['content']}")


def make_idle_check(number):
    def is_wanted(message):
        ended = message["content"].get("execution_state") == "idle"
        return ended and message["parent_header"].get("msg_id") == number

    return is_wanted


def test_the_stop_button_leaves_a_model_that_can_predict():
    manager, client = start_new_kernel()
    try:
        number = client.execute(TRAIN)
        wait_for_message(client, lambda message: "two epochs" in str(message["content"]))
        manager.interrupt_kernel()
        said = wait_for_message(client, make_idle_check(number))
        assert not [m for m in said if m["msg_type"] == "error"]
        printed = "".join(m["content"]["text"] for m in said if m["msg_type"] == "stream")
        assert "went on after the training" in printed
        (still,) = [m["content"]["data"] for m in said if m["msg_type"] == "update_display_data"]
        assert "You stopped after" in still["text/html"]
        assert "You stopped after" in still["text/plain"]
        said = wait_for_message(client, make_idle_check(client.execute(AFTER)))
        (printed,) = [m["content"]["text"] for m in said if m["msg_type"] == "stream"]
        assert printed == "True True (1, 16, 16)\nTrue\n"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
