"""Skips, threshold and training: text compared with counting in loops, and stopped trainings."""

import importlib
import itertools
import re
import time

import numpy as np
import pytest
import torch
from jupyter_client.manager import start_new_kernel
from torch import nn

from unet_tutorial import explorers
from unet_tutorial.data import load_nuclei, normalise, split_strips
from unet_tutorial.prediction import predict
from unet_tutorial.teaching.explorers.skips.ablation import compare_masks, predict_without
from unet_tutorial.training import History, fit
from unet_tutorial.unet import UNet, load_trained_unet

skips_module = importlib.import_module("unet_tutorial.teaching.explorers.skips.explorer")
training_module = importlib.import_module("unet_tutorial.teaching.explorers.training.explorer")
WINDOW = slice(352, 480), slice(352, 480)  # of the test strip


@pytest.fixture(scope="module")
def nuclei():
    """Load a patch, its labels, the trained network and its probabilities."""
    raw, labels = load_nuclei()
    image = normalise(raw, reference=split_strips(raw).train)[WINDOW]
    model = load_trained_unet()
    return image, labels[WINDOW], model, predict(model, image)[0]


def load_patch_of_the_chapters():
    """Load the patch of chapters 06 and 11, and the expert's mask of it."""
    raw, labels = load_nuclei()
    image = normalise(raw, reference=split_strips(raw).train)
    return split_strips(image).test[168:344], split_strips(labels > 0).test[168:344]


def compute_dice_in_a_loop(mask, truth):
    pairs = list(zip(mask.ravel().tolist(), truth.ravel().tolist(), strict=True))
    both = sum(m and t for m, t in pairs)
    return 2 * both / sum(m + t for m, t in pairs)


# ---- Skips


def test_skips_draw_every_setting(nuclei):
    image, labels, model, _ = nuclei
    for target in (None, labels > 0):
        explorer = explorers.skips(model, image, target)
        assert explorer.values == {f"level{level}": True for level in range(4)}
        for on in itertools.product((True, False), repeat=4):
            explorer.set(**{f"level{level}": state for level, state in enumerate(on)})
            off = [int(n) for n in re.findall(r"level (\d)", explorer.view.text)]
            assert off == [level for level in range(4) if not on[level]]


def test_skips_count_what_changed_where_a_target_is_given(nuclei):
    image, labels, model, probability = nuclei
    explorer = explorers.skips(model, image, labels > 0).set(level1=False)
    stripped = load_trained_unet()
    with torch.no_grad():
        stripped.up3.conv.double_conv[0].weight[:, :16] = 0  # 32 inputs, the skip's first
    now, before = predict(stripped, image)[0] > 0.5, probability > 0.5
    text = explorer.view.text.replace(",", "")
    counted = re.search(
        r"mask of about (\d+) .* (\d+) were.* (\d+) others gained; of about (\d+) changed", text
    )
    exact = before, before & ~now, now & ~before, before != now
    for said, mask in zip(map(int, counted.groups()), exact, strict=True):
        assert abs(said - mask.sum()) <= max(10, 0.1 * mask.sum())
    scores = [float(number) for number in re.findall(r"0\.\d\d", text)]
    both = [compute_dice_in_a_loop(mask, labels > 0) for mask in (before, now)]
    assert scores == pytest.approx(both, abs=0.005)


def move_across_threshold(probability, many):
    """Move the `many` pixels nearest to 0.5 above it, or below it if `many` is negative."""
    moved, above = probability.copy(), probability > 0.5
    side = np.flatnonzero(above if many < 0 else ~above)
    nearest = side[np.abs(probability.ravel()[side] - 0.5).argsort()[: abs(many)]]
    moved.ravel()[nearest] = 0.51 if many > 0 else 0.49
    return moved


@pytest.mark.parametrize(
    ("with_target", "off"), [(False, []), (True, [1])], ids=["chapter 06", "chapter 11"]
)
def test_a_few_pixels_do_not_change_the_text_of_the_chapters(nuclei, monkeypatch, with_target, off):
    """Processors disagree on some pixels, but the chapters' saved text is compared on each."""
    image, target, model = *load_patch_of_the_chapters(), nuclei[2]
    said = set()
    for more_before, more_now in itertools.product((-3, 0, 3), repeat=2):

        def predict_nudged(model, image, levels, more=(more_before, more_now)):
            probability = predict_without(model, image, levels)[0]
            return move_across_threshold(probability, more[bool(levels)])[None]

        monkeypatch.setattr(skips_module.ablation, "predict_without", predict_nudged)
        explorer = explorers.skips(model, image, target if with_target else None)
        explorer.set(**{f"level{level}": False for level in off})
        said.add((explorer.view.text, explorer.view.alt))
    assert len(said) == 1


