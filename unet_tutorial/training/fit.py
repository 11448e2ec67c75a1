"""The training loop of chapter 10, with what a long training needs around it.

`fit` calls `_train_epochs`, which calls `_train_epoch`: read from top to bottom.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from tqdm.auto import tqdm

from unet_tutorial.losses import segmentation_loss
from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.training.arguments import check_arguments, count_steps
from unet_tutorial.training.batches import compute_loss, draw_batches, set_epoch
from unet_tutorial.training.checkpoints import restore_state, save_state
from unet_tutorial.training.device import choose_device, describe_device, get_rank
from unet_tutorial.training.fingerprint import describe_training
from unet_tutorial.training.random_states import preserved_random_states
from unet_tutorial.training.state import History, TrainingState
from unet_tutorial.training.validation import validate

_ONE_CYCLE = "one cycle"  # the schedule where none is given


def fit(
    model: nn.Module,
    train_loader: Iterable,
    validation_loader: Iterable | None = None,
    *,
    epochs: int,
    learning_rate: float | None = None,
    loss: Callable[..., Tensor] | None = None,
    optimiser: Optimizer | None = None,
    schedule: LRScheduler | None = None,
    max_gradient_norm: float | None = None,
    autocast: torch.dtype | None = None,
    device: str | torch.device | None = None,
    checkpoint: str | Path | None = None,
    on_epoch: Callable[[int, History, nn.Module], Any] | None = None,
) -> History:
    """Train a model, by default with AdamW and a one-cycle learning rate, stepped once a batch.

    The rate climbs from learning_rate / 25 to learning_rate over the first 30 % of the steps and
    falls to almost nothing by the last. Losses are means over images; `validate` says what Dice is.

    Stop it with the notebook's stop button (or Ctrl-C): it returns the History so far. However it
    ends, the model keeps its weights, on the device, in eval mode and without gradients.

    With a checkpoint, call `fit` again with the same arguments, and it goes on after the last
    complete epoch, on the CPU to the very weights of a run never interrupted. Data, a loss or a
    network that look different are refused. A finished run gives its result back, and trains with
    another cycle if it gets more epochs. Of several processes the first prints and writes.

    Args:
        model: any module from images to logits. Its attribute `labels` is "independent" if a
            pixel can have several labels.
        train_loader: gives batches (images, target) or (images, target, weight map), and has a
            length. The `set_epoch` of its dataset or sampler is called with 0, 1, ...
        validation_loader: the same for images held out, in fixed order; or None.
        epochs: times through train_loader, 1 or more.
        learning_rate: the highest rate, above 0 (0.003 suits the U-Nets of this tutorial).
        loss: function (logits, target), or (logits, target, weight map), -> scalar tensor; None
            is `losses.segmentation_loss`. Dice leaves out its `ignore_index` too.
        optimiser: one for the model's parameters, in place of learning_rate.
        schedule: a torch schedule for that optimiser, stepped once a batch; None: a constant rate.
        max_gradient_norm: longer gradients are shortened to this.
        autocast: torch.bfloat16 or torch.float16, for mixed precision.
        device: as `choose_device` takes it.
        checkpoint: a file to write and, where it exists, to go on from; or None.
        on_epoch: called after each epoch as on_epoch(epochs completed, History, model in eval
            mode); to look, not to change. What it draws at random changes nothing.

    Returns:
        The History; `interrupted` is True where training was stopped early.

    Raises:
        TypeError, ValueError: an argument that cannot be used, a checkpoint of another training,
            a first batch whose values or shapes can't be right (images from 0 to 255, say).
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
    loss = segmentation_loss if loss is None else loss
    settings = {"epochs": check_whole("epochs", epochs, at_least=1), "learning_rate": learning_rate}
    path = None if checkpoint is None else Path(checkpoint)
    loaders = train_loader, validation_loader
    how = loss, optimiser, schedule, max_gradient_norm, autocast
    state = TrainingState(model, *loaders, *how, path, on_epoch, settings)
    check_arguments(state)
    settings["steps"] = count_steps(*loaders)
    _prepare(state, device)
    try:
        if path is not None:
            _begin(state)
        _train_epochs(state)
    except KeyboardInterrupt:
        _stop(state)
    finally:
        model.eval()
        model.zero_grad(set_to_none=True)
    return state.history


