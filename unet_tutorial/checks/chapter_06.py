"""Checks of chapter 06: Up."""

from __future__ import annotations

import torch

from unet_tutorial.blocks import Up
from unet_tutorial.checks import compare
from unet_tutorial.checks.compare import call, compare_function, compare_value, described
from unet_tutorial.checks.exercise import exercise, refuse
from unet_tutorial.checks.oracles import joining
from unet_tutorial.checks.oracles.modules import give_weights, make_module, output_of
from unet_tutorial.checks.values import plain, same, shown

__all__ = [
    "join_of_a_batch",
    "renewed_checkpoint",
    "skips_taken_away",
    "up_channel_counts",
    "weight_with_a_lateral",
]

STEPS = ("up1", "up2", "up3", "up4")


@exercise(
    "6.1",
    title="Where the channels do not double",
    misconception="The joined tensor has in_channels channels, whatever the levels hold.",
    objectives=(1,),
    hints=(
        "Draw the levels with their channels, and one step up between each two of them.",
        "Below stands the level underneath, halved. The skip is the whole of its own level.",
        "Go from the last level but one down to 0. For each: what comes up, what is beside it, and "
        "what does the level hold?",
    ),
)
def up_channel_counts(answer, *, seed=0) -> str:
    """Check up_channels(widths): (upsampled, joined, out) of each step up, the deepest first."""
    number = compare_function(
        answer,
        joining.channels_by_shape,
        joining.width_cases(seed),
        mistakes=joining.WIDTH_MISTAKES,
        otherwise="One tuple of three for each step. For widths (3, 10), what is joined?",
    )
    return f"{number} networks, with levels that double and levels that do not"


@exercise(
    "6.2",
    title="A sum inside a join",
    misconception="A network that adds its skips computes something that a join cannot.",
    objectives=(2,),
    hints=(
        "A convolution is linear: that of a sum is the sum of two convolutions.",
        "So what comes from below meets weight as it is. The skip meets lateral first, then "
        "weight: at each place of the kernel, a product of two matrices.",
        "Output o and skip channel c are linked through every channel m between: sum weight[o, m] "
        "times lateral[m, c] over m. einsum can say that.",
    ),
)
def weight_with_a_lateral(answer, *, seed=0) -> str:
    """Check joined_weight(lateral, weight), the weight that a joining network needs."""
    number = compare_function(
        answer,
        joining.lateral_by_loops,
        joining.lateral_cases(seed),
        mistakes=joining.LATERAL_MISTAKES,
        otherwise="Follow one channel of the skip: through which channels does it reach output 0?",
    )
    return f"{number} adding networks, each as one convolution over the join"


@exercise(
    "6.3",
    title="Right with one image",
    misconception="Where the shape is right after a reshape, the numbers are in their places.",
    objectives=(3,),
    hints=(
        "Give it two images, then each of them alone. Do the answers agree?",
        "Say which images stand where after the join, and what the reshape puts together.",
        "No reshape is needed if the join is along the dimension that counts channels.",
    ),
)
def join_of_a_batch(answer, *, seed=0) -> str:
    """Check the class BatchUp(in_channels, out_channels), on batches of one and more."""
    generator = torch.manual_seed(seed)  # for the weights too
    sizes = [(1, 4, 3, 5, 4), (1, 8, 3, 2, 3), (2, 4, 2, 3, 5), (3, 6, 4, 4, 2), (5, 2, 1, 3, 3)]
    for images, channels, out, height, width in sizes:
        right = Up(channels, out).double().eval()
        given = make_module(answer, channels, out)
        give_weights(
            given, right.state_dict(), "Old checkpoints must still load: keep both layers."
        )
        x = torch.randn(images, channels, height, width, generator=generator).double()
        shape = images, channels // 2, 2 * height, 2 * width
        skip = torch.randn(shape, generator=generator).double()
        came, wanted = output_of(given, x, skip), output_of(right, x, skip)
        if same(came, wanted, 1e-8):
            continue
        tried = f"x {tuple(x.shape)} and skip {tuple(skip.shape)}"
        if came.shape != wanted.shape:
            hint = f"The shape must be {tuple(wanted.shape)}: as many images as came."
            refuse(hint, tried=tried, came=f"{tuple(came.shape)}")
        if images == 1:
            hint = "With one image it was right before. Now the order of the channels is another."
            refuse(hint, tried=tried, came="other values than the same weights gave before")
        alone = output_of(given, x[1:2], skip[1:2])
        refuse(
            "An image of the batch still meets another one's skip. Which dimension counts images?",
            tried=f"{tried}: image 1 of the batch",
            expected=f"what it gives alone, {shown(alone.flatten()[:3])} ...",
            came=f"{shown(came[1].flatten()[:3])} ...",
        )
    return f"{len(sizes)} batches of one to five images, each image with its own skip"


