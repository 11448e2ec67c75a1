"""Right and wrong answers to the exercises of chapter 11."""

import contextlib
import copy
import itertools
import math
import pickle
import re

import torch
import torch.nn.functional as F
from answers import Answers

from unet_tutorial.prediction import predict
from unet_tutorial.training import load_weights

# ---- 11.1


def margin_by_recursion(poolings, reach):
    def leftmost(column, level):
        column -= reach
        return 2 * leftmost(math.floor(column / 2), level - 1) - reach if level else column

    return -leftmost(0, poolings)


def margin_by_sets(poolings, reach):
    def looked_at(columns):
        return {c + d for c in columns for d in range(-reach, reach + 1)}

    columns = set(range(2**poolings))
    for _ in range(poolings):
        columns = {c >> 1 for c in looked_at(columns)}
    columns = looked_at(columns)
    for _ in range(poolings):
        columns = looked_at({2 * c for c in columns} | {2 * c + 1 for c in columns})
    return -min(columns)


def knows_up_to_four(poolings, reach):
    return margin_by_recursion(min(poolings, 4), reach)


def without_poolings_none(poolings, reach):
    return margin_by_recursion(poolings, reach) if poolings else 0


def gives_a_float(poolings, reach):
    return float(margin_by_recursion(poolings, reach))


# ---- 11.2


def with_windows(network, image, core, margin, multiple):
    height, width = image.shape
    margin = math.ceil(margin / multiple) * multiple
    pieces = []
    for top in range(0, height, core):
        row = []
        for left in range(0, width, core):
            up, before = min(top, margin), min(left, margin)
            window = image[top - up : top + core + margin, left - before : left + core + margin]
            seen = network(window[None, None])[0, 0]
            row.append(seen[up : up + core, before : before + core])
        pieces.append(torch.cat(row, dim=1))
    return torch.cat(pieces)


def always_in_double(network, image, core, margin, multiple):
    return with_windows(network, image, core, margin, multiple).double()


def all_windows_at_once(network, image, core, margin, multiple):
    return network(image[None, None].repeat(2, 1, 1, 1))[0, 0]


def with_windows_moved_inside(network, image, core, margin, multiple):
    """Let all windows have one size, and move them inside where they'd leave the image."""
    device, margin = next(network.parameters()).device, margin + -margin % multiple
    sides = [min(core + 2 * margin, size) for size in image.shape]
    result = torch.empty_like(image)
    for corner in itertools.product(*(range(0, size, core) for size in image.shape)):
        starts = [
            min(max(place - margin, 0), size - side)
            for place, size, side in zip(corner, image.shape, sides, strict=True)
        ]
        window = image[tuple(slice(a, a + side) for a, side in zip(starts, sides, strict=True))]
        seen = network(window[None, None].to(device))[0, 0]
        inner = tuple(slice(p - a, p - a + core) for p, a in zip(corner, starts, strict=True))
        result[tuple(slice(place, place + core) for place in corner)] = seen[inner]
    return result


def rounds_to_float32(network, image, core, margin, multiple):
    result = torch.empty(image.shape, dtype=torch.float32)
    result[:] = with_windows(network, image, core, margin, multiple)
    return result


class AsLogits(torch.nn.Module):
    """Scale a network's output so that the sigmoid of `predict` can be undone afterwards."""

    def __init__(self, network, dtype):
        super().__init__()
        self.mark = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
        self.network, self.dtype = network, dtype

    def forward(self, x):
        return 1e-4 * self.network(x.to(self.dtype)).double()


def with_the_package(network, image, core, margin, multiple):
    margin += -margin % multiple
    tile, out = core + 2 * margin, torch.empty(1, *image.shape, dtype=torch.float64).numpy()
    scaled = AsLogits(network, image.dtype)
    seen = predict(scaled, image, tile=tile, overlap=margin, multiple=multiple, out=out)
    return (1e4 * torch.logit(torch.from_numpy(seen[0]))).to(image.dtype)


