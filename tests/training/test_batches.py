"""What `fit` makes of a batch: what it refuses, what it ignores, and what has a Dice."""

import functools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from unet_tutorial.data import ImageMaskFolder
from unet_tutorial.losses import IGNORE, bce_dice_loss, segmentation_loss
from unet_tutorial.training import fit
from unet_tutorial.unet import UNet


class Table(nn.Module):
    """A network that ignores its images and returns the logits that it was made with."""

    def __init__(self, logits, labels="exclusive"):
        super().__init__()
        self.logits, self.labels = nn.Parameter(logits.clone()), labels

    def forward(self, images):
        return self.logits[: len(images)] * 1.0


def run(model, *batches, **keywords):
    """One step of training, at a rate that changes nothing, and the same batches to validate."""
    batches = [tuple(batch) for batch in batches]
    return fit(
        model, batches, batches, epochs=1, device="cpu", **{"learning_rate": 1e-12} | keywords
    )


def one_hot_logits(classes, count):
    """Logits (N, K, H, W) that are sure of these class numbers (N, H, W)."""
    return F.one_hot(classes, count).movedim(-1, 1) * 20.0 - 10


def images_for(target):
    return torch.rand(len(target), 1, *target.shape[-2:])


# --- Ignored pixels ---

CLASSES = torch.tensor([[[0, 1, 2, 0], [1, 1, 2, 2]]])  # (1, 2, 4)
IGNORED = torch.tensor([[[1, 0, 0, 0], [0, 0, 1, 1]]], dtype=torch.bool)
WRONG_WHERE_IGNORED = one_hot_logits(torch.where(IGNORED, 1, CLASSES), 3)
LOSSES = {  # each with the class number that stands for "ignore" in the target
    "ours": (None, IGNORE),
    "PyTorch's": (nn.CrossEntropyLoss(ignore_index=255), 255),
    "PyTorch's, with our number in the target": (nn.CrossEntropyLoss(ignore_index=255), IGNORE),
    "PyTorch's default": (nn.CrossEntropyLoss(), IGNORE),
    "a function": (functools.partial(F.cross_entropy, ignore_index=255), 255),
    "one that ignores a class": (nn.CrossEntropyLoss(ignore_index=2), 2),
}


@pytest.mark.parametrize("name", LOSSES)
def test_ignored_pixels_are_counted_by_neither_loss_nor_dice(name):
    loss, number = LOSSES[name]
    target = torch.where(IGNORED, number, CLASSES)
    wrong = WRONG_WHERE_IGNORED
    if number == 2:
        target, wrong = CLASSES, one_hot_logits(torch.where(CLASSES == 2, 1, CLASSES), 3)
    history = run(Table(one_hot_logits(CLASSES, 3)), (images_for(target), target), loss=loss)
    assert history.validation_dice == [1.0]
    history = run(Table(wrong), (images_for(target), target), loss=loss)
    assert history.validation_dice == [1.0]
    assert history.validation_loss[0] < 1e-3


def test_a_loss_within_a_loss_says_what_it_ignores():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.CrossEntropyLoss(ignore_index=255)

        def forward(self, logits, target):
            return 2 * self.first(logits, target)

    target = torch.where(IGNORED, 255, CLASSES)
    history = run(Table(WRONG_WHERE_IGNORED), (images_for(target), target), loss=Sum())
    assert history.validation_dice == [1.0]


def test_dice_of_what_is_left_by_hand():
    """Kept: 3 foreground pixels predicted, 2 true, 2 shared: 2 * 2 / (3 + 2)."""
    mask = torch.tensor([[[[1.0, 1, 0, torch.nan], [0, torch.nan, 0, 0]]]])
    logits = torch.tensor([[[[1.0, 1, 1, 1], [-1, -1, -1, -1]]]])
    assert run(Table(logits), (images_for(mask), mask)).validation_dice == [0.8]

    def loss(logits, target):  # one of your own, that leaves NaN out
        return (logits - target)[~target.isnan()].square().mean()

    assert run(Table(logits), (images_for(mask), mask), loss=loss).validation_dice == [0.8]


