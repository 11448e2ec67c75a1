"""Right and wrong answers to the exercises of chapter 10."""

import copy
from functools import partial

import numpy as np
import torch
from answers import Answers, Args

from unet_tutorial.losses import bce_dice_loss

# ---- 10.2


def finds_causes(runs, *, negative=0, differ=0.02, overshoot=2, apart=0.1):
    found = []
    for training, validation, score, beside_black in runs:
        if training.min() < negative:
            found.append("255")
        elif abs(score - beside_black).max() > differ:
            found.append("eval")
        elif validation.max() > overshoot:
            found.append("zero_grad")
        else:
            found.append("flip" if training[-1] > validation[-1] + apart else "nothing")
    return found


def finds_causes_otherwise(runs):
    causes = np.full(len(runs), "nothing", dtype=object)
    causes[runs[:, 0, -1] / runs[:, 1, -1] > 1.2] = "flip"
    causes[(runs[:, 1] > 1.5 * runs[:, 1, :1]).any(axis=1)] = "zero_grad"
    causes[(runs[:, 2] != runs[:, 3]).any(axis=1)] = "eval"
    causes[(runs[:, :2] < 0).any(axis=(1, 2))] = "255"
    return tuple(causes)


def knows_the_five_by_heart(runs):
    return ["flip", "255", "nothing", "zero_grad", "eval"]


def looks_at_the_last_loss_alone(runs):
    found = finds_causes(runs, apart=9)
    return [
        "flip" if each == "nothing" and run[0, -1] > 0.95 - 1e-9 else each
        for each, run in zip(found, runs, strict=True)
    ]


def looks_at_the_first_loss(runs):
    found = finds_causes(runs)
    return [
        "zero_grad" if each == "255" and run[0, 0] > 0 else each
        for each, run in zip(found, runs, strict=True)
    ]


def compares_with_the_other_runs(runs):
    found, last = finds_causes(runs), runs[:, 0, -1]
    mean = last[last > 0].mean() if (last > 0).any() else 0
    return [
        ("flip" if run[0, -1] > mean + 0.1 else "nothing") if each in ("flip", "nothing") else each
        for each, run in zip(found, runs, strict=True)
    ]


def finds_nothing(runs):
    return ["nothing"] * len(runs)


def returns_a_dict(runs):
    return dict.fromkeys(range(len(runs)), "nothing")


def names_it_differently(runs):
    return ["none"] * len(runs)


def returns_numbers(runs):
    return [255] * len(runs)


# ---- 10.3


def turned_by_a_number(image, mask, rng):
    which = int(rng.integers(8))
    pair = [np.rot90(part, which % 4) for part in (image, mask)]
    return [np.fliplr(part) for part in pair] if which > 3 else pair


def turned_as_one_stack(image, mask, rng):
    both = np.stack([image, mask])
    if rng.random() > 0.3:
        both = both[:, ::-1]
    both = np.rot90(both, rng.integers(4), axes=(1, 2))
    return both[0], both[1].astype(mask.dtype)


def mirrors_the_image_alone(image, mask, rng):
    return (image[:, ::-1], mask) if rng.random() < 0.5 else (image, mask)


def turned_by_a_second_generator(image, mask, rng):
    seed = rng.integers(2**31)
    pair = [turned_by_a_number(part, part, np.random.default_rng(seed)) for part in (image, mask)]
    return pair[0][0], pair[1][0]


def draws_without_rng(image, mask, rng):
    return turned_by_a_number(image, mask, np.random.default_rng())


def draws_from_a_copy(image, mask, rng):
    return turned_by_a_number(image, mask, copy.deepcopy(rng))


def makes_the_image_double(image, mask, rng):
    image, mask = turned_by_a_number(image, mask, rng)
    return image.astype(float), mask


def draws_for_each(image, mask, rng):
    return np.rot90(image, rng.integers(4)), np.rot90(mask, 2 + rng.integers(2))


def leaves_all_as_it_was(image, mask, rng):
    return image, mask


def turns_without_mirroring(image, mask, rng):
    quarters = rng.integers(4)
    return np.rot90(image, quarters), np.rot90(mask, quarters)


def gives_the_image_alone(image, mask, rng):
    return image[::-1]


def makes_the_mask_float(image, mask, rng):
    return image, mask.astype(np.float32)


def crops_too(image, mask, rng):
    return image[1:], mask[1:]


def mirrors_in_place(image, mask, rng):
    image[:] = image[:, ::-1].copy()
    mask[:] = mask[:, ::-1].copy()
    return image, mask


# ---- 10.4