def test_no_count_of_chapter_11_is_close_to_a_rounding_boundary(nuclei):
    image, _ = load_patch_of_the_chapters()
    before, now = (predict_without(nuclei[2], image, off)[0] > 0.5 for off in ((), {1}))
    change = compare_masks(before, now)
    for count in (before.sum(), *change, change.changed):
        assert len({skips_module._format_rounded(int(count) + more) for more in range(-3, 4)}) == 1


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "fewer than 10"),
        (9, "fewer than 10"),
        (10, "about 20"),
        (16, "about 20"),
        (29, "about 20"),
        (30, "about 40"),
        (99, "about 100"),
        (529, "about 520"),
        (1377, "about 1,400"),
        (6150, "about 6,200"),
        (12_345, "about 12,000"),
    ],
)
def test_counts_are_rounded_in_steps_of_twenty_or_two_hundred(count, words):
    assert skips_module._format_rounded(count) == words


def test_without_a_target_the_text_does_not_rank_the_skips(nuclei):
    """Chapter 06 asks for the ranking: small and large changes get the same text."""
    image, _, model, _ = nuclei
    said = set()
    for level in (1, 2, 3):
        text = explorers.skips(model, image).set(**{f"level{level}": False}).view.text
        said.add(text.replace(f"level {level}", "level N"))
    assert len(said) == 1
    assert "mostly within 2 pixels of its outline" in said.pop()


def test_skips_say_what_is_left_of_the_mask(nuclei):
    image, _, model, _ = nuclei
    none = explorers.skips(model, image).set(level0=False, level1=False, level2=False)
    assert "hardly anything is left" in none.view.text
    black = explorers.skips(model, np.zeros((32, 32), dtype=np.float32)).set(level3=False)
    assert "as it was" in black.view.text


def test_skips_say_that_they_are_working(nuclei):
    image, _, model, _ = nuclei
    explorer = explorers.skips(model, image)
    explorer._repr_mimebundle_()
    shown = []
    explorer._text.observe(lambda change: shown.append(change["new"]), "value")
    explorer.set(level2=False)
    assert "Working" in shown[0]
    assert "Off: level 2" in shown[-1]


# ---- Threshold


def count_components_by_walking(mask):
    """Count the components of a mask by walking up, down, left and right."""
    left, parts = {(int(y), int(x)) for y, x in zip(*np.nonzero(mask), strict=True)}, 0
    while left:
        parts, reached = parts + 1, [left.pop()]
        while reached:
            y, x = reached.pop()
            for place in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if place in left:
                    left.remove(place)
                    reached.append(place)
    return parts


@pytest.mark.parametrize("setting", [0.02, 0.25, 0.5, 0.98])
def test_threshold_scores_and_counts(nuclei, setting):
    image, labels, _, probability = nuclei
    explorer = explorers.threshold(image, probability, labels).set(threshold=setting)
    text = explorer.view.text
    mask = probability > setting
    here, first, last = (
        compute_dice_in_a_loop(probability > t, labels > 0) for t in (setting, 0.02, 0.98)
    )
    assert f"above probability {setting:.2f}." in text
    assert f"{here:.2f} here, {first:.2f} at 0.02, {last:.2f} at 0.98" in text
    assert f"components: {count_components_by_walking(mask)}." in text
    assert f"expert: {len(set(labels.ravel().tolist()) - {0})}." in text


def test_pixels_that_share_only_a_corner_are_not_connected():
    corners = np.eye(6)
    explorer = explorers.threshold(corners, corners, np.ones((6, 6), dtype=int))
    assert "components: 6. Nuclei of the expert: 1." in explorer.view.text


def test_threshold_without_labels_says_the_share():
    probability = np.array([[0.1, 0.3, 0.6, 0.99]])
    explorer = explorers.threshold(probability, torch.from_numpy(probability))
    assert "Share of the pixels: 0.50 here, 1.00 at 0.02, 0.25 at 0.98." in explorer.view.text
    assert "Dice" not in explorer.view.alt + explorer.view.text