def test_a_small_number_does_not_pass_for_ours():
    """-100 is 156 in 8 bits, and there may be a class 156."""
    target = torch.full((1, 2, 4), 156, dtype=torch.uint8)
    logits = one_hot_logits(torch.zeros(1, 2, 4).long(), 157)
    loss = lambda logits, target: F.cross_entropy(logits, target.long())  # noqa: E731
    assert run(Table(logits), (images_for(target), target), loss=loss).validation_dice == [0.0]


@pytest.mark.parametrize("labels", ["exclusive", "independent"])
def test_a_batch_with_nothing_to_learn_from_changes_nothing(labels):
    model = UNet(num_classes=2, base_channels=1, labels=labels)
    before = [value.clone() for value in model.parameters()]
    target = (
        torch.full((2, 16, 16), IGNORE)
        if labels == "exclusive"
        else torch.nan * model(torch.zeros(2, 1, 16, 16))
    )
    history = run(model, (torch.rand(2, 1, 16, 16), target.detach()), learning_rate=1e-9)
    assert (history.train_loss, history.validation_loss) == ([0.0], [0.0])
    for old, new in zip(before, model.parameters(), strict=True):
        assert torch.allclose(old, new, atol=1e-8)


def test_a_loss_that_cannot_ignore_says_so():
    mask = torch.full((1, 1, 2, 4), torch.nan)
    with pytest.raises(FloatingPointError, match=r"can.t ignore pixels \(the target has NaN"):
        run(Table(mask.nan_to_num(0)), (images_for(mask), mask), loss=nn.BCEWithLogitsLoss())
    target = torch.full((1, 2, 4), IGNORE)
    with pytest.raises(FloatingPointError, match=r"can.t ignore pixels"):
        run(Table(WRONG_WHERE_IGNORED), (images_for(mask), target), loss=nn.CrossEntropyLoss())


# --- Several labels a pixel ---

TWO_LABELS = torch.tensor([[[[1.0, 1, 0, 0]], [[1, 0, 0, 1]]]])  # (1, 2, 1, 4): both, a, none, b


def test_independent_labels_have_a_dice_each():
    """Channel 0: 2 predicted, 2 true, 2 shared: 1. Channel 1: 1, 2 and 1: 2/3. Mean: 5/6."""
    logits = torch.tensor([[[[5.0, 5, -5, -5]], [[5, -5, -5, -5]]]])
    for loss in (None, nn.BCEWithLogitsLoss(), lambda *both: nn.BCEWithLogitsLoss()(*both)):
        model = Table(logits, labels="independent")
        history = run(model, (images_for(TWO_LABELS), TWO_LABELS), loss=loss)
        assert history.validation_dice == pytest.approx([5 / 6])
    wrapped = nn.DataParallel(Table(logits, labels="independent"))
    history = run(wrapped, (images_for(TWO_LABELS), TWO_LABELS))
    assert history.validation_dice == pytest.approx([5 / 6])


@pytest.mark.parametrize("loss", [None, nn.BCEWithLogitsLoss(), lambda a, b: (a - b).abs().mean()])
@pytest.mark.parametrize("validated", [False, True])
def test_masks_for_each_channel_are_refused_if_labels_are_exclusive(loss, validated):
    batch = images_for(TWO_LABELS), TWO_LABELS
    with pytest.raises(ValueError, match=r'masks: one for each channel; but.* is "exclusive"'):
        fit(
            Table(TWO_LABELS),
            *([batch],) * (1 + validated),
            epochs=1,
            learning_rate=1e-3,
            loss=loss,
            device="cpu",
        )


@pytest.mark.parametrize("loss", [None, nn.CrossEntropyLoss()])
def test_class_numbers_are_refused_if_labels_are_independent(loss):
    model = Table(WRONG_WHERE_IGNORED, labels="independent")
    with pytest.raises(ValueError, match=r'class numbers: one for each pixel; but.*"independent"'):
        run(model, (images_for(CLASSES), CLASSES), loss=loss)


def test_cross_entropy_takes_a_probability_for_each_class():
    target = F.one_hot(CLASSES, 3).movedim(-1, 1).float()
    model = Table(one_hot_logits(torch.where(IGNORED, 1, CLASSES), 3))
    history = run(model, (images_for(target), target), loss=nn.CrossEntropyLoss())
    # Class 1: predicted 3 + 3, true 3, shared 3: 6/9. Class 2: 1, 3 and 1: 2/4.
    assert history.validation_dice == pytest.approx([(6 / 9 + 2 / 4) / 2])