def tiles_of(network, image, core, margin, multiple, mode="reflect", shift=0):
    padded = F.pad(image[None, None], (margin,) * 4, mode=mode)[0, 0]
    result = torch.empty_like(image)
    for top in range(0, image.shape[0], core):
        for left in range(0, image.shape[1], core):
            rows = slice(top, top + core + 2 * margin)
            seen = network(padded[None, None, rows, left : left + core + 2 * margin])[0, 0]
            kept = slice(margin + shift, margin + shift + core)
            result[top : top + core, left : left + core] = seen[kept, kept]
    return result


def as_given(network, image, core, margin, multiple):
    return tiles_of(network, image, core, margin, multiple)


def takes_a_larger_margin(network, image, core, margin, multiple):
    return tiles_of(network, image, core, margin + multiple, multiple)


def rounds_and_reflects(network, image, core, margin, multiple):
    return tiles_of(network, image, core, margin + -margin % multiple, multiple)


def rounds_and_pads_with_zeros(network, image, core, margin, multiple):
    return tiles_of(network, image, core, margin + -margin % multiple, multiple, "constant")


def rounds_down(network, image, core, margin, multiple):
    return with_windows(network, image, core, margin // multiple * multiple, multiple)


def rounds_to_the_nearest(network, image, core, margin, multiple):
    return rounds_down(network, image, core, margin + multiple // 2, multiple)


def rounds_up_to_four(network, image, core, margin, multiple):
    return with_windows(network, image, core, margin + -margin % 4, 1)


def takes_no_margin(network, image, core, margin, multiple):
    return with_windows(network, image, core, 0, multiple)


def clips_and_does_not_round(network, image, core, margin, multiple):
    return with_windows(network, image, core, margin, 1)


def predicts_the_whole(network, image, core, margin, multiple):
    return network(image[None, None])[0, 0]


def keeps_the_batch_axes(network, image, core, margin, multiple):
    return with_windows(network, image, core, margin, multiple)[None, None]


def gives_nothing(network, image, core, margin, multiple):
    with_windows(network, image, core, margin, multiple)


# ---- 11.3


def half_of_the_dice(shared, predicted, true):
    return 0.5 * (2 * shared / (predicted + true))


def from_the_counts(shared, predicted, true):
    found, invented, missed = shared, predicted - shared, true - shared
    return found / (2 * found + invented + missed)


def the_recall(shared, predicted, true):
    return shared / true


def one_minus_dice(shared, predicted, true):
    return 1 - shared / (predicted + true)


def gives_no_number(shared, predicted, true):
    print(end="")


# ---- 11.4


def in_eval_mode(model, images):
    was = model.training
    model.eval()
    with torch.inference_mode():
        found = torch.special.expit(model(images)).squeeze(1)
    model.train(was)
    return found.clone()


def on_a_copy(model, images):
    with torch.no_grad():
        return torch.sigmoid(copy.deepcopy(model).eval()(images)).select(1, 0)


def stops_gradients_alone(model, images):
    with torch.no_grad():
        return model(images).sigmoid()[:, 0]


def leaves_eval_mode(model, images):
    with torch.no_grad():
        return model.eval()(images).sigmoid()[:, 0]


def always_back_to_training(model, images):
    found = leaves_eval_mode(model, images)
    model.train()
    return found


def keeps_gradients(model, images):
    was = model.training
    found = model.eval()(images).sigmoid()[:, 0]
    model.train(was)
    return found


def gives_logits(model, images):
    with torch.no_grad():
        return copy.deepcopy(model).eval()(images)[:, 0]


def keeps_the_channel(model, images):
    with torch.no_grad():
        return copy.deepcopy(model).eval()(images).sigmoid()


def looks_once_too_often(model, images):
    found = on_a_copy(model, images)
    model(images)
    return found


def freezes_the_model(model, images):
    return in_eval_mode(model.requires_grad_(False), images)


def switches_gradients_off(model, images):
    torch.set_grad_enabled(False)
    return in_eval_mode(model, images)


def switches_batchnorm_alone(model, images):
    norms = [part for part in model.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    was = model.training
    for norm in norms:
        norm.eval()
    with torch.no_grad():
        found = model(images).sigmoid()[:, 0]
    for norm in norms:
        norm.train(was)
    return found


def gives_a_softmax(model, images):
    with torch.no_grad():
        return copy.deepcopy(model).eval()(images).softmax(dim=1)[:, 0]


def restores_the_root_alone(model, images):
    was = model.training
    found = leaves_eval_mode(model, images)
    model.training = was
    return found


def puts_the_averages_back(model, images):
    before = copy.deepcopy(model.state_dict())
    found = stops_gradients_alone(model, images)
    model.load_state_dict(before)
    return found


def gives_an_array(model, images):
    return in_eval_mode(model, images).numpy()


def one_image_at_a_time(model, images):
    with torch.no_grad():
        return torch.stack([model(image[None]).sigmoid()[0, 0] for image in images])


# ---- 11.5


def loads_by_hand(model, path):
    state = torch.load(path, map_location="cpu", weights_only=True)
    start = len("module.")
    names = [name[start:] if name.startswith("module.") else name for name in state]
    model.load_state_dict(dict(zip(names, state.values(), strict=True)), strict=True)
    return model


def loads_with_the_package(model, path):
    state = torch.load(path, weights_only=True)
    state = {re.sub(r"^module\.", "", name): tensor for name, tensor in state.items()}
    other = f"{path}.renamed"
    torch.save(state, other)
    load_weights(model, other)
    return model


def loads(model, path, prefix="module.", strict=True, safe=True):
    state = torch.load(path, weights_only=safe)
    state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    model.load_state_dict(state, strict=strict)
    return model


def replaces_the_prefix(model, path):
    state = torch.load(path, weights_only=True)
    model.load_state_dict({name.replace("module.", ""): state[name] for name in state})
    return model


def strips_the_letters(model, path):
    state = torch.load(path, weights_only=True)
    model.load_state_dict({name.lstrip("module."): state[name] for name in state})
    return model


def loads_a_copy(model, path):
    return loads(copy.deepcopy(model), path)


def freezes_what_it_loads(model, path):
    return loads(model, path).requires_grad_(False)


def allows_a_name_too_many(model, path):
    state = torch.load(path, weights_only=True)
    state = {name.removeprefix("module."): tensor for name, tensor in state.items()}
    model.load_state_dict({name: state[name] for name in model.state_dict()})
    return model


def opens_before_it_looks(model, path):
    state = torch.load(path, weights_only=False)
    if not all(isinstance(tensor, torch.Tensor) for tensor in state.values()):
        raise ValueError("not a file of tensors")
    return loads(model, path)


def ignores_a_bad_file(model, path):
    with contextlib.suppress(pickle.UnpicklingError):
        loads(model, path)
    return model


def cuts_without_strictness(model, path):
    return loads(model, path, strict=False)


def strict_without_cutting(model, path):
    return loads(model, path, prefix="-")


def safe_without_cutting(model, path):
    return loads(model, path, prefix="-", strict=False)


def cuts_seven_letters(model, path):
    state = torch.load(path, weights_only=True)
    model.load_state_dict({name[7:]: tensor for name, tensor in state.items()})
    return model


def runs_what_it_opens(model, path):
    return loads(model, path, safe=False)


def gives_no_model(model, path):
    loads(model, path)


def gives_the_state(model, path):
    return loads(model, path).state_dict()


def loads_the_parameters_alone(model, path):
    state = torch.load(path, weights_only=True)
    for name, parameter in model.named_parameters():
        parameter.data = state.get(f"module.{name}", state.get(name))
    return model


ANSWERS = {
    "11.1": Answers(
        right=[margin_by_recursion, margin_by_sets, gives_a_float],
        wrong=[
            (knows_up_to_four, "Draw the columns"),
            (without_poolings_none, "Draw the columns"),
        ],
        equivalent={"margin_by_sets, line *: *": "only the least column of each set matters"},
    ),
    "11.2": Answers(
        right=[with_windows, with_the_package, with_windows_moved_inside],
        wrong=[
            (as_given, "Where may a window begin"),
            (takes_a_larger_margin, "Where may a window begin"),
            (rounds_and_reflects, "around the image's border"),
            (rounds_and_pads_with_zeros, "You put zeros around the image"),
            (rounds_down, "have less than 11 pixels"),
            (rounds_to_the_nearest, "have less than 13 pixels"),
            (rounds_up_to_four, "larger than a core"),
            (takes_no_margin, "The network only got the cores"),
            (clips_and_does_not_round, "stopped with this error"),
            (predicts_the_whole, "larger than a core"),
            (keeps_the_batch_axes, "the image's shape"),
            (gives_nothing, "the image's shape"),
            (rounds_to_float32, "must have the image's dtype"),
            (always_in_double, "must have the image's dtype"),
            (all_windows_at_once, "stopped with this error"),
        ],
        equivalent={
            "*line *: min(*) -> min(*)": "the lesser of two, in either order",
            "*line *: max(*) -> max(*)": "the larger of two, in either order",
            "*line *: 0 -> -1": "the batch holds one image, the first and the last",
            "with_windows_moved_inside, line *: zip(*": "the lengths are equal",
            "with_windows_moved_inside, line *: True -> False": "the lengths are equal",
            "with_windows_moved_inside, line 8: size - side -> *": "the image ends the window",
        },
    ),
    "11.3": Answers(
        right=[half_of_the_dice, from_the_counts],
        wrong=[
            (the_recall, "Dice after equal to that before"),
            (one_minus_dice, "Dice after equal to that before"),
            (gives_no_number, "needs a `return`"),
        ],
        equivalent={},
    ),
    "11.4": Answers(
        right=[in_eval_mode, on_a_copy],
        wrong=[
            (stops_gradients_alone, "Which switch stops that"),
            (puts_the_averages_back, "Which switch stops that"),
            (one_image_at_a_time, "changes the network's weights or running averages"),
            (leaves_eval_mode, "changes the mode"),
            (always_back_to_training, "changes the mode"),
            (restores_the_root_alone, "changes the mode"),
            (freezes_the_model, "changes `requires_grad`"),
            (switches_gradients_off, "switches gradients on or off"),
            (switches_batchnorm_alone, "not the probabilities of eval mode"),
            (gives_a_softmax, "not the probabilities of eval mode"),
            (gives_an_array, "Return a tensor of shape"),
            (keeps_gradients, "still has its graph"),
            (keeps_the_channel, "Return a tensor of shape"),
            (looks_once_too_often, "changes the network's weights or running averages"),
            (gives_logits, "These are the logits"),
        ],
        equivalent={"*line [36]: 0 -> -1": "there is one channel, the first and the last"},
    ),
    "11.5": Answers(
        right=[loads_by_hand, loads_with_the_package],
        wrong=[
            (safe_without_cutting, "nothing was loaded"),
            (strict_without_cutting, "stopped with this error"),
            (cuts_seven_letters, "stopped with this error"),
            (cuts_without_strictness, "no error was raised"),
            (replaces_the_prefix, "stopped with this error"),
            (strips_the_letters, "stopped with this error"),
            (loads_a_copy, "Return the model that the function was given"),
            (freezes_what_it_loads, "can't be trained any more"),
            (allows_a_name_too_many, "for another network"),
            (ignores_a_bad_file, "would run code"),
            (opens_before_it_looks, "hidden in it"),
            (runs_what_it_opens, "hidden in it"),
            (gives_no_model, "Return the model"),
            (gives_the_state, "Return the model"),
            (loads_the_parameters_alone, "are not those of the file"),
        ],
        equivalent={
            "*line *: torch.load(*, weights_only=True) -> torch.load(*": "weights_only is the "
            "default since torch 2.6",
            "loads_by_hand, line 5: *": "strict is the default; the lengths are equal",
        },
    ),
}