def test_a_mask_of_nothing_and_one_of_everything_are_drawn():
    for value in (0.0, 1.0):
        flat = np.full((8, 40), value)
        for labels in (np.zeros((8, 40), int), np.ones((8, 40), int)):
            assert "Dice" in explorers.threshold(flat, flat, labels).view.text


def test_threshold_refuses_shapes_that_differ(nuclei):
    image, labels, _, probability = nuclei
    for wrong in ((image[1:], probability, labels), (image, probability, labels.T[1:])):
        with pytest.raises(ValueError, match="one shape"):
            explorers.threshold(*wrong)


# ---- Training


class Clock:
    """A clock that only advances when a test adds to it."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(training_module, "time", clock)
    return clock


def make_small_model():
    torch.manual_seed(0)
    patch = torch.rand(32, 16)
    return nn.Conv2d(1, 1, 3, padding=1), patch.numpy(), (patch > 0.5).numpy()


def make_history(epochs):
    falling = [1 / (epoch + 1) for epoch in range(epochs)]
    return History(falling, [*falling], [1 - value for value in falling], [*falling])


def test_training_draws_seldom_and_always_the_first_and_the_last(clock, monkeypatch):
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=1000)
    drawn, draw = [], watch._draw  # (epoch, when it began, when it ended)

    def slow(**values):
        start = clock.now
        clock.now += 0.1 + 0.05 * (len(drawn) % 3)  # how long a drawing takes
        drawn.append((values["epoch"], start, clock.now))
        return draw(**values)

    monkeypatch.setattr(watch, "_draw", slow)
    watch._repr_mimebundle_()
    for epoch in range(1, 1001):
        clock.now += 0.03
        watch(epoch, make_history(epoch), model)
        assert watch.controls["epoch"].value == epoch
    epochs = [epoch for epoch, _, _ in drawn]
    assert epochs[:2] == [0, 1]
    assert epochs[-1] == 1000
    assert len(drawn) > 6
    between = drawn[1:-1]  # the start isn't an epoch, and the last is always drawn
    for (_, start, end), (_, following, _) in itertools.pairwise(between):
        rest, took = following - end, end - start
        assert 25 * took - 1e-6 <= rest <= 25 * took + 0.03 + 1e-6
    taken = sum(end - start for _, start, end in between[:-1])
    assert taken < (between[-1][1] - between[0][1]) / 25


def test_the_view_is_up_to_date_even_if_the_page_skips_an_epoch(clock):
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=9)
    watch._repr_mimebundle_()
    for epoch in (1, 2):
        watch(epoch, make_history(epoch), model)
    assert "Epoch 1 of 9 is done." in watch._text.value
    assert watch.values == {"epoch": 2}
    assert "Epoch 2 of 9 is done." in watch.view.text
    assert "Epoch 2 of 9 is done." in repr(watch)
    watch(3, make_history(3), model)
    assert "Epoch 3 of 9 is done." in repr(watch)


def test_training_shows_the_numbers_so_far(clock):
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=4)
    assert "No epoch is done yet" in watch.view.text
    watch._repr_mimebundle_()
    for epoch in range(1, 4):
        clock.now += 10
        watch(epoch, make_history(epoch), model)
    assert watch.controls["epoch"].description == "epoch 3 of 4"
    assert "Epoch 3 of 4 is done." in watch._text.value
    assert "training loss from 1.00 to 0.33" in watch._text.value
    assert "validation Dice from 0.00 to 0.67" in watch._text.value


def test_the_last_picture_is_what_the_model_predicts_now(clock):
    model, image, mask = make_small_model()
    watch = explorers.training(model, image, mask, epochs=2)
    before = watch.view
    with torch.no_grad():
        model.bias += 5
    with watch:
        pass
    assert watch.view is not before
    np.testing.assert_array_equal(watch._now, predict(model, image)[0])


@pytest.mark.parametrize(
    ("done", "error", "words"),
    [
        (3, None, "All 3 epochs are done."),
        (2, None, "stopped after 2 of 3 epochs. The model keeps the weights"),
        (2, KeyboardInterrupt, "stopped after 2 of 3 epochs. The model keeps the weights"),
        (0, None, "No epoch was seen here"),
        (1, FloatingPointError, "ended with an error after 1 of 3 epochs."),
    ],
)
def test_training_says_how_it_ended(done, error, words, capsys):
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=3)

    def run():
        with watch:
            for epoch in range(1, done + 1):
                watch(epoch, make_history(epoch), model)
            if error is not None:
                raise error

    if error is None:
        run()
    else:
        with pytest.raises(error):
            run()
    assert words in watch.view.text
    assert words in watch.view.alt
    assert capsys.readouterr().err == ""


def test_an_epoch_that_was_recorded_before_the_stop_counts():
    model, *patch = make_small_model()
    record = make_history(1)
    with explorers.training(model, *patch, epochs=3) as watch:
        watch(1, record, model)
        vars(record).update(vars(make_history(2)))  # the stop comes before watch is called again
    assert "stopped after 2 of 3 epochs" in watch.view.text
    assert watch.controls["epoch"].value == 2
    assert "2 of 3" in watch.controls["epoch"].description


def test_an_end_is_drawn_once(monkeypatch):
    model, *patch = make_small_model()
    record, drawn = make_history(1), []
    with explorers.training(model, *patch, epochs=3) as watch:
        watch._repr_mimebundle_()  # live, as in a notebook
        watch(1, record, model)
        vars(record).update(vars(make_history(2)))
        draw = watch._draw
        monkeypatch.setattr(watch, "_draw", lambda epoch: drawn.append(epoch) or draw(epoch))
    assert drawn == [2]


def test_nan_weights_are_not_drawn_after_an_error():
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=3)
    before = watch.view and watch._now
    model.weight.data[:] = torch.nan
    with pytest.raises(FloatingPointError), watch:
        raise FloatingPointError
    assert "error" in watch.view.text
    assert watch._now is before


def test_fit_ends_with_the_same_weights_watched_or_not():
    batch = torch.rand(4, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    loader = [(batch, (batch > 0.5).float())] * 2

    def train(watched):
        torch.manual_seed(0)
        model = UNet(base_channels=1)
        patch = batch[0, 0].numpy()
        watch = explorers.training(model, patch, patch > 0.5, epochs=3)
        fit(
            model,
            loader,
            loader,
            epochs=3,
            learning_rate=0.01,
            device="cpu",
            on_epoch=watch if watched else None,
        )
        assert ("Epoch 3 of 3 is done." in watch.view.text) == watched
        return model.state_dict().values()

    pairs = zip(train(True), train(False), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_a_training_has_no_controls_to_move():
    model, *patch = make_small_model()
    page = explorers.training(model, *patch, epochs=3)._repr_mimebundle_()["text/html"]
    assert "Run this cell to train again, and watch." in page
    assert "controls" not in page


def test_training_refuses_shapes_that_differ():
    model, image, mask = make_small_model()
    with pytest.raises(ValueError, match="one shape"):
        explorers.training(model, image, mask.T, epochs=1)


@pytest.mark.parametrize("epochs", [0, -1, 2.5, 3.0, True, "8", None])
def test_training_refuses_the_epochs_that_fit_refuses(epochs):
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


def test_training_takes_a_whole_number_of_numpy():
    model, *patch = make_small_model()
    watch = explorers.training(model, *patch, epochs=np.int64(8))
    assert watch.controls["epoch"].description == "epoch 0 of 8"


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

batch = torch.rand(2, 1, 16, 16)
model, patch = UNet(base_channels=1), batch[0, 0].numpy()
with explorers.training(model, patch, patch > 0.5, epochs=500) as watch:
    history = fit(model, Slow(), epochs=500, learning_rate=0.01, device="cpu", on_epoch=watch)
print("went on after the training")
"""
AFTER = """
print(history.interrupted, 0 < history.epochs < 500, predict(model, patch).shape)
print(f"stopped after {history.epochs} of 500 epochs" in watch.view.text)
print("can predict" in repr(watch), "can predict" in watch._text.value)
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
        wait_for_message(client, lambda message: "epoch 2 of 500" in str(message["content"]))
        manager.interrupt_kernel()
        said = wait_for_message(client, make_idle_check(number))
        assert not [m for m in said if m["msg_type"] == "error"]
        printed = "".join(m["content"]["text"] for m in said if m["msg_type"] == "stream")
        assert "went on after the training" in printed
        (still,) = [m["content"]["data"] for m in said if m["msg_type"] == "update_display_data"]
        assert "Training was stopped after" in still["text/html"]
        assert "Training was stopped after" in still["text/plain"]
        said = wait_for_message(client, make_idle_check(client.execute(AFTER)))
        (printed,) = [m["content"]["text"] for m in said if m["msg_type"] == "stream"]
        assert printed == "True True (1, 16, 16)\nTrue\nTrue True\n"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