# --- What has no Dice ---


@pytest.mark.parametrize("channels", [1, 3])
def test_a_regression_has_a_loss_and_no_dice(channels):
    target = torch.rand(2, channels, 4, 4)
    history = run(
        Table(torch.zeros(2, channels, 4, 4)), (images_for(target), target), loss=F.mse_loss
    )
    assert history.validation_dice == []
    assert history.validation_loss == pytest.approx([target.square().mean().item()])
    assert "dice" not in repr(history)


def test_one_batch_that_is_no_mask_is_enough():
    target = torch.zeros(1, 1, 4, 4)
    batches = [(images_for(target), target), (images_for(target), target + 0.3)]
    assert run(Table(target), *batches, loss=nn.MSELoss()).validation_dice == []


def test_soft_masks_keep_their_dice_with_a_loss_for_masks():
    target = torch.tensor([[[[0.9, 0.6, 0.2, 0.0]]]])
    logits = torch.tensor([[[[1.0, 1, 1, -1]]]])
    for loss in (None, bce_dice_loss, nn.BCEWithLogitsLoss(), functools.partial(bce_dice_loss)):
        assert run(Table(logits), (images_for(target), target), loss=loss).validation_dice == [0.8]


def test_a_model_may_return_several_things_if_the_loss_takes_them():
    class Several(Table):
        def forward(self, images):
            return {"out": super().forward(images), "aux": images}

    target = torch.ones(1, 1, 2, 4)
    batch = images_for(target), target
    loss = lambda output, target: segmentation_loss(output["out"], target)  # noqa: E731
    history = run(Several(torch.zeros(1, 1, 2, 4)), batch, loss=loss)
    assert (len(history.validation_loss), history.validation_dice) == (1, [])
    with pytest.raises(TypeError, match="the model returned a dict"):
        run(Several(torch.zeros(1, 1, 2, 4)), batch)


# --- Values that can't be right ---


def small_unet(**arguments):
    torch.manual_seed(0)
    return UNet(base_channels=1, **arguments)


MASK = (torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(0)) > 0.5).float()
GREY = (torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(1)) * 256).floor()


@pytest.mark.parametrize(
    "images", [GREY, GREY * 257, F.avg_pool2d(GREY, 3, 1, 1), GREY * (GREY > 253)]
)
def test_images_as_files_hold_them_are_refused(images):
    shown = f"from {images.min():g} to {images.max():g}"
    with pytest.raises(ValueError, match=rf"images have values {shown}.*normalise") as caught:
        run(small_unet(), (images, MASK))
    assert "integers" in str(caught.value)


@pytest.mark.parametrize(
    "images",
    [GREY / 255, (GREY - GREY.mean()) / GREY.std(), GREY * 0, GREY / 20, (GREY > 254) * 100.5],
)
def test_images_that_were_scaled_in_some_way_are_not(images):
    assert run(small_unet(), (images, MASK)).epochs == 1


def test_a_network_that_scales_by_itself_gets_integers():
    class Scaled(UNet):
        def forward(self, x):
            return super().forward(x.float() / 255)

    assert run(Scaled(base_channels=1), (GREY.byte(), MASK)).epochs == 1


LAMBDA = lambda logits, target: F.binary_cross_entropy_with_logits(logits, target)  # noqa: E731


@pytest.mark.parametrize("loss", [None, nn.BCEWithLogitsLoss(), LAMBDA])
@pytest.mark.parametrize("high", [255, 2])
def test_masks_beyond_0_to_1_are_refused(loss, high):
    with pytest.raises(ValueError, match=f"target has values from 0 to {high}, but masks"):
        run(small_unet(), (GREY / 255, MASK * high), loss=loss)


def test_a_later_mask_is_named_by_its_values_too():
    batches = [(GREY / 255, MASK), (GREY / 255, MASK * 255)]
    with pytest.raises(ValueError, match="target has values from 0 to 255"):
        run(small_unet(), *batches)


