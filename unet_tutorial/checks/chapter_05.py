"""Checks of chapter 05: transposed convolution."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.checks.compare import call, compare_value, described, hint_on_kind
from unet_tutorial.checks.exercise import exercise, refuse
from unet_tutorial.checks.oracles import stamping
from unet_tutorial.checks.oracles.arrays import numbers_in
from unet_tutorial.checks.oracles.modules import give_weights, make_module, output_of
from unet_tutorial.checks.oracles.settings import compare_settings
from unet_tutorial.checks.values import plain, same, shown

__all__ = [
    "adjoint_of_convolution",
    "doubling_layer",
    "image_that_vanishes",
    "stamped_row",
    "tripling_settings",
]


@exercise(
    "5.1",
    title="Stamp a row by hand",
    misconception="Padding adds places to the row, and output_padding adds zeros to the result.",
    objectives=(1, 2),
    hints=(
        "Write each stamp into a row of its own, two places further on than the one before.",
        "The last stamp ends at place 8. output_padding adds place 9, and then padding crops.",
        "Add up the columns: 10 places. Then take one away on the left and one on the right.",
    ),
)
def stamped_row(answer) -> str:
    """Check the eight numbers that a row of four stamps with kernel 3 and stride 2."""
    row = numbers_in(answer)
    if row is None or row.ndim != 1:
        refuse("The answer must be a list of eight whole numbers.", came=described(answer))
    mistakes = [
        ((300, 3, 130, 1, 210, 2, 620, 6, 60), "Now crop: padding takes places away."),
        ((300, 3, 130, 1, 210, 2, 620, 6, 60, 0), "Now crop: padding takes places away."),
        ((3, 130, 1, 210, 2, 620, 6), "Was the sheet lengthened before it was cropped?"),
        ((3, 130, 1, 210, 2, 620, 6, 0), "output_padding lengthens the sheet first. Then "
         "padding crops it, so that ink is saved at the end."),
        ((0, 300, 3, 130, 1, 210, 2, 620, 6, 60, 0), "Padding crops here; it adds nothing."),
        ((3, 100, 1, 200, 2, 600, 6, 60), "Where two stamps overlap they add up."),
        ((3, 30, 1, 10, 2, 20, 6, 60), "Where two stamps overlap they add up."),
        ((3, 310, 1, 120, 2, 260, 6, 600), "The kernel is not turned round when it stamps."),
        ((130, 1, 210, 2, 620, 6, 60, 0), "Crop one place on each side, not two on one."),
    ]  # fmt: skip
    compare_value(
        row.long() if row.equal(row.round()) else row,  # 3.0 is as good as 3
        torch.tensor((3, 130, 1, 210, 2, 620, 6, 60)),
        mistakes=[(torch.tensor(wrong), hint) for wrong, hint in mistakes],
        otherwise="Draw the four stamps as rows of a table, each two places further on, and add.",
    )
    return "eight places from four: the sheet of 9, one longer, one cropped on each side"


@exercise(
    "5.2",
    title="Three times as large",
    misconception="Only a kernel equal to the stride fits; every larger one makes a checkerboard.",
    objectives=(2, 3, 4),
    hints=(
        "Write the formula for stride 3 and dilation 1, and demand 3n for every n.",
        "Sorted, it is a rule for kernel + output_padding. Neither may be just any number: "
        "output_padding is 0, 1 or 2.",
        "k + q = 2p + 3. Places that lie 3 apart are reached alike, so a kernel of a whole number "
        "of strides reaches all equally often. With dilation d the k becomes d * (k - 1) + 1.",
    ),
)
def tripling_settings(tripling, even, dilated_kernel) -> str:
    """Check two sets of (kernel, padding, output_padding) at stride 3, and a dilated kernel."""
    names = "(kernel, padding, output_padding)"
    compare_settings(
        tripling,
        stamping.TRIPLING,
        variable="tripling",
        names=names,
        wrong=stamping.does_not_triple,
        missing=stamping.lacking_tripling,
    )
    compare_settings(
        even,
        stamping.EVEN,
        variable="even",
        names=names,
        wrong=stamping.not_even,
        missing=lambda lacking: (
            "There are more. Neither overlaps nor a crop are harm if all places fare alike."
        ),
    )
    compare_value(
        dilated_kernel,
        2,
        mistakes=[
            (3, "That is right without dilation. How far does a kernel of 3 reach when its taps "
             "lie 2 apart?"),
            (4, "A kernel of 4 with dilation 2 reaches over 7 places."),
            (1, "A kernel of 1 reaches over one place, whatever the dilation."),
        ],
        name="dilated_kernel",
        otherwise="Which reach triples? Then find the kernel that has it with dilation 2.",
    )  # fmt: skip
    return "k + q = 2p + 3 in nine settings, three of them even, and with dilation 2 the kernel 2"


@exercise(
    "5.3",
    title="Two inner products",
    misconception="The transposed convolution of a convolution's output has the image's size.",
    objectives=(1, 2, 3, 5),
    hints=(
        "F.conv_transpose2d takes the very weight of the convolution. Compare the shape that "
        "comes with the size that is wanted.",
        "Several sizes become one in the convolution, and one argument says which it was. It can "
        "differ between height and width. Further, under the gradient of a convolution, has such a "
        "case.",
        "output_padding is a pair: for each side, the wanted size less (n - 1) * stride + kernel "
        "- 2 * padding.",
    ),
)
def adjoint_of_convolution(answer, *, seed=0) -> str:
    """Check adjoint(y, weight, size, stride, padding), which has equal inner products."""
    for number, case in enumerate(stamping.adjoint_cases(seed)):
        came = call(answer, *case)
        wanted = stamping.adjoint(*case)
        if same(came, wanted):
            continue
        y, weight, size, stride, padding = case
        tried = (
            f"y {tuple(y.shape)}, weight {tuple(weight.shape)}, size {size}, "
            f"stride {stride}, padding {padding}"
        )
        hint = hint_on_kind(came, wanted)
        if hint and isinstance(plain(came), torch.Tensor) and same(came, stamping.bare(*case)):
            hint = "Right as far as it goes, but smaller than `size`. Which argument lengthens it?"
        if hint:
            refuse(hint, tried=tried, came=shown(came))
        generator = torch.Generator().manual_seed(number)
        x = torch.randint(-9, 10, wanted.shape, generator=generator).double()
        left = (F.conv2d(x, weight, None, stride, padding) * y).sum()
        right = (x * plain(came)).sum()
        refuse(
            hint_on_adjoint(came, case),
            tried=tried,
            expected=f"(conv(x) * y).sum() == {int(left)} for a random x",
            came=f"(x * adjoint(y)).sum() == {round(right.item(), 4):g}",
        )
    return f"equal inner products in {number + 1} settings, rounded sizes among them"


def hint_on_adjoint(came: object, case: tuple) -> str:
    """Return the hint for an adjoint of the right shape and wrong values."""
    if same(came, stamping.filled_up(*case)):
        return "The last row or column holds zeros. Ink belongs there that padding cropped."
    if same(came, stamping.resized(*case)):
        return "Copied values bring the size, not the ink that belongs there."
    if same(came, stamping.turned(*case)):
        return "The kernel was turned round. A stamp is pressed as it is."
    return "Which x does each entry of the weight multiply? Its stamp must land there again."


@exercise(
    "5.4",
    title="An image that vanishes",
    misconception="With the right weights, a transposed convolution undoes a convolution.",
    objectives=(5,),
    hints=(
        "One block of 2 by 3 pixels is enough; leave the others 0. What do the two kernels ask of "
        "its six pixels?",
        "Two equations with six unknowns: the six must add up to 0, and weighed with 1 to 6 too.",
        "Three neighbours in a row of the kernel are evenly spaced: 1, 2, 3. Take the middle twice "
        "and each end once away. For the count: how many numbers does one block hold?",
    ),
)
def image_that_vanishes(image, channels_needed) -> str:
    """Check an image (1, 1, 4, 6) whose convolution is zero, and how many channels keep it all."""
    if not isinstance(plain(image), torch.Tensor):
        refuse("The image must be a tensor.", came=described(image))
    image = plain(image).double()
    if tuple(image.shape) != (1, 1, 4, 6) or not image.isfinite().all():
        refuse("The shape must be (1, 1, 4, 6), every pixel a number.", came=shown(image))
    if not image.any():
        refuse("It vanishes because nothing was there. One pixel at least is not 0.")
    kernels = torch.tensor([[[1, 2, 3], [4, 5, 6]], [[1, 1, 1], [1, 1, 1]]]).double()
    small = F.conv2d(image / image.abs().max(), kernels[:, None], stride=(2, 3))[0]
    if not small[1].abs().max() < 1e-5:
        hint = "The second channel is left. What must the six pixels of a block add up to?"
        refuse(hint, came=f"channel 1 is {shown(small[1] * image.abs().max())}")
    if not small[0].abs().max() < 1e-5:
        hint = "The second channel vanishes, the first does not: weigh each pixel with its entry."
        refuse(hint, came=f"channel 0 is {shown(small[0] * image.abs().max())}")
    compare_value(
        channels_needed,
        6,
        mistakes=[
            (2, "Two kernels are what this layer has, and your image vanished in it."),
            (3, "Three equations for six pixels leave many images that vanish."),
            (4, "That is enough for blocks of 2 by 2. How many pixels has a block here?"),
            (5, "Five equations for six pixels: something is left that nobody asks about."),
            (1, "One number for six pixels?"),
            (24, "The blocks do not overlap, so each can be looked at by itself."),
        ],
        name="channels_needed",
        otherwise="A block is known from its outputs if there are as many as it has pixels.",
    )
    return "the layer gives zeros for it, so its round trip is all zeros as well"


@exercise(
    "5.5",
    title="The row that lost its ink",
    misconception="A size that is one short is mended by padding the output with a zero.",
    objectives=(2, 3),
    hints=(
        "Give it images of ones and look at the last row and column of what comes out.",
        "The ink of the last row was there and was cropped. Which argument of the layer keeps it?",
        "Let the layer itself give 2n: kernel 3 and padding 1 need k + q = 2p + 2. Then forward "
        "has nothing to fill up.",
    ),
)
def doubling_layer(answer, *, seed=0) -> str:
    """Check the class Doubling(in_channels, out_channels), the old checkpoint's weights in it."""
    keep = "An old checkpoint must still load: keep the name upsampling, kernel 3 and the bias."
    generator = torch.Generator().manual_seed(seed)
    sizes = [(1, 1, 3, 4), (2, 4, 5, 3), (3, 2, 1, 7)]
    for images, channels, height, width in sizes:
        weights = {
            "upsampling.weight": torch.randn(channels, 3, 3, 3, generator=generator).double(),
            "upsampling.bias": torch.randn(3, generator=generator).double(),
        }
        layer = make_module(answer, channels, 3)
        give_weights(layer, weights, keep)
        x = torch.randn(images, channels, height, width, generator=generator).double()
        came = output_of(layer, x)
        wanted = F.conv_transpose2d(x, *weights.values(), 2, 1, 1)
        if not same(came, wanted):
            expected = f"shape {tuple(wanted.shape)}, the last row {shown(wanted[0, 0, -1])}"
            tried, came_short = f"an input {tuple(x.shape)}", stamping.shown_edge(came, wanted)
            hint = stamping.hint_on_doubling(came, wanted)
            refuse(hint, tried=tried, expected=expected, came=came_short)
    return f"{len(sizes)} shapes doubled, stamped to the last row, with the old weights"
