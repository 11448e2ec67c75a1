"""An optimiser, a schedule, gradient clipping and mixed precision of one's own."""

import math

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset

from unet_tutorial.losses import bce_dice_loss
from unet_tutorial.training import fit
from unet_tutorial.unet import UNet

BATCHES, EPOCHS = 3, 4
STEPS = BATCHES * EPOCHS


def make_network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 1, 1))


def make_loader():
    images = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return DataLoader(TensorDataset(images, (images > 0.5).float()), batch_size=2)


def train(model, epochs=EPOCHS, **keywords):
    return fit(model, make_loader(), epochs=epochs, device="cpu", **keywords)


def train_by_hand(model, optimiser, schedule=None, max_norm=math.inf):
    rates = []
    for _ in range(EPOCHS):
        for images, masks in make_loader():
            optimiser.zero_grad()
            bce_dice_loss(model(images), masks).backward()
            norm = math.sqrt(sum((p.grad**2).sum().item() for p in model.parameters()))
            for parameter in model.parameters():
                parameter.grad *= min(1, max_norm / (norm + 1e-6))
            optimiser.step()
            rates.append(optimiser.param_groups[0]["lr"])
            if schedule is not None:
                schedule.step()
    return rates[BATCHES - 1 :: BATCHES]


def assert_alike(one, other, **tolerance):
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.allclose(a, b, **tolerance)


OPTIMISERS = {
    "SGD": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "Adam": lambda parameters: torch.optim.Adam(parameters, lr=0.01),
}
SCHEDULES = {
    "none": lambda optimiser: None,
    "steps": lambda optimiser: lr_scheduler.MultiStepLR(optimiser, [4, 9], 0.1),
    "cosine": lambda optimiser: lr_scheduler.CosineAnnealingLR(optimiser, T_max=STEPS),
    "function": lambda optimiser: lr_scheduler.LambdaLR(optimiser, lambda step: 1 / (1 + step)),
    "one cycle": lambda optimiser: lr_scheduler.OneCycleLR(optimiser, 0.2, total_steps=STEPS),
    "two in turn": lambda optimiser: lr_scheduler.SequentialLR(
        optimiser,
        [lr_scheduler.LinearLR(optimiser, 0.1), lr_scheduler.ExponentialLR(optimiser, 0.9)],
        milestones=[5],
    ),
}
FIRST = {"SGD": [*SCHEDULES], "Adam": ["none", "cosine"]}
PAIRS = [(name, schedule) for name in FIRST for schedule in FIRST[name]]


def make_pair(model, optimiser, schedule):
    optimiser = OPTIMISERS[optimiser](model.parameters())
    return optimiser, SCHEDULES[schedule](optimiser)


@pytest.mark.parametrize(("optimiser", "schedule"), PAIRS)
def test_equals_the_loop_by_hand(optimiser, schedule):
    model, other = make_network(), make_network()
    rates = train_by_hand(other, *make_pair(other, optimiser, schedule))
    given = dict(zip(("optimiser", "schedule"), make_pair(model, optimiser, schedule), strict=True))
    history = train(model, **given)
    assert history.learning_rate == pytest.approx(rates)
    assert_alike(model, other, rtol=1e-5)


@pytest.mark.parametrize(("optimiser", "schedule"), PAIRS)
@pytest.mark.parametrize("again", ["new objects", "the same objects"])
def test_resumed_equals_never_interrupted(optimiser, schedule, again, tmp_path):
    def start(seed=0):
        model = make_network(seed)
        pair = make_pair(model, optimiser, schedule)
        return model, dict(zip(("optimiser", "schedule"), pair, strict=True))

    def interrupt(epoch, *_):
        if epoch == 2:
            raise KeyboardInterrupt

    path = tmp_path / "run.pt"
    model, given = start()
    expected = train(model, **given)
    other, given = start()
    train(other, checkpoint=path, on_epoch=interrupt, **given)
    if again == "new objects":
        other, given = start(seed=1)
    assert train(other, checkpoint=path, **given) == expected
    assert_alike(model, other, rtol=0, atol=0)


def test_more_epochs_take_the_new_rate_and_schedule(tmp_path):
    path, model = tmp_path / "run.pt", make_network()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    train(model, epochs=1, optimiser=optimiser, checkpoint=path)
    model = make_network(1)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    schedule = lr_scheduler.ExponentialLR(optimiser, 0.5)
    history = train(model, epochs=2, optimiser=optimiser, schedule=schedule, checkpoint=path)
    assert history.learning_rate == pytest.approx([0.1, 0.01 * 0.5**2])


def test_gradients_are_clipped_by_their_common_norm():
    model, clipped, other = make_network(), make_network(), make_network()
    train(model, optimiser=OPTIMISERS["SGD"](model.parameters()))
    train(clipped, optimiser=OPTIMISERS["SGD"](clipped.parameters()), max_gradient_norm=0.02)
    train_by_hand(other, OPTIMISERS["SGD"](other.parameters()), max_norm=0.02)
    assert_alike(clipped, other, rtol=1e-4)
    assert not torch.allclose(clipped[0].weight, model[0].weight, rtol=1e-2)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("max_norm", [None, 0.5])