def overfits(model, x, y, steps, *, rate=0.1, zero="before", train=True, ready=True, keep=float):
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    losses = []
    if train is not None:
        model.train(train)
    for _ in range(steps):
        if zero == "before":
            model.zero_grad()
        loss = bce_dice_loss(model(x), y)
        loss.backward()
        if zero == "between":
            optimiser.zero_grad()
        optimiser.step()
        losses.append(keep(loss))
    return losses if ready is None else (losses, model.train(not ready))[0]


def overfits_with_the_package(model, x, y, steps):
    return overfits(model, x, y, steps)


def overfits_without_an_optimiser(model, x, y, steps):
    model.train()
    losses = []
    for _ in range(steps):
        loss = bce_dice_loss(model(x), y)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter.sub_(gradient, alpha=0.1)
        losses = [*losses, loss.detach().numpy().item()]
    model.eval()
    return losses


def zeroes_between(model, x, y, steps):
    return overfits(model, x, y, steps, zero="between")


def trains_in_eval_mode(model, x, y, steps):
    return overfits(model, x, y, steps, train=False)


def stays_in_training_mode(model, x, y, steps):
    return overfits(model, x, y, steps, ready=False)


def trusts_the_mode_it_was_given(model, x, y, steps):
    return overfits(model, x, y, steps, train=None)


def keeps_the_graphs(model, x, y, steps):
    return overfits(model, x, y, steps, keep=lambda loss: loss)


def keeps_tensors(model, x, y, steps):
    return overfits(model, x, y, steps, keep=torch.Tensor.detach)


def keeps_the_last_loss(model, x, y, steps):
    return overfits(model, x, y, steps)[-1]


def takes_another_rate(model, x, y, steps):
    return overfits(model, x, y, steps, rate=0.01)


def takes_a_step_too_few(model, x, y, steps):
    return overfits(model, x, y, steps - 1)


def looks_at_the_loss_afterwards(model, x, y, steps):
    losses = overfits(model, x, y, steps)
    return losses[1:] + losses[:1]


def runs_the_model_twice(model, x, y, steps):
    def keep(_):
        return bce_dice_loss(model(x), y).item()

    return overfits(model, x, y, steps, keep=keep)


def takes_the_entropy_alone(model, x, y, steps):
    optimiser, losses = torch.optim.SGD(model.train().parameters(), lr=0.1), []
    for _ in range(steps):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    model.eval()
    return losses


def leaves_it_frozen(model, x, y, steps):
    losses = overfits(model, x, y, steps)
    model.requires_grad_(False)
    return losses


def trains_a_copy(model, x, y, steps):
    return overfits(copy.deepcopy(model), x, y, steps)


def keeps_texts(model, x, y, steps):
    return overfits(model, x, y, steps, keep=str)


def overfits_with_a_closure(model, x, y, steps):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)

    def closure():
        optimiser.zero_grad()
        loss = bce_dice_loss(model(x), y)
        loss.backward()
        return loss

    model.train()
    losses = np.array([optimiser.step(closure).item() for _ in range(steps)])
    model.eval()
    return losses


# ---- 10.5


def covered(mask, corners, size):
    rows, columns = np.indices(mask.shape)
    places = [
        (rows >= t) & (rows < t + size) & (columns >= left) & (columns < left + size)
        for t, left in corners.tolist()
    ]
    return np.logical_or.reduce(places)


def scores(mask, train, test, size):
    seen, scored = covered(mask, train, size), covered(mask, test, size)
    said = (mask | ~seen) & scored
    return 2 * float((said & mask).sum()) / float(said.sum() + (mask & scored).sum())


def scores_by_sets(mask, train, test, size):
    def pixels(corners):
        return {
            (t + i, left + j)
            for t, left in corners.tolist()
            for i in range(size)
            for j in range(size)
        }

    true = {each for each in pixels(test) if mask[each]}
    said = true | (pixels(test) - pixels(train))
    return 2 * len(true & said) / (len(true) + len(said))


def counts_accuracy(mask, train, test, size):
    seen, scored = covered(mask, train, size), covered(mask, test, size)
    return float(((mask | ~seen) == mask)[scored].mean())


def gives_a_tensor(mask, train, test, size):
    return torch.ones(2)


