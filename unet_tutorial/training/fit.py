"""The training loop of chapter 10, with what a long training needs around it.

`fit` calls `_train_epochs`, which calls `_train_epoch`: read from top to bottom.
"""

import math
import numbers
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import length_hint
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from tqdm.auto import tqdm

from unet_tutorial.losses import segmentation_loss
from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.training.checkpoints import TrainingState, restore_state, save_state
from unet_tutorial.training.device import choose_device, describe_device
from unet_tutorial.training.random_states import preserved_random_states
from unet_tutorial.training.validation import Loss, compute_loss, move_to_device, validate


@dataclass(repr=False)
class History:
    """What training recorded: one plain float for each completed epoch in every list.

    `validation_loss` and `validation_dice` stay empty without a validation_loader.
    `learning_rate` is that of the epoch's last step. Built in chapter 10.
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_dice: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    interrupted: bool = False

    @property
    def epochs(self) -> int:
        """How many epochs are complete."""
        return len(self.learning_rate)

    def record(
        self, train_loss: float, validated: tuple[float, float] | None, learning_rate: float
    ) -> None:
        """Add a completed epoch; `validated` is its validation loss and Dice, if there are any."""
        self.train_loss.append(train_loss)
        if validated is not None:
            self.validation_loss.append(validated[0])
            self.validation_dice.append(validated[1])
        self.learning_rate.append(learning_rate)  # the last list: it counts the complete epochs

    def drop_incomplete_epoch(self) -> None:
        """Remove what an interruption within `record` left of an epoch."""
        for values in (self.train_loss, self.validation_loss, self.validation_dice):
            del values[self.epochs :]

    def __repr__(self) -> str:
        lists = {name: values for name, values in vars(self).items() if name != "interrupted"}
        last = [f"{name}={values[-1]:.4g}" for name, values in lists.items() if values]
        parts = [f"epochs={self.epochs}", *last, f"interrupted={self.interrupted}"]
        return f"History({', '.join(parts)})"


OnEpoch = Callable[[int, History, nn.Module], Any]


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
    _check_arguments(model, learning_rate, loss, on_epoch)
    epochs = check_whole("epochs", epochs, at_least=1)
    steps = _count_steps(train_loader, validation_loader)
    device = choose_device(device)
    print(f"Training on {describe_device(device)}.")
    loss = segmentation_loss if loss is None else loss
    if isinstance(loss, nn.Module):
        loss.to(device)  # class weights, for example
    state = _prepare_state(model.to(device), epochs, float(learning_rate), steps)
    path = None if checkpoint is None else Path(checkpoint)
    try:
        _begin(state, path, train_loader)
        _train_epochs(state, train_loader, validation_loader, loss, device, path, on_epoch)
    except KeyboardInterrupt:
        _stop(state, path)
    finally:
        model.eval()
        model.zero_grad(set_to_none=True)
    return state.history


def _train_epochs(
    state: TrainingState,
    train_loader: Iterable,
    validation_loader: Iterable | None,
    loss: Loss,
    device: torch.device,
    path: Path | None,
    on_epoch: OnEpoch | None,
) -> None:
    """Train the epochs that are left; after each: validate, record, save, call on_epoch."""
    history, model, epochs = state.history, state.model, state.settings["epochs"]
    with _make_bar(state) as bar:
        for epoch in range(history.epochs, epochs):
            _set_epoch(train_loader, epoch)
            train_loss, rate = _train_epoch(state, train_loader, loss, device, epoch + 1, bar)
            model.eval()  # for validation, and for on_epoch if there is none
            validated = None
            if validation_loader is not None:
                with preserved_random_states(train_loader, validation_loader):
                    validated = validate(model, validation_loader, loss, device, rate, epoch + 1)
            history.record(train_loss, validated, rate)
            _show(bar, state, epoch + 1, train_loss, refresh=True)
            if path is not None:
                save_state(state, path, train_loader)
            if on_epoch is not None:
                with preserved_random_states(train_loader, validation_loader):
                    on_epoch(epoch + 1, history, model)


def _train_epoch(
    state: TrainingState,
    loader: Iterable,
    loss: Loss,
    device: torch.device,
    epoch: int,
    bar: tqdm,
) -> tuple[float, float]:
    """Train over the loader once; return the mean loss over the images and the last step's rate."""
    model, optimiser, schedule = state.model, state.optimiser, state.schedule
    model.train()
    total, count, rate = 0.0, 0, 0.0
    for step, batch in enumerate(_expect_batches(loader, state.settings["steps"]), 1):
        images, target = move_to_device(batch, device)
        rate = float(schedule.get_last_lr()[0])
        place = f"epoch {epoch}, step {step}"
        value, _ = compute_loss(model, loss, images, target, rate, place)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        optimiser.step()
        schedule.step()
        total, count = total + value.item() * len(images), count + len(images)
        _show(bar, state, epoch, total / count)
        bar.update()
    return total / count, rate


