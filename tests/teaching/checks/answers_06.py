"""Right and wrong answers to the exercises of chapter 06."""

from collections import OrderedDict
from copy import deepcopy

import torch
import torch.nn.functional as F
from answers import Answers, Args
from torch import nn

from unet_tutorial import DoubleConv, UNet

# ---- 6.1


def channels_from_below(widths):
    below, steps = widths[-1], []
    for own in widths[-2::-1]:
        steps.append((below // 2, own + below // 2, own))
        below = own
    return steps


def channels_by_layers(widths):
    pairs = [*zip(widths[1:], widths[:-1], strict=True)][::-1]
    ups = [nn.ConvTranspose2d(below, below // 2, 1, device="meta") for below, _ in pairs]
    return [[u.out_channels, u.out_channels + own, own] for u, (_, own) in zip(ups, pairs)]  # noqa: B905


def without_the_last(widths):
    return channels_from_below(widths)[:-1]


def channels_found_by_width(widths):
    below = [widths[widths.index(own) + 1] for own in widths[-2::-1]]
    return [(b // 2, b // 2 + own, own) for b, own in zip(below, widths[-2::-1], strict=True)]


def channels_halved_throughout(widths):
    upsampled, steps = widths[-1], []
    for own in widths[-2::-1]:
        upsampled //= 2
        steps.append((upsampled, upsampled + own, own))
    return steps


def as_a_tuple_of_three(widths):
    return channels_from_below(widths)[0]


# ---- 6.2


def weight_by_convolution(lateral, weight):
    return torch.cat([F.conv2d(weight, lateral.transpose(0, 1)), weight], dim=1)


def weight_by_tensordot(lateral, weight):
    of_skip = torch.tensordot(weight, lateral.flatten(1), dims=([1], [0]))  # (out, k, k, S)
    result = weight.new_zeros(len(weight), lateral.shape[1] + weight.shape[1], *weight.shape[2:])
    result[:, : lateral.shape[1]] = of_skip.permute(0, 3, 1, 2)
    result[:, lateral.shape[1] :] = weight
    return result


def weight_by_probing(lateral, weight):
    kernel, skip_channels = weight.shape[-1], lateral.shape[1]
    channels = skip_channels + weight.shape[1]
    units = torch.zeros(channels, channels, 2 * kernel - 1, 2 * kernel - 1)
    units[range(channels), range(channels), kernel - 1, kernel - 1] = 1
    summed = F.conv2d(units[:, :skip_channels], lateral) + units[:, skip_channels:]
    return F.conv2d(summed, weight).transpose(0, 1).flip(2, 3)


def lateral_squeezed(lateral, weight):
    of_skip = torch.einsum("obij,bs->osij", weight, lateral.squeeze())
    return torch.cat([of_skip, weight], dim=1)


def lateral_without_signs(lateral, weight):
    return weight_by_convolution(lateral.abs(), weight)


def lateral_summed(lateral, weight):
    scale = lateral.sum(dim=0).reshape(1, -1, 1, 1)
    return torch.cat([weight.sum(dim=1, keepdim=True) * scale, weight], dim=1)


def joined_along_zero(lateral, weight):
    return torch.cat([F.conv2d(weight, lateral.transpose(0, 1)), weight], dim=0)


# ---- 6.3


def batch_up(join):
    class BatchUp(nn.Module):
        def __init__(self, in_channels, out_channels):
            super().__init__()
            self.upsampling = nn.ConvTranspose2d(in_channels, in_channels // 2, 2, stride=2)
            self.conv = DoubleConv(in_channels, out_channels)

        def forward(self, x, skip):
            return self.conv(join(skip, self.upsampling(x)))

    return BatchUp


def fitted(joined, skip):
    return joined.reshape(len(skip), -1, *skip.shape[2:])


def one_by_one(skip, up):
    return torch.stack([torch.cat([s, u]) for s, u in zip(skip, up, strict=True)])


along_minus_three = batch_up(lambda skip, up: torch.cat((skip, up), dim=-3))
stacked = batch_up(lambda skip, up: fitted(torch.stack([skip, up], dim=1), skip))
image_by_image = batch_up(one_by_one)
upsampled_first = batch_up(lambda skip, up: torch.cat([up, skip], dim=1))
stacked_channels = batch_up(lambda skip, up: fitted(torch.stack([skip, up], dim=2), skip))
still_reshaped = batch_up(lambda skip, up: torch.cat([skip, up]).view(len(skip), -1, *up.shape[2:]))
moved_about = batch_up(
    lambda skip, up: fitted(torch.cat([skip, up]).transpose(0, 1).contiguous(), skip)
)
first_image_for_all = batch_up(
    lambda skip, up: torch.cat([skip[:1].expand(len(up), -1, -1, -1), up], dim=1)
)
skip_doubled = batch_up(lambda skip, up: torch.cat([skip, skip], dim=1))
added = batch_up(lambda skip, up: skip + up)
batch_of_one = batch_up(lambda skip, up: torch.cat([skip, up], dim=1)[:1])


skip_detached = batch_up(lambda skip, up: torch.cat([skip.detach(), up], dim=1))


class ConvFirstUp(along_minus_three):
    def __init__(self, in_channels, out_channels):
        super().__init__(in_channels, out_channels)
        self.upsampling = self._modules.pop("upsampling")  # the last one now


class ReshapedInTraining(along_minus_three):
    def forward(self, x, skip):
        block = still_reshaped if self.training else along_minus_three
        return block.forward(self, x, skip)


class EachImageAlone(along_minus_three):
    def forward(self, x, skip):
        pairs = zip(x.split(1), skip.split(1), strict=True)
        return torch.cat([super(EachImageAlone, self).forward(*pair) for pair in pairs])


class AddingUp(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.upsampling = nn.ConvTranspose2d(in_channels, in_channels // 2, 2, stride=2)
        self.conv = DoubleConv(in_channels // 2, out_channels)

    def forward(self, x, skip):
        return self.conv(skip + self.upsampling(x))


# ---- 6.4


def renewed(swap, chosen=None):
    def renew(state):
        result = dict(state)
        for name in state:
            block = name.partition(".")[0]
            is_first = block.startswith("up") and name == f"{block}.conv.double_conv.0.weight"
            if chosen(name) if chosen else is_first:
                up = f"{block}.upsampling.weight"
                below = state[up].shape[1] if up in state else state[name].shape[1] // 2
                result[name] = swap(state[name], below)
        return result

    return renew


def moved(tensor, below):
    return torch.cat([tensor[:, below:], tensor[:, :below]], dim=1)


by_cat = renewed(moved)
by_roll = renewed(lambda tensor, below: tensor.roll(-below, dims=1))


def by_index(state):
    result = OrderedDict(state)
    for name in [name for name in state if name.endswith(".upsampling.bias")]:
        below = len(state[name])
        first = name.replace("upsampling.bias", "conv.double_conv.0.weight")
        channels = [*range(below, state[first].shape[1]), *range(below)]
        result[first] = state[first][:, channels]
    return result


on_the_first_axis = renewed(lambda tensor, below: tensor.roll(-1, dims=0))
only_the_first = renewed(moved, lambda name: name == "up1.conv.double_conv.0.weight")
by_the_end_of_the_name = renewed(moved, lambda name: name.endswith("conv.double_conv.0.weight"))
every_convolution = renewed(moved, lambda name: name.endswith("double_conv.0.weight"))
second_too = renewed(
    lambda tensor, below: tensor.roll(-below, dims=1),
    lambda name: name.startswith("up") and name.endswith(("conv.0.weight", "conv.3.weight")),
)
upsampling_too = renewed(
    lambda tensor, below: tensor.roll(-1, dims=1), lambda name: "upsampling.weight" in name
)


FIRST = ".conv.double_conv.0.weight"
up_to_four = renewed(moved, lambda name: name in [f"up{step}{FIRST}" for step in range(1, 5)])
one_digit = renewed(moved, lambda name: name[:2] == "up" and name[3:] == FIRST)


def as_doubles(state):
    return {name: tensor.double() for name, tensor in by_cat(state).items()}


def as_arrays(state):
    return {name: tensor.numpy() for name, tensor in by_cat(state).items()}


def changed_alone(state):
    return {name: tensor for name, tensor in by_cat(state).items() if "double_conv.0" in name}


def in_place(state):
    for name, tensor in by_cat(state).items():
        state[name].copy_(tensor)
    return state


def renamed(state):
    return {f"net.{name}": tensor for name, tensor in by_cat(state).items()}


def with_one_more(state):
    return by_cat(state) | {"order": torch.ones(1)}


def as_pairs(state):
    return list(by_cat(state).items())


def cropped(state):
    return by_cat(state) | {
        "up1.conv.double_conv.0.weight": state["up1.conv.double_conv.0.weight"][:, 3:]
    }


# ---- 6.5

RANKING = ("up3", "up4", "up2", "up1")


def first_half(net, name):
    copied = deepcopy(net)
    first = getattr(copied, name).conv.double_conv[0].weight
    with torch.no_grad():
        first[:, : first.shape[1] // 2] = 0
    return copied


def multiplied_by_zeros(net, name):
    copied = UNet(net.in_channels, net.num_classes, net.base_channels)
    copied = copied.to(next(net.parameters()).dtype).eval()
    state = {each: tensor.clone() for each, tensor in net.state_dict().items()}
    first = state[f"{name}.conv.double_conv.0.weight"]
    keep = torch.ones(first.shape[1], dtype=first.dtype)
    keep[: len(keep) // 2] = 0
    state[f"{name}.conv.double_conv.0.weight"] = first * keep[:, None, None]
    copied.load_state_dict(state)
    return copied


class Silent(nn.Module):
    def __init__(self, up):
        super().__init__()
        self.up = up

    def forward(self, x, skip):
        return self.up(x, torch.zeros_like(skip))


def wrapped(net, name):
    copied = deepcopy(net)
    setattr(copied, name, Silent(getattr(copied, name)))
    return copied


def with_another_forward(net, name):
    copied = deepcopy(net)
    up = getattr(copied, name)
    forward = up.forward
    up.forward = lambda x, skip: forward(x, torch.zeros_like(skip))
    return copied


def sharing_the_blocks(net, name):
    shared = UNet(net.in_channels, net.num_classes, net.base_channels).eval()
    for each, part in net.named_children():
        setattr(shared, each, part)
    setattr(shared, name, Silent(getattr(net, name)))
    return shared


def of_the_trained_net(net, name):
    copied = deepcopy(net)
    channels = {"up1": 64, "up2": 32, "up3": 16, "up4": 8}[name]  # with 8 base channels
    getattr(copied, name).conv.double_conv[0].weight.detach()[:, :channels] = 0
    return copied


def the_other_end(net, name):
    return first_half(net, f"up{5 - int(name[2])}")


def in_the_net_itself(net, name):
    with torch.no_grad():
        first = getattr(net, name).conv.double_conv[0].weight
        first[:, : first.shape[1] // 2] = 0
    return net


def in_train_mode(net, name):
    return first_half(net, name).train()


def the_block_alone(net, name):
    return getattr(first_half(net, name), name)


def scores_instead(net, name):
    return 0.9


ANSWERS = {
    "6.1": Answers(
        right=[channels_from_below, channels_by_layers],
        wrong=[
            (without_the_last, "for each step"),
            (as_a_tuple_of_three, "for each step"),
            (channels_found_by_width, "for each step"),
            (channels_halved_throughout, "for each step"),
        ],
        equivalent={
            "channels_by_layers, line 2: *": "Both sequences have the same length.",
            "channels_by_layers, line 3: *": "Device and kernel don't change the channels.",
        },
    ),
    "6.2": Answers(
        right=[weight_by_convolution, weight_by_tensordot, weight_by_probing],
        wrong=[
            (lateral_summed, "Follow one channel"),
            (joined_along_zero, "The shape must be"),
            (lateral_squeezed, "stopped with this error"),
            (lateral_without_signs, "Follow one channel"),
        ],
        equivalent={
            "weight_by_convolution, line 2: *(0, 1) -> *(1, 0)": "These are the same two axes.",
            "weight_by_probing, line 2: 1 -> 2": "Kernels are square.",
            "weight_by_probing, line 4: torch.zeros(*": "The swapped sizes are equal.",
            "weight_by_probing, line 7: *": "These are the same two axes.",
        },
    ),
    "6.3": Answers(
        right=[along_minus_three, stacked, image_by_image, ConvFirstUp],
        wrong=[
            (upsampled_first, "in which order"),
            (stacked_channels, "in which order"),
            (skip_doubled, "in which order"),
            (still_reshaped, "as it does alone"),
            (moved_about, "in which order"),
            (first_image_for_all, "as it does alone"),
            (batch_of_one, "one result for each image"),
            (added, "stopped with this error"),
            (AddingUp, "must still load"),
            (skip_detached, "gradients must reach"),
            (ReshapedInTraining, "see the whole batch"),
            (EachImageAlone, "see the whole batch"),
            (along_minus_three(4, 2), "the class itself"),
        ],
        equivalent={},
    ),
    "6.4": Answers(
        right=[by_cat, by_roll, by_index],
        wrong=[
            (on_the_first_axis, "Which input channels"),
            (only_the_first, "Every Up needs"),
            (by_the_end_of_the_name, "reads no join"),
            (every_convolution, "reads no join"),
            (upsampling_too, "reads no join"),
            (second_too, "it's another one"),
            (changed_alone, "every tensor under its name"),
            (renamed, "every tensor under its name"),
            (with_one_more, "and no others"),
            (in_place, "changes its input"),
            (as_pairs, "must return a dict"),
            (cropped, "The shape must stay"),
            (up_to_four, "Every Up needs"),
            (one_digit, "Every Up needs"),
            (as_doubles, "The dtype must stay"),
            (as_arrays, "holds tensors"),
        ],
        equivalent={},
    ),
    "6.5": Answers(
        right=[Args(first_half, RANKING), Args(multiplied_by_zeros, list(RANKING)),
               Args(wrapped, RANKING), Args(with_another_forward, RANKING)],
        wrong=[
            (Args(the_other_end, RANKING), "nothing else change"),
            (Args(in_the_net_itself, RANKING), "Work on a copy"),
            (Args(in_train_mode, RANKING), "train mode"),
            (Args(sharing_the_blocks, RANKING), "Work on a copy"),
            (Args(of_the_trained_net, RANKING), "Both halves are 0"),
            (Args(the_block_alone, RANKING), "stopped with this error"),
            (Args(scores_instead, RANKING), "must return a network"),
            (Args(first_half, ("up4", "up2", "up3", "up1")), "Measure"),
            (Args(first_half, ("up4", "up3", "up2", "up1")), "taken away"),
            (Args(first_half, ("up1", "up2", "up3", "up4")), "distances"),
            (Args(first_half, ("up4", "up3")), "each once"),
            (Args(first_half, "up4"), "is a list of the names"),
        ],
        equivalent={
            "multiplied_by_zeros, line 6: torch.ones(*": "The weights have the default dtype.",
        },
    ),
}  # fmt: skip