ANSWERS = {
    "10.1": Answers(
        right=[Args(8.4, 2.8, 6), Args(np.float64(8.4), 10 - 0.2 * 36, 10 - 2 * 0.2 * 10)],
        wrong=[
            (Args(8.0, 2.8, 6.0), "all eight steps are equal"),
            (Args(8.4, 3.0, 6.0), "Write down the gradient"),
            (Args(8.4, 2.8, 7.0), "two equal runs"),
            (Args("8.4", 2.8, 6.0), "must be a number"),
        ],
        equivalent={},
    ),
    "10.2": Answers(
        right=[finds_causes, finds_causes_otherwise],
        wrong=[
            (("flip", "255", "nothing", "zero_grad", "eval"), "The answer is a function"),
            (knows_the_five_by_heart, "Return a list with one text for each run"),
            (partial(finds_causes, overshoot=6), "overshoot, and early on the validation loss"),
            (partial(finds_causes, apart=-1), "its loss ends well below. Is that so in run C"),
            (partial(finds_causes, apart=9), "In a correct training"),
            (partial(finds_causes, negative=-1e9), "Is that so in run B"),
            (partial(finds_causes, differ=2), "In a correct training"),
            (looks_at_the_last_loss_alone, "ends well below. How could your rule find"),
            (looks_at_the_first_loss, "drives the loss below 0"),
            (compares_with_the_other_runs, "If image and mask disagree"),
            (finds_nothing, "In a correct training"),
            (returns_a_dict, "Return a list"),
            (names_it_differently, "Each text is one of"),
            (returns_numbers, "Each text is one of"),
        ],
        equivalent={
            "*line *: * -> *=*": "no loss, difference or ratio is exactly on its bound",
            "*line [36]: 0 -> -1": "with masks of 0 and 255, the loss falls far below -1",
            "finds_causes, line 1: 0 -> -1": "with masks of 0 and 255, the loss falls far below -1",
            "*line *: 2 -> 3": "the overshoots are far above 3, and no Dice is negative",
            "*line *: score - beside_black -> *": "abs takes away the sign",
            "*line *: 1 -> 2": "the last two losses are almost equal",
            "finds_causes_otherwise, line 4: *": "only an overshoot rises above the start at all",
            "finds_causes_otherwise, line 6: 2 -> 1": "both losses fall below 0",
        },
    ),
    "10.3": Answers(
        right=[turned_by_a_number, turned_as_one_stack, turned_by_a_second_generator],
        wrong=[
            (draws_without_rng, "Two equal generators gave different positions"),
            (draws_from_a_copy, "Each of the eight positions"),
            (makes_the_image_double, "The image must keep its dtype"),
            (mirrors_the_image_alone, "The mask stayed as it was"),
            (draws_for_each, "drawn separately"),
            (leaves_all_as_it_was, "Each of the eight positions"),
            (turns_without_mirroring, "Each of the eight positions"),
            (gives_the_image_alone, "in this order"),
            (makes_the_mask_float, "keep its dtype"),
            (crops_too, "the image with all its pixels"),
            (mirrors_in_place, "changes its input"),
        ],
        equivalent={
            "*line *: rng.random() * -> *=*": "exactly this number is hardly ever drawn",
            "*line [35]: 4 -> 5": "four quarters are a full turn: all eight stay possible",
            "turned_by_a_number, line 2: 8 -> 9": "8 is the position 4 again",
            "turned_by_a_number, line 3: which % 4 -> which": "four quarters are a full turn",
            "turned_by_a_second_generator, line 2: *": "another range of seeds",
            "turned_by_a_second_generator, line 3: *": "part is given twice, in either order",
        },
    ),
    "10.4": Answers(
        right=[
            overfits_with_the_package,
            overfits_without_an_optimiser,
            overfits_with_a_closure,
        ],
        wrong=[
            (zeroes_between, "No weight of the model has moved"),
            (runs_the_model_twice, "run the model once a step"),
            (takes_the_entropy_alone, "on `bce_dice_loss`"),
            (leaves_it_frozen, "can't be trained any more"),
            (trains_a_copy, "No weight of the model has moved"),
            (keeps_texts, "as numbers"),
            (trains_in_eval_mode, "trained in eval mode"),
            (stays_in_training_mode, "left in training mode"),
            (trusts_the_mode_it_was_given, "trained in eval mode"),
            (keeps_the_graphs, "without its tensor"),
            (keeps_tensors, "without its tensor"),
            (keeps_the_last_loss, "list of the losses"),
            (takes_another_rate, "a rate of 0.1"),
            (takes_a_step_too_few, "One loss for each step"),
            (looks_at_the_loss_afterwards, "before the weights move"),
        ],
        equivalent={
            "overfits_without_an_optimiser, line 8: *": "there is one gradient for each parameter",
        },
    ),
    "10.5": Answers(
        right=[Args(scores, 0.69), Args(scores_by_sets, np.float64(0.6906))],
        wrong=[
            (Args(counts_accuracy, 0.69), "pixel by pixel"),
            (Args(gives_a_tensor, 0.69), "must be a number"),
            (Args(scores, 0.4), "minus the score for the strips"),
        ],
        equivalent={
            "line 6: dice(*) -> dice(*)": "Dice does not change when the two masks are swapped",
            "scores_by_sets, line 12: true & said -> true": "no foreground is called background",
        },
    ),
}