@exercise(
    "6.4",
    title="The checkpoint of an older version",
    misconception="The order is swapped at the middle of each weight, wherever a Up stands.",
    objectives=(4,),
    hints=(
        "Only layers that read a join depend on its order. Which one is that in an Up?",
        "Not every join is half and half. The checkpoint says how many channels come from below.",
        "upsampling.weight is (in, out, 2, 2): its second number is where the first weight of the "
        "same Up has to be cut. Build new tensors, and carry all the others over.",
    ),
)
def renewed_checkpoint(answer, *, seed=0) -> str:
    """Check renew(state): a checkpoint that joined below first, for Ups that join skip first."""
    state = joining.old_checkpoint(seed)
    wanted = joining.skip_first(state)
    came = call(answer, state)
    if came is None:
        refuse("Nothing came back: the function needs a `return`.")
    if not isinstance(came, dict):
        refuse(
            "The function must return a dict, as state_dict() does.",
            came=f"something of type {type(came).__name__}",
        )
    lacking = [name for name in wanted if name not in came]
    if lacking or len(came) != len(wanted):
        other = lacking[0] if lacking else next(name for name in came if name not in wanted)
        hint = "A checkpoint must hold every tensor under its name, and no others."
        refuse(hint, came=f"{shown(other)} is {'missing' if lacking else 'new'}")
    for name in wanted:
        if not same(came[name], wanted[name], 0.0):
            refuse_tensor(name, came[name], state, wanted)
    return f"{len(wanted)} tensors, of which four had to change"


def refuse_tensor(name: str, came: object, state: dict, wanted: dict) -> None:
    """Refuse one tensor of a renewed checkpoint with the hint that fits."""
    old, right = state[name], wanted[name]
    block = name.partition(".")[0]
    tried = f"{name}, of shape {tuple(old.shape)}"
    if name.endswith(".upsampling.weight") or f"{block}.upsampling.weight" not in state:
        refuse("This tensor reads no join, so no order is in it.", tried=tried, came="a change")
    if same(old, right, 0.0):
        refuse(
            f"{block} has one layer that reads the join. It is not this one.",
            tried=tried,
            came="a change",
        )
    half = old.shape[1] // 2
    of_below = state[f"{block}.upsampling.weight"].shape[1]
    tried += f", with {of_below} channels from below and {old.shape[1] - of_below} of the skip"
    hints = [
        (old, "This one is as it was. Every Up needs the swap."),
        (
            torch.cat([old[:, half:], old[:, :half]], 1),
            "Cut at the middle. Is the join half and half?",
        ),
        (old.roll(of_below, 1), "Cut at the wrong end: the old order was below first."),
        (old.flip(1), "The two parts change places. Inside each part the order stays."),
    ]
    for wrong, hint in hints:
        if same(came, wrong, 0.0):
            refuse(hint, tried=tried)
    if not isinstance(plain(came), torch.Tensor) or plain(came).shape != old.shape:
        refuse("The shape must stay as it is.", tried=tried, came=shown(came))
    refuse("Which slices of this weight read the skip? They come first now.", tried=tried)


@exercise(
    "6.5",
    title="Which skip is needed most",
    misconception="The deepest skip has the most channels, so it brings the most.",
    objectives=(5,),
    hints=(
        "A skip that meets weights of 0 has no say. Which weights meet it?",
        "In the first convolution of the Up, the first half of the second axis. Copy the network "
        "before you change it.",
        "Work on deepcopy(net). In `getattr(copied, name).conv.double_conv[0].weight`, which "
        "slices of which axis read the skip? Change them under torch.no_grad().",
    ),
)
def skips_taken_away(without_skip, ranking, *, seed=0) -> str:
    """Check without_skip(net, name), and the names from the skip needed most to the least."""
    net = joining.small_unet(seed)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 1, 32, 16, generator=generator).double()
    before = output_of(net, x)
    for name in STEPS:
        check_one_skip(without_skip, net, name, x, before)
    right = ("up4", "up3", "up2", "up1")
    if isinstance(plain(ranking), tuple) and {*plain(ranking)} != {*STEPS}:
        refuse('The ranking holds "up1" to "up4", each once.', came=shown(ranking))
    compare_value(
        ranking,
        right,
        mistakes=[(right[::-1], "Most needed first: without which skip is the Dice lowest?")],
        name="ranking",
        otherwise="Measure: one Dice for each of the four, on the test strip, lowest first.",
    )
    return "each skip silenced alone, and the nearer to the image, the more was lost without it"


def check_one_skip(answer, net, name: str, x: torch.Tensor, before: torch.Tensor) -> None:
    """Refuse a without_skip(net, name) that does not silence that skip alone, in a copy."""
    compare.need_function(answer, 2)

    def asked(name):
        return answer(net, name)  # the very network, not a copy

    came = call(asked, name)
    tried = f'without_skip(net, "{name}")'
    if not isinstance(came, torch.nn.Module):
        refuse("The function must return a network.", tried=tried, came=described(came))
    if not same(output_of(net, x), before, 1e-9):
        refuse("The network that was given has changed. Work on a copy.", tried=tried)
    if came.training:
        refuse("It came back in train mode, where BatchNorm works otherwise.", tried=tried)
    logits = output_of(came, x)
    with torch.no_grad():
        likely = (
            hint
            for hint, factors in joining.factors_of(name)
            if same(logits, joining.logits_without(net, x, factors), 1e-9)
        )
        hint = next(likely, None)
    if hint != "right":
        refuse(
            hint or "Only the weights that read this skip should be 0, every other as it was.",
            tried=f"{tried}, on a batch {tuple(x.shape)}",
            came="other logits than with zeros in place of the skip",
        )