@pytest.mark.parametrize("loss", [None, nn.CrossEntropyLoss(), nn.CrossEntropyLoss(ignore_index=7)])
@pytest.mark.parametrize("number", [3, -1, 255])
def test_class_numbers_beyond_the_channels_are_refused(loss, number):
    target = torch.where(IGNORED, number, CLASSES)
    with pytest.raises(ValueError, match=r"target has values from .*class numbers .*from 0 to 2"):
        run(Table(WRONG_WHERE_IGNORED), (images_for(target), target), loss=loss)


def test_a_later_mask_makes_pytorchs_loss_negative():
    batches = [(GREY / 255, MASK), (GREY / 255, MASK * 255)]
    with pytest.raises(ValueError, match="target has values from 0 to 255"):
        run(Table(torch.ones(2, 1, 16, 16)), *batches, loss=nn.BCEWithLogitsLoss())


def test_every_error_says_what_came():
    model, weight = nn.Conv2d(3, 1, 1), torch.ones(2, 1, 16, 16)
    for images in (torch.rand(2, 16, 16, 3), torch.rand(2, 3, 16, 16).double()):
        with pytest.raises(RuntimeError) as caught:
            run(model, (images, MASK))
        [note] = caught.value.__notes__
        assert note.startswith("In epoch 1, step 1.")
        assert f": {images.dtype} {tuple(images.shape)}, torch.float32 (2, 1, 16, 16)." in note
    with pytest.raises(TypeError) as caught:
        run(model, (torch.rand(2, 3, 16, 16), MASK, weight), loss=nn.BCEWithLogitsLoss())
    assert caught.value.__notes__[0].count("torch.float32 (2, 1, 16, 16)") == 2


def test_images_of_two_sizes_cannot_be_stacked(tmp_path):
    from PIL import Image

    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        for number, height in enumerate((32, 48)):
            pixels = np.zeros((height, 32), np.uint8)
            Image.fromarray(pixels).save(tmp_path / kind / f"{number}.png")
    folder = ImageMaskFolder(tmp_path / "images", tmp_path / "masks")
    good = DataLoader(folder, batch_size=1)
    bad, in_a_worker = (DataLoader(folder, batch_size=2, num_workers=n) for n in (0, 1))
    for loaders in ([bad], [good, bad], [in_a_worker]):
        name = ["train_loader", "validation_loader"][len(loaders) - 1]
        message = rf"items of {name} have different.*RandomCrops.*batch_size=1.*\[1, 48, 32\]"
        with pytest.raises(ValueError, match=message):
            fit(small_unet(), *loaders, epochs=1, learning_rate=1e-3, device="cpu")


def test_other_errors_of_a_loader_stay_as_they_are():
    class Broken(TensorDataset):
        def __getitem__(self, index):
            raise RuntimeError("the disk is on fire")

    loader = DataLoader(Broken(MASK, MASK))
    with pytest.raises(RuntimeError, match="the disk is on fire"):
        fit(small_unet(), loader, epochs=1, learning_rate=1e-3, device="cpu")


# --- A weight map ---


def test_the_third_tensor_is_a_weight_map():
    """Training with weight 0 on the right half equals training that ignores it."""
    weight = torch.ones(2, 1, 16, 16)
    weight[..., 8:] = 0
    loss = lambda logits, target, weight: (  # noqa: E731
        F.binary_cross_entropy_with_logits(logits, target, weight)
    )
    half = lambda logits, target: LAMBDA(logits[..., :8], target[..., :8]) / 2  # noqa: E731
    models, losses = (small_unet(), small_unet()), []
    for model, batch, function in (
        (models[0], (GREY / 255, MASK, weight), loss),
        (models[1], (GREY / 255, MASK), half),
    ):
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
        history = run(model, batch, loss=function, optimiser=optimiser, learning_rate=None)
        losses.append(history.validation_loss[0])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for one, other in zip(*(model.parameters() for model in models), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_our_own_loss_takes_a_weight_map():
    logits = torch.zeros(2, 1, 16, 16)
    loss = run(Table(logits), (GREY / 255, MASK, 3 * torch.ones_like(MASK))).validation_loss
    plain = run(Table(logits), (GREY / 255, MASK)).validation_loss
    assert loss[0] == pytest.approx(plain[0] + 2 * np.log(2), rel=1e-6)
