"""Questions on code: what it keeps for a backward pass, and which line fails for lack of it."""

from __future__ import annotations

import random
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn

from unet_tutorial.classroom.quiz.kinds.shared import ask_failing_line
from unet_tutorial.classroom.quiz.question import Question, Wrong, kind

_ADDING = {
    "total = total + loss": "the sum refers to each batch's loss",
    "losses.append(loss)": "the list refers to each batch's loss",
    "total = total + loss.item()": "`item` returns a plain number",
    "losses.append(loss.item())": "`item` returns a plain number",
    "total = total + loss.detach()": "`detach` returns the number without its graph",
}


@kind("09", "kept_after_a_loop", "Whose activations are kept after a loop")
def ask_kept_after_a_loop(draw: random.Random) -> Question:
    """Find out how many batches' activations a loop over batches leaves in memory."""
    number, adding = draw.randint(12, 90), draw.choice(list(_ADDING))
    before, inside = draw.choice([("", ""), ("network.eval()\n", ""), ("", "loss.backward()")])
    guarded = not inside and draw.random() < 0.25
    body = ["logits = network(images)", "loss = loss_function(logits, masks)"]
    lines = [*body, *([inside] if inside else []), adding]
    loop = "for images, masks in batches:\n" + "\n".join(f"    {line}" for line in lines)
    if guarded:
        loop = "with torch.no_grad():\n" + "\n".join(f"    {line}" for line in loop.split("\n"))
    code = f"{before}total, losses = 0, []\n{loop}"
    right = _count_kept_batches(code, number)
    told = {
        0: "forgets that `loss` still refers to the last batch's graph"
        if right == 1
        else "expects nothing to be kept where there's no backward pass",
        1: "expects each batch's activations to replace those of the batch before"
        if right
        else "expects the last batch's activations to stay, though nothing needs them",
        number: "expects each forward pass to keep its activations for good",
    }
    return Question(
        text=f"`batches` is a list of {number} pairs of images and masks, and `network` a U-Net."
        f"\n\n```\n{code}\n```\n\nRight after this code, of how many batches are the activations "
        "still kept for a backward pass? (All variables still exist, and Python has cleared "
        "what no variable refers to.)",
        right=right,
        wrong=tuple(Wrong(value, why) for value, why in told.items() if value != right),
        why=_explain(right, adding, guarded=guarded, backward=bool(inside)),
    )


def _explain(right: int, adding: str, *, guarded: bool, backward: bool) -> str:
    if guarded:
        return "With `torch.no_grad()`, a forward pass keeps nothing for a backward pass: 0."
    if backward:
        return "A backward pass gives back what its forward pass has kept, so it's 0 at the end."
    if right == 1:
        return (
            "Each forward pass keeps its activations, until `logits` and `loss` get their next "
            f"values. {_ADDING[adding]}, so only the last batch's are left: 1."
        )
    return (
        f"Each forward pass keeps its activations as long as something refers to its loss, and "
        f"{_ADDING[adding]}: {right}."
    )


class _Kept:
    """A tensor that a forward pass keeps; deleted when nothing needs it any more."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def _count_kept_batches(code: str, number: int) -> int:
    """Run code on a tiny network, and return of how many batches it keeps tensors at the end."""
    network, kept, passes = nn.Conv2d(1, 1, 3, padding=1), WeakValueDictionary(), [0]
    network.register_forward_pre_hook(lambda *_: passes.append(passes[-1] + 1))

    def save(tensor: Tensor) -> _Kept:
        holder = _Kept(tensor)
        kept[passes[-1], len(kept), id(holder)] = holder
        return holder

    batches = [(torch.rand(1, 1, 4, 4), torch.ones(1, 1, 4, 4)) for _ in range(number)]
    names = {"torch": torch, "network": network, "batches": batches}
    names["loss_function"] = nn.functional.binary_cross_entropy_with_logits
    with torch.autograd.graph.saved_tensors_hooks(save, lambda holder: holder.tensor):
        exec(code, names)
    return len({batch for batch, *_ in kept})


@kind("09", "failing_line_of_gradients", "The line that finds nothing kept")
def ask_failing_line_of_gradients(draw: random.Random) -> Question:
    """Look for a backward pass whose forward pass has kept nothing, or no longer."""
    channels, side, number = draw.randint(2, 16), draw.randint(8, 64), draw.randint(1, 8)
    first = draw.choice([*4 * [""], "with torch.no_grad(): "])
    second = draw.choice([*4 * ["loss = y.square().mean()"], "loss = y.detach().square().mean()"])
    third = draw.choice([*2 * ["loss.backward()"], "loss.backward(retain_graph=True)"])
    last = draw.choice(
        [*3 * ["loss.backward()"], "total = loss.item()", "network(x).mean().backward()"]
    )
    code = "\n".join(
        [
            f"network = nn.Conv2d(1, {channels}, kernel_size=3)",
            f"x = torch.rand({number}, 1, {side}, {side})",
            f"{first}y = network(x)",
            second,
            third,
            last,
        ]
    )
    told = {
        0: "overlooks that a backward pass needs what its forward pass keeps, and gives it back",
        3: "expects a forward pass to fail where it keeps nothing for a backward pass",
        4: "expects arithmetic to fail on a tensor without a graph",
        5: "takes this forward pass for one that keeps nothing",
        6: "expects everything to be gone after the first backward pass, also the loss itself",
    }
    return ask_failing_line(code, told)
