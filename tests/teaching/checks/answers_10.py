"""Right and wrong answers to the exercises of chapter 10."""

import numpy as np
import torch
from answers import Answers, Args

from unet_tutorial.losses import bce_dice_loss

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
            (Args("8.4", 2.8, 6.0), "a number with a decimal point"),
        ],
        equivalent={},
    ),
    "10.2": Answers(
        right=[
            ["flip", "255", "nothing", "zero_grad", "eval"],
            (*("flip", "255", "nothing"), "zero_grad", "eval"),
        ],
        wrong=[
            (("nothing", "255", "flip", "zero_grad", "eval"), "In a right training"),
            (("zero_grad", "255", "nothing", "flip", "eval"), "outdated gradients"),
            (("255", "flip", "nothing", "zero_grad", "eval"), "below 0"),
            (("eval", "255", "nothing", "zero_grad", "flip"), "a neighbour in the batch"),
            (("flip", "255", "eval", "zero_grad", "nothing"), "in run C"),
            (("flip", "zero_grad", "nothing", "255", "eval"), "in run B"),
            (("flip", "eval", "255", "zero_grad", "nothing"), "in run B"),
            (("flip", "255", "zero_grad", "nothing", "eval"), "in run C"),
            (("flip", "255", "nothing", "flip", "eval"), "twice"),
            (("flip", 255, "nothing", "zero_grad", "eval"), "Each text is one of"),
            (("flip", "255", "none", "zero_grad", "eval"), "Each text is one of"),
            (("flip", "255", "nothing", "zero_grad"), "five texts"),
            ("flip", "five texts"),
        ],
        equivalent={},
    ),
    "10.3": Answers(
        right=[turned_by_a_number, turned_as_one_stack],
        wrong=[
            (mirrors_the_image_alone, "The mask stayed as it was"),
            (draws_for_each, "drawn separately"),
            (leaves_all_as_it_was, "Each of the eight positions"),
            (turns_without_mirroring, "Each of the eight positions"),
            (gives_the_image_alone, "in this order"),
            (makes_the_mask_float, "keep its dtype"),
            (crops_too, "The image must keep all its pixels"),
            (mirrors_in_place, "changes its input"),
        ],
        equivalent={
            "line 5: rng.random() < 0.5 -> rng.random() <= 0.5": "exactly 0.5 is hardly ever drawn",
            "line 3: 4 -> 5": "four quarters are a full turn: all eight positions stay possible",
        },
    ),
    "10.4": Answers(
        right=[overfits_with_the_package, overfits_without_an_optimiser],
        wrong=[
            (zeroes_between, "No weight has moved"),
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
        equivalent={},
    ),
    "10.5": Answers(
        right=[Args(scores, 0.69), Args(scores_by_sets, np.float64(0.6906))],
        wrong=[
            (Args(counts_accuracy, 0.69), "pixel by pixel"),
            (Args(gives_a_tensor, 0.69), "must be a number"),
            (Args(scores, 0.4), "minus the score for the strips"),
        ],
        equivalent={
            "line 6: dice(prediction[scored], mask[scored]) -> dice(mask[scored], "
            "prediction[scored])": "Dice does not change when the two masks are swapped",
        },
    ),
}
