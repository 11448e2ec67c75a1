"""Right and wrong answers to the exercises of chapter 08."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from answers import Answers
from torch import nn

from unet_tutorial import DoubleConv, Down, OutConv, UNet, Up

# ---- 8.1


def waiting_in_closed_form(base_channels, shape):
    images, _, height, width = shape
    return images * height * width * base_channels * 31 // 4


def waiting_on_the_meta_device(base_channels, shape):
    with torch.device("meta"):
        network = UNet(shape[1], 1, base_channels).eval()
        batch = torch.empty(shape, dtype=torch.get_default_dtype())
    numbers = []
    for name in ("in_conv", "down1", "down2", "down3", "down4"):
        part = getattr(network, name)
        part.register_forward_hook(lambda part, inputs, output: numbers.append(output.numel()))
    network(batch)
    return 4 * sum(numbers)


def waiting_in_a_square(base_channels, shape):
    return waiting_in_closed_form(base_channels, (*shape[:3], shape[2]))


def waiting_for_real(base_channels, shape):
    torch.empty(shape)
    return waiting_in_closed_form(base_channels, shape)


def waiting_as_a_float(base_channels, shape):
    images, _, height, width = shape
    return images * height * width * base_channels * 31 / 4


# ---- 8.2


def failing_step_by_bits(height, width):
    return 4 - ((height | width) % 16).bit_length() + 1 if (height | width) % 16 else 0


def failing_step_by_walking(height, width):
    def sizes(side):
        return [side >> level for level in range(5)]

    for step, (h, w) in enumerate(zip(sizes(height)[3::-1], sizes(width)[3::-1], strict=True), 1):
        if (h // 2 * 2, w // 2 * 2) != (h, w):
            return step
    return 0


def failing_step_of_tensors(height, width):
    sides = torch.tensor([height, width])
    odd = (step for step in (1, 2, 3, 4) if (sides // 2 ** (4 - step) % 2).any())
    return next(odd, 0)


def failing_step_of_both(height, width):
    both = [step for step in (1, 2, 3, 4) if (height & width) >> (4 - step) & 1]
    return both[0] if both else 0


def failing_step_counted_from_0(height, width):
    return max(0, failing_step_by_walking(height, width) - 1)


def failing_step_or_none(height, width):
    return failing_step_by_walking(height, width) or None


# ---- 8.3


class DeepUNetBase(nn.Module):
    """The common part of the right and the wrong answers."""

    keep_downs = keep_ups = staticmethod(list)

    def __init__(self, levels, base_channels):
        super().__init__()
        widths = [base_channels * 2**level for level in range(levels + 1)]
        self.in_conv = DoubleConv(1, base_channels)
        self.downs = self.keep_downs(Down(i, o) for i, o in pairwise(widths))
        self.ups = self.keep_ups(Up(i, o) for i, o in pairwise(widths[::-1]))
        self.out_conv = OutConv(base_channels, 1)

    def forward(self, x):
        skips = [self.in_conv(x)]
        for down in self.downs:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up in self.ups:
            x = up(x, skips.pop())
        return self.out_conv(x)


class DeepInModuleLists(DeepUNetBase):
    keep_downs = keep_ups = staticmethod(nn.ModuleList)


class DeepInSequentials(DeepUNetBase):
    keep_downs = keep_ups = staticmethod(lambda blocks: nn.Sequential(*blocks))


class DeepByNames(DeepUNetBase):
    def __init__(self, levels, base_channels):
        super().__init__(levels, base_channels)
        for number, (down, up) in enumerate(zip(self.downs, self.ups, strict=True)):
            self.add_module(f"down{number}", down)
            setattr(self, f"up{number}", up)


class Level(nn.Module):
    """A level and, inside it, those below."""

    def __init__(self, levels, channels):
        super().__init__()
        self.down, self.up = Down(channels, 2 * channels), Up(2 * channels, channels)
        self.inner = Level(levels - 1, 2 * channels) if levels > 1 else nn.Identity()

    def forward(self, x):
        return self.up(self.inner(self.down(x)), x)


class DeepByRecursion(nn.Module):
    def __init__(self, levels, base_channels):
        super().__init__()
        self.in_conv, self.out_conv = DoubleConv(1, base_channels), OutConv(base_channels, 1)
        self.levels = Level(levels, base_channels)

    def forward(self, x):
        return self.out_conv(self.levels(self.in_conv(x)))


class DeepWithOtherArguments(DeepByRecursion):
    def __init__(self, depth, width):
        super().__init__(depth, width)


class DeepInTuples(DeepUNetBase):
    keep_downs = keep_ups = staticmethod(tuple)


class DeepInDicts(DeepUNetBase):
    keep_downs = keep_ups = staticmethod(lambda blocks: dict(enumerate(blocks)))

    def forward(self, x):
        skips = [self.in_conv(x)]
        for down in self.downs.values():
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up in self.ups.values():
            x = up(x, skips.pop())
        return self.out_conv(x)


class DeepInParameterLists(DeepUNetBase):
    def __init__(self, levels, base_channels):
        super().__init__(levels, base_channels)
        blocks = [*self.downs, *self.ups]
        self.trained = nn.ParameterList(p for block in blocks for p in block.parameters())


class DeepWithSkipsDetached(DeepInModuleLists):
    def forward(self, x):
        skips = [self.in_conv(x)]
        for down in self.downs:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up in self.ups:
            x = up(x, skips.pop().detach())
        return self.out_conv(x)


class DeepDownsOnly(DeepUNetBase):
    keep_downs = staticmethod(nn.ModuleList)


class DeepUpsOnly(DeepUNetBase):
    keep_ups = staticmethod(nn.ModuleList)


class DeepListsOfParametersOnly(DeepUNetBase):
    def parameters(self, recurse=True):
        yield from super().parameters(recurse)
        for block in (*self.downs, *self.ups):
            yield from block.parameters()


class DeepWithOneUpForAll(DeepInModuleLists):
    def __init__(self, levels, base_channels):
        super().__init__(levels, base_channels)
        self.ups = nn.ModuleList([self.ups[0]])


class DeepOfFourLevels(DeepInModuleLists):
    def __init__(self, levels, base_channels):
        super().__init__(4, base_channels)


class DeepTooWide(DeepInModuleLists):
    def __init__(self, levels, base_channels):
        super().__init__(levels, 2 * base_channels)


class DeepUsingSkipsTwice(DeepInModuleLists):
    def forward(self, x):
        x = self.in_conv(x)
        y = x
        for down in self.downs:
            y = down(y)
        return self.out_conv(x)


# ---- 8.4


class Shortcut(nn.Module):
    def __init__(self, base_channels):
        super().__init__()
        c = base_channels
        self.in_conv = DoubleConv(1, c)
        self.down1, self.down2 = Down(c, 2 * c), Down(2 * c, 4 * c)
        self.up1, self.up2 = Up(4 * c, 2 * c), Up(2 * c, c)
        self.out_conv, self.shortcut = OutConv(c, 1), OutConv(c, 1)

    def ends(self, x):
        """The outputs of in_conv and of the expanding path."""
        first = self.in_conv(x)
        second = self.down1(first)
        return first, self.up2(self.up1(self.down2(second), second), first)


class ShortcutEarly(Shortcut):
    def forward(self, x):
        level0 = self.in_conv(x)
        straight = self.shortcut(level0)
        level1 = self.down1(level0)
        level1 = self.up1(self.down2(level1), level1)
        level0 = self.up2(level1, level0)
        return self.out_conv(level0) + straight


class ShortcutByEnds(Shortcut):
    def forward(self, x):
        first, last = self.ends(x)
        return self.shortcut(first) + self.out_conv(last)


class ShortcutOfAnotherSkip(Shortcut):
    def forward(self, x):
        first, last = self.ends(x)
        return self.out_conv(last) + self.shortcut(self.in_conv(first[:, :1]))


class ShortcutDetached(Shortcut):
    def forward(self, x):
        first, last = self.ends(x)
        return self.out_conv(last) + self.shortcut(first.detach())


class ShortcutInEvalMode(Shortcut):
    def forward(self, x):
        first, last = self.ends(x)
        return self.out_conv(last) + self.shortcut(last if self.training else first)


class ShortcutOfASecondRun(Shortcut):
    def forward(self, x):
        return self.out_conv(self.ends(x)[1]) + self.shortcut(self.in_conv(x))


class ShortcutWithoutGradients(Shortcut):
    @torch.no_grad()
    def forward(self, x):
        first, last = self.ends(x)
        return self.out_conv(last) + self.shortcut(first)


class ShortcutRenamed(ShortcutByEnds):
    def __init__(self, base_channels):
        super().__init__(base_channels)
        self.straight = self.shortcut
        del self.shortcut

    def forward(self, x):
        first, last = self.ends(x)
        return self.straight(first) + self.out_conv(last)


class ShortcutOfTwoClasses(ShortcutByEnds):
    def __init__(self, base_channels):
        super().__init__(base_channels)
        self.out_conv = OutConv(base_channels, 2)


# ---- 8.5


def run_padded_by_indices(network, images, multiple):
    def rows(size):
        missing = -size % multiple
        return (torch.arange(size + missing) - missing // 2).clamp(0, size - 1), missing // 2

    (height, width) = images.shape[2:]
    (ys, top), (xs, left) = rows(height), rows(width)
    output = network(images[:, :, ys][:, :, :, xs])
    return output.narrow(2, top, height).narrow(3, left, width)


def run_padded_with_negative_padding(network, images, multiple):
    missing = [-side % multiple for side in images.shape[:1:-1]]
    edges = [part for m in missing for part in (m // 2, m - m // 2)]
    return F.pad(network(F.pad(images, edges, mode="replicate")), [-each for each in edges])


def padded_as(mode="replicate", missing=lambda s, m: -s % m, swap=False):
    def run_padded(network, images, multiple):
        height, width = images.shape[2:]
        below, right = missing(height, multiple), missing(width, multiple)
        top, left = below // 2, right // 2
        edges = [left, right - left, top, below - top]
        edges = edges[2:] + edges[:2] if swap else edges
        padded = network(F.pad(images, edges, mode=mode))
        return padded[:, :, top : top + height, left : left + width]

    return run_padded


def run_padded_cut_from_the_end(network, images, multiple):
    below, right = (-side % multiple for side in images.shape[2:])
    top, left = below // 2, right // 2
    edges = (left, right - left, top, below - top)
    output = network(F.pad(images, edges, mode="replicate"))
    return output[:, :, top : top - below, left : left - right]


def run_padded_image_by_image(network, images, multiple):
    one_by_one = [run_padded_by_indices(network, each[None], multiple) for each in images]
    return torch.cat(one_by_one)


def run_padded_in_eval_mode(network, images, multiple):
    return run_padded_by_indices(network.eval(), images, multiple)


def run_padded_as_doubles(network, images, multiple):
    return run_padded_by_indices(network, images.double(), multiple)


def run_padded_not_at_all(network, images, multiple):
    return network(images)


def run_padded_without_network(network, images, multiple):
    return images


def run_padded_giving_the_images_channels(network, images, multiple):
    return run_padded_by_indices(network, images, multiple)[:, : images.shape[1]]


def run_padded_calling_twice(network, images, multiple):
    run_padded_by_indices(network, images, multiple)
    return run_padded_by_indices(network, images, multiple)


ANSWERS = {
    "8.1": Answers(
        right=[waiting_in_closed_form, waiting_on_the_meta_device, waiting_as_a_float],
        wrong=[
            (waiting_for_real, "No machine holds that"),
            (waiting_in_a_square, "level by level"),
            (lambda c, shape: waiting_in_closed_form(c, shape) // 4 + 1, "level by level"),
        ],
        equivalent={
            "waiting_on_the_meta_device, line 4: *": "The numbers' dtype isn't read.",
            "waiting_on_the_meta_device, line 6: *": "It's a sum, so any order is fine.",
        },
    ),
    "8.2": Answers(
        right=[failing_step_by_bits, failing_step_by_walking],
        wrong=[
            (failing_step_counted_from_0, "Follow both sides"),
            (failing_step_or_none, "return"),
            (failing_step_of_tensors, "No machine holds that"),
            (failing_step_of_both, "Follow both sides"),
        ],
        equivalent={
            "failing_step_by_walking, line 3: 5 -> *": "Only levels 0 to 3 are used.",
            "failing_step_by_walking, line 5: zip(*": "Both have four sizes, in any order.",
            "failing_step_by_walking, line 5: True -> False": "Both have four sizes.",
        },
    ),
    "8.3": Answers(
        right=[DeepInModuleLists, DeepInSequentials, DeepByNames, DeepByRecursion],
        wrong=[
            (DeepInTuples, "own lists, tuples and dicts"),
            (DeepInDicts, "own lists, tuples and dicts"),
            (DeepListsOfParametersOnly, "own lists, tuples and dicts"),
            (DeepDownsOnly, "One arm is fixed"),
            (DeepUpsOnly, "One arm is fixed"),
            (DeepWithOneUpForAll, "one Down and one Up for each level"),
            (DeepOfFourLevels, "one Down and one Up for each level"),
            (DeepTooWide, "channels were right"),
            (DeepUsingSkipsTwice, "run down and up through them"),
            (DeepInModuleLists(1, 1), "without brackets"),
            (DeepInParameterLists, "own lists, tuples and dicts"),
            (DeepWithSkipsDetached, "Pass the tensors themselves on"),
            (DeepWithOtherArguments, "Keep these names"),
        ],
        equivalent={
            "DeepByNames, line 4: zip(*": "There are as many Downs as Ups; their names are free.",
            "DeepByNames, line 4: True -> False": "There are as many Downs as Ups.",
        },
    ),
    "8.4": Answers(
        right=[ShortcutEarly, ShortcutByEnds],
        wrong=[
            (ShortcutOfAnotherSkip, "Follow each name"),
            (ShortcutDetached, "without detach or no_grad"),
            (ShortcutWithoutGradients, "without detach or no_grad"),
            (ShortcutInEvalMode, "the same in every mode"),
            (ShortcutOfASecondRun, "run each part once"),
            (ShortcutOfTwoClasses, "their channels"),
            (ShortcutRenamed, "Keep the names"),
        ],
        equivalent={},
    ),
    "8.5": Answers(
        right=[run_padded_by_indices, run_padded_with_negative_padding],
        wrong=[
            (run_padded_not_at_all, "would refuse that size"),
            (padded_as(swap=True), "changed places"),
            (padded_as(missing=lambda side, m: m - side % m), "more than needed"),
            (padded_as(mode="reflect"), "repeats the nearest pixel"),
            (run_padded_cut_from_the_end, "slice is empty"),
            (run_padded_image_by_image, "Call the network once"),
            (run_padded_calling_twice, "Call the network once"),
            (padded_as(missing=lambda side, m: -side & (m - 1)), "would refuse that size"),
            (run_padded_in_eval_mode, "changes the mode"),
            (run_padded_as_doubles, "dtype of the images"),
            (run_padded_without_network, "Call the network once"),
            (run_padded_giving_the_images_channels, "other channels"),
        ],
        equivalent={},
    ),
}