def _prepare_state(
    model: nn.Module, epochs: int, learning_rate: float, steps: int
) -> TrainingState:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trained:
        raise ValueError("model has no parameters to train: all are frozen, or there are none.")
    optimiser = torch.optim.AdamW(trained, lr=learning_rate)
    # At least 2: a cycle of one step would end, at a rate of almost nothing, where it begins.
    schedule = OneCycleLR(optimiser, learning_rate, total_steps=max(2, epochs * steps))
    settings = {"epochs": epochs, "learning_rate": learning_rate, "steps": steps}
    return TrainingState(model, optimiser, schedule, settings, History())


def _begin(state: TrainingState, path: Path | None, train_loader: Iterable) -> None:
    """Resume from the checkpoint if it exists; otherwise write an initial one."""
    if path is None:
        return
    if not path.exists():
        save_state(state, path, train_loader)  # a folder that can't be written to is found now
        return
    restore_state(state, path, train_loader)
    done = f"{state.history.epochs} of {state.settings['epochs']} epochs are done"
    print(f"Going on from {path.name}: {done}.")


def _stop(state: TrainingState, path: Path | None) -> None:
    """Keep the completed epochs only, and say so."""
    history = state.history
    history.drop_incomplete_epoch()
    history.interrupted = True
    again = f" To go on from {path}, call fit again." if path else ""
    print(
        f"Interrupted after {history.epochs} of {state.settings['epochs']} epochs: the model "
        f"keeps the weights of this moment.{again}"
    )


def _make_bar(state: TrainingState) -> tqdm:
    epochs, steps, done = state.settings["epochs"], state.settings["steps"], state.history.epochs
    return tqdm(total=epochs * steps, initial=done * steps, disable=done == epochs)


def _show(
    bar: tqdm, state: TrainingState, epoch: int, loss: float, *, refresh: bool = False
) -> None:
    shown = {"epoch": f"{epoch}/{state.settings['epochs']}", "loss": f"{loss:.4f}"}
    if state.history.validation_dice:
        shown["validation_dice"] = f"{state.history.validation_dice[-1]:.4f}"
    bar.set_postfix(shown, refresh=refresh)


def _expect_batches(loader: Iterable, steps: int) -> Iterator:
    """Yield the loader's batches; raise ValueError unless there are as many as its length says."""
    given = 0
    for given, batch in enumerate(loader, 1):
        if given > steps:
            break
        yield batch
    if given != steps:
        many = "more" if given > steps else f"only {given}"
        raise ValueError(
            f"train_loader has length {steps}, but gave {many} batches. The schedule is made for "
            "its length: correct the loader's __len__."
        )


def _set_epoch(loader: Any, epoch: int) -> None:
    """Tell the loader's dataset, and those it wraps (a Subset's, for one), which epoch begins."""
    holder = loader
    while (holder := getattr(holder, "dataset", None)) is not None:
        if hasattr(holder, "set_epoch"):
            holder.set_epoch(epoch)


def _check_arguments(model, learning_rate, loss, on_epoch) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is a {type(model).__name__}, but must be a torch.nn.Module.")
    real = isinstance(learning_rate, numbers.Real) and not isinstance(learning_rate, bool)
    if not real or not 0 < learning_rate < math.inf:
        raise ValueError(
            f"learning_rate is {learning_rate!r}, but must be a finite number above 0. "
            "0.003 is a good first try."
        )
    for name, function in {"loss": loss, "on_epoch": on_epoch}.items():
        if function is not None and not callable(function):
            raise TypeError(f"{name} is {function!r}, but must be a function, or None.")


def _count_steps(train_loader: Iterable, validation_loader: Iterable | None) -> int:
    """Return how many batches train_loader gives; raise if a loader is known to be empty."""
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
