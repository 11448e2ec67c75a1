"""Training: `fit` takes any model and any loader, and can be stopped and taken up again."""

import math
import numbers
from collections.abc import Iterable
from operator import length_hint
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from unet_tutorial.losses import segmentation_loss
from unet_tutorial.training.checkpoints import load_weights, save_weights
from unet_tutorial.training.epoch import Loss, Setup
from unet_tutorial.training.run import History, OnEpoch, Run

__all__ = ["History", "choose_device", "fit", "load_weights", "save_weights"]


def fit(
    model: nn.Module,
    train_loader: Iterable,
    validation_loader: Iterable | None = None,
    *,
    epochs: int,
    learning_rate: float,
    loss: Loss | None = None,
    device: str | torch.device | None = None,
    checkpoint: str | Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> History:
    """Train a model with AdamW and a one-cycle learning rate, stepped once a batch.

    The rate climbs from learning_rate / 25 to learning_rate over the first 30 % of the steps and
    falls to almost nothing by the last. Losses are means over images. Dice is counted over all
    pixels of the validation set, at logit 0 (probability 0.5); with several classes the largest
    logit decides, and the Dice of the foreground classes that occur are averaged.

    Stop it with the notebook's stop button (or Ctrl-C): `fit` says so in a line and returns the
    History so far; the model keeps the weights of that moment. However it ends, the model is in
    eval mode, on the device, and holds no gradients.

    With a checkpoint, the state is written at the start and after each epoch, whole or not at
    all. Where the file exists, `fit` goes on after its last complete epoch, and on the CPU ends
    with the very weights of a run never interrupted (on a GPU, as far as its sums are
    deterministic). Give the same arguments again; a finished run just gives its result back.
    What validation and on_epoch draw from random number generators changes nothing in training.

    Args:
        model: any module from images to logits; moved to the device, where it stays.
        train_loader: gives (images, target) batches and has a length, as a DataLoader does.
            If its dataset has `set_epoch`, that is called with 0, 1, ... before each epoch.
        validation_loader: the same for images held out, in fixed order; or None.
        epochs: times through train_loader, 1 or more.
        learning_rate: the highest rate, above 0 (0.003 suits the U-Nets of this tutorial).
        loss: function (logits, target) -> scalar tensor; None is `losses.segmentation_loss`.
        device: as `choose_device` takes it.
        checkpoint: a file to write and, where it exists, to go on from; or None.
        on_epoch: called after each epoch as on_epoch(epochs completed, History, model), with the
            model in eval mode; to look, not to change.

    Returns:
        The History; `interrupted` is True where training was stopped early.

    Raises:
        TypeError, ValueError: an argument that cannot be used, a checkpoint of another training.
        FloatingPointError: the loss became NaN or infinite.

    Example:
        10 images in batches of 4 are 3 steps an epoch, so 2 epochs are 6 steps.

        >>> masks = torch.ones(10, 1, 16, 16)
        >>> loader = DataLoader(TensorDataset(masks, masks), batch_size=4)
        >>> history = fit(nn.Conv2d(1, 1, 1), loader, epochs=2, learning_rate=0.1, device="cpu")
        Training on cpu.
        >>> len(loader), history.epochs
        (3, 2)

    Sources: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019 (AdamW);
    L. Smith, N. Topin, "Super-Convergence", 2018 (one cycle). Built in chapter 10.
    """
    _check_arguments(model, epochs, learning_rate, loss, on_epoch)
    steps = _checked_steps(train_loader, validation_loader)
    device = choose_device(device)
    print(f"Training on {_described(device)}.")
    settings = {"epochs": int(epochs), "learning_rate": float(learning_rate), "steps": steps}
    path = None if checkpoint is None else Path(checkpoint)
    setup = _setup(model, loss, device, settings)
    run = Run(setup, train_loader, validation_loader, settings, path)
    try:
        run.start()
        run.go_on(on_epoch)
    except KeyboardInterrupt:
        run.stop()
    finally:
        model.eval()
        model.zero_grad(set_to_none=True)
    return run.history


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """The device to train on: the one asked for, else a CUDA GPU, else the CPU.

    Apple's GPU ("mps") is used only when asked for: some machines, the usual macOS runners of
    continuous integration among them, report one on which nothing can be allocated.

    Args:
        device: such as "cpu", "cuda", "cuda:1", "mps", a torch.device, or None.

    Returns:
        A torch.device that this machine has.

    Raises:
        ValueError: no such device here, or none of that name at all.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')

    Built in chapter 10.
    """
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise ValueError(f"device {device!r} is none that torch knows. Try 'cpu'.") from error
    counts = {"cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (chosen.index or 0) >= counts.get(chosen.type, 1):
        raise ValueError(
            f"device {str(chosen)!r} was asked for, but torch sees {counts[chosen.type]} "
            f"{chosen.type} devices here. Leave device out to take the best there is."
        )
    return chosen


def _setup(
    model: nn.Module, loss: Loss | None, device: torch.device, settings: dict[str, Any]
) -> Setup:
    trained = [parameter for parameter in model.to(device).parameters() if parameter.requires_grad]
    if not trained:
        raise ValueError("model has no parameters to train: all are frozen, or there are none.")
    if isinstance(loss, nn.Module):
        loss.to(device)  # class weights, for one
    optimiser = torch.optim.AdamW(trained, lr=settings["learning_rate"])
    # At least 2: a cycle of one step is its own end, at a rate of almost nothing.
    total = max(2, settings["epochs"] * settings["steps"])
    schedule = OneCycleLR(optimiser, settings["learning_rate"], total_steps=total)
    return Setup(model, loss or segmentation_loss, device, optimiser, schedule)


def _check_arguments(model, epochs, learning_rate, loss, on_epoch) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is a {type(model).__name__}, but must be a torch.nn.Module.")
    if isinstance(epochs, bool) or not isinstance(epochs, numbers.Integral) or epochs < 1:
        raise ValueError(f"epochs is {epochs!r}, but must be a whole number, 1 or more.")
    real = isinstance(learning_rate, numbers.Real) and not isinstance(learning_rate, bool)
    if not real or not 0 < learning_rate < math.inf:
        raise ValueError(
            f"learning_rate is {learning_rate!r}, but must be a finite number above 0. "
            "0.003 is a good first try."
        )
    for name, function in {"loss": loss, "on_epoch": on_epoch}.items():
        if function is not None and not callable(function):
            raise TypeError(f"{name} is {function!r}, but must be a function, or None.")


def _checked_steps(train_loader: Iterable, validation_loader: Iterable | None) -> int:
    """How many batches train_loader gives, once neither loader is known to be empty."""
    try:
        steps = len(train_loader)
    except TypeError as error:
        raise TypeError(
            "train_loader has no length, which the schedule needs. Give a DataLoader over a "
            "dataset that has one, or a list of batches."
        ) from error
    for name, length in {
        "train_loader": steps,
        "validation_loader": 1 if validation_loader is None else length_hint(validation_loader, 1),
    }.items():
        if length == 0:
            raise ValueError(
                f"{name} is empty: it gives no batches. Check its dataset; with drop_last=True it "
                "needs at least batch_size images."
            )
    return steps


def _described(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return str(device)