def _train_epochs(state: TrainingState) -> None:
    """Train the epochs that are left; after each: validate, record, save, call on_epoch."""
    model, history = state.model, state.history
    loaders = state.train_loader, state.validation_loader
    epochs, steps, done = state.settings["epochs"], state.settings["steps"], history.epochs
    hidden = done == epochs or bool(get_rank())
    with tqdm(total=epochs * steps, initial=done * steps, disable=hidden) as bar:
        for epoch in range(done + 1, epochs + 1):
            set_epoch(state.train_loader, epoch - 1)
            train_loss, rate = _train_epoch(state, epoch, bar)
            model.eval()  # for validation, and for on_epoch if there is none
            validated = {}
            if state.validation_loader is not None:
                with preserved_random_states(*loaders):
                    validated = validate(state, epoch)
            history.record(train_loss=train_loss, **validated, learning_rate=rate)
            _show(bar, state, epoch, train_loss)
            bar.refresh()
            if state.path is not None and not get_rank():
                save_state(state)
            if state.on_epoch is not None:
                with preserved_random_states(*loaders):
                    state.on_epoch(epoch, history, model)


def _train_epoch(state: TrainingState, epoch: int, bar: tqdm) -> tuple[float, float]:
    """Train over the loader once; return the mean loss over the images and the last step's rate."""
    optimiser, schedule, scaler = state.optimiser, state.schedule, state.scaler
    state.model.train()
    total, count, rate = 0.0, 0, 0.0
    batches = draw_batches(state.train_loader, "train_loader", state.settings["steps"])
    for step, batch in enumerate(batches, 1):
        rate = float(optimiser.param_groups[0]["lr"])
        value, *_ = compute_loss(state, batch, f"epoch {epoch}, step {step}", check=step == 1)
        optimiser.zero_grad(set_to_none=True)
        scaler.scale(value).backward()
        if state.max_gradient_norm is not None:
            scaler.unscale_(optimiser)
            held = [part for group in optimiser.param_groups for part in group["params"]]
            nn.utils.clip_grad_norm_(held, state.max_gradient_norm)
        scale = scaler.get_scale()
        scaler.step(optimiser)
        scaler.update()
        if schedule is not None and scaler.get_scale() >= scale:  # no overflow: a step was taken
            schedule.step()
        total, count = total + value.item() * len(batch[0]), count + len(batch[0])
        _show(bar, state, epoch, total / count)
        bar.update()
    return total / count, rate


def _prepare(state: TrainingState, device: str | torch.device | None) -> None:
    """Move the model to its device; make AdamW and the one-cycle schedule if none are given."""
    model, settings = state.model, state.settings
    if device is None and get_rank() is not None:
        device = next(model.parameters()).device  # each process has its model on its own GPU
    state.device = choose_device(device)
    _say(f"Training on {describe_device(state.device)}.")
    for part in (model, state.loss):
        if isinstance(part, nn.Module):
            part.to(state.device)  # a loss for its class weights, for example
    settings["schedule"] = type(state.schedule).__name__
    if state.optimiser is None:
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not trained:
            raise ValueError("model has no parameters to train: all are frozen, or there are none.")
        state.optimiser = torch.optim.AdamW(trained, lr=float(settings["learning_rate"]))
        state.schedule = _make_one_cycle(state, settings["epochs"])
        settings["schedule"] = _ONE_CYCLE
    settings["learning_rate"] = state.optimiser.defaults.get("lr")
    settings["optimiser"] = type(state.optimiser).__name__
    state.scaler = torch.amp.GradScaler(state.device.type, enabled=state.autocast is torch.float16)


def _make_one_cycle(state: TrainingState, epochs: int) -> LRScheduler:
    # At least 2: a cycle of one step would end, at a rate of almost nothing, where it begins.
    steps = max(2, epochs * state.settings["steps"])
    return OneCycleLR(state.optimiser, state.optimiser.defaults["lr"], total_steps=steps)


def _begin(state: TrainingState) -> None:
    """Resume from the checkpoint if it exists; otherwise write an initial one."""
    state.settings |= describe_training(state)
    if not state.path.exists():
        if get_rank() is not None:
            torch.distributed.barrier()  # or the others might take the new file for an older one
        if not get_rank():
            save_state(state)  # a folder that can't be written to is found now
        return
    extends = restore_state(state)
    epochs, done = state.settings["epochs"], state.history.epochs
    _say(f"Going on from {state.path.name}: {done} of {epochs} epochs are done.")
    if extends and state.settings["schedule"] == _ONE_CYCLE:
        state.schedule = _make_one_cycle(state, epochs - done)


def _stop(state: TrainingState) -> None:
    """Note the interruption, and say so."""
    state.history.interrupted = True
    again = f" To go on from {state.path}, call fit again." if state.path else ""
    done = f"{state.history.epochs} of {state.settings['epochs']} epochs"
    _say(f"Interrupted after {done}: the model keeps the weights of this moment.{again}")


def _show(bar: tqdm, state: TrainingState, epoch: int, loss: float) -> None:
    shown = {"epoch": f"{epoch}/{state.settings['epochs']}", "loss": f"{loss:.4f}"}
    if state.history.validation_dice:
        shown["validation_dice"] = f"{state.history.validation_dice[-1]:.4f}"
    bar.set_postfix(shown, refresh=False)


def _say(text: str) -> None:
    if not get_rank():
        print(text)