def test_mixed_precision_computes_in_it_and_keeps_float32(dtype, max_norm, tmp_path):
    seen = set()

    class Spy(nn.Conv2d):
        def forward(self, images):
            output = super().forward(images)
            seen.add(output.dtype)
            return output

    def start():
        torch.manual_seed(0)
        return nn.Sequential(Spy(1, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 1, 1))

    model, exact = start(), start()
    keywords = {"learning_rate": 0.01, "max_gradient_norm": max_norm}
    history = train(model, autocast=dtype, checkpoint=tmp_path / "run.pt", **keywords)
    assert dtype in seen
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert history.train_loss == pytest.approx(train(exact, **keywords).train_loss, rel=0.02)
    resumed = start()
    assert train(resumed, autocast=dtype, checkpoint=tmp_path / "run.pt", **keywords) == history


def test_float16_gradients_are_clipped_as_they_are_without_their_scale():
    half, exact = make_network(), make_network()
    for model, autocast in ((half, torch.float16), (exact, None)):
        optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
        train(model, optimiser=optimiser, autocast=autocast, max_gradient_norm=0.02)
    assert_alike(half, exact, atol=1e-4)
    assert not torch.allclose(half[0].weight, make_network()[0].weight, atol=1e-3)


def test_a_step_that_overflows_float16_is_left_out_and_the_scale_falls(tmp_path):
    """A gradient of 1.5 * 65536 (the first scale) is infinite in float16; half of it isn't."""

    def start():
        model = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.constant_(model.weight, 1.0)
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
        schedule = lr_scheduler.ExponentialLR(optimiser, 0.5)
        batch = torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1)
        return model, [batch] * 3, {"optimiser": optimiser, "schedule": schedule}

    def run(epochs):
        model, loader, given = start()
        given |= {"autocast": torch.float16, "loss": lambda logits, _: 1.5 * logits.mean()}
        path = tmp_path / "run.pt"
        history = fit(model, loader, epochs=epochs, device="cpu", checkpoint=path, **given)
        return model.weight.item(), history.learning_rate

    weight, rates = run(epochs=1)  # the first step is left out, and the schedule waits
    assert weight == pytest.approx(1 - 1.5 * (0.1 + 0.05))
    assert rates == [0.05]
    weight, rates = run(epochs=2)  # the scale is as it was: all three steps are taken
    assert weight == pytest.approx(1 - 1.5 * (0.1 + 0.05) - 1.5 * (0.1 + 0.05 + 0.025))
    assert rates == [0.05, 0.025]


# --- What is refused ---


def refused(**keywords):
    return train(make_network(), **keywords)


def test_one_of_rate_and_optimiser_is_needed():
    model = make_network()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for keywords in ({}, {"learning_rate": 0.1, "optimiser": optimiser}):
        with pytest.raises(
            ValueError, match=r"learning_rate, such as .*or an optimiser: one of the two"
        ):
            train(model, **keywords)
    with pytest.raises(TypeError, match="optimiser is 'adam', but must be a torch"):
        train(model, optimiser="adam")


def test_an_optimiser_of_another_model():
    optimiser = torch.optim.SGD(make_network().parameters(), lr=0.1)
    with pytest.raises(ValueError, match="4 of the optimiser's 4 parameters aren't in the model"):
        refused(optimiser=optimiser)
    model = make_network()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    model[2] = nn.Conv2d(2, 1, 1)  # a new head: its weights would never change
    with pytest.raises(ValueError, match="2 of the optimiser's 4 parameters aren't in the model"):
        train(model, optimiser=optimiser)


def test_schedules_that_cannot_be_stepped_once_a_batch():
    model = make_network()
    optimiser, other = (torch.optim.SGD(model.parameters(), lr=0.1) for _ in range(2))
    for schedule in (
        lr_scheduler.ReduceLROnPlateau(optimiser),
        lr_scheduler.ConstantLR(other),
        "cosine",
    ):
        with pytest.raises(
            ValueError, match=f"schedule is a {type(schedule).__name__}, but must be"
        ):
            train(model, optimiser=optimiser, schedule=schedule)
    with pytest.raises(ValueError, match="for the optimiser that you give"):
        train(model, learning_rate=0.1, schedule=lr_scheduler.ConstantLR(other))


@pytest.mark.parametrize("norm", [0, -1.0, math.nan, math.inf, "1", True])
def test_norms(norm):
    with pytest.raises(ValueError, match=r"max_gradient_norm is .*finite and above 0, like 1"):
        refused(learning_rate=0.1, max_gradient_norm=norm)


@pytest.mark.parametrize("autocast", [True, "bfloat16", torch.float32, torch.int8])
def test_types_of_mixed_precision(autocast):
    with pytest.raises(ValueError, match=r"autocast is .*torch\.bfloat16"):
        refused(learning_rate=0.1, autocast=autocast)


def test_the_unet_in_mixed_precision():
    torch.manual_seed(0)
    images = torch.rand(2, 1, 16, 16)
    batch = images, (images > 0.5).float()
    model = UNet(base_channels=1)
    history = fit(
        model, [batch], [batch], epochs=1, learning_rate=0.01, autocast=torch.bfloat16, device="cpu"
    )
    assert len(history.validation_dice) == 1
