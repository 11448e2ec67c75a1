"""One training from start to end: its epochs, its History and its checkpoint."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn
from tqdm.auto import tqdm

from unet_tutorial.training.checkpoints import (
    check_fits,
    preserved_random_states,
    random_states,
    read_checkpoint,
    set_random_states,
    write_checkpoint,
)
from unet_tutorial.training.epoch import Setup, set_epoch, train_epoch, validate


@dataclass(repr=False)
class History:
    """What training recorded: one plain float for each completed epoch in every list.

    `validation_loss` and `validation_dice` stay empty where there is no validation_loader.
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

    def __repr__(self) -> str:
        lists = {name: values for name, values in vars(self).items() if name != "interrupted"}
        last = [f"{name}={values[-1]:.4g}" for name, values in lists.items() if values]
        parts = [f"epochs={self.epochs}", *last, f"interrupted={self.interrupted}"]
        return f"History({', '.join(parts)})"


OnEpoch = Callable[[int, History, nn.Module], Any]


@dataclass
class Run:
    """One training: its epochs and its checkpoint."""

    setup: Setup
    train_loader: Iterable
    validation_loader: Iterable | None
    settings: dict[str, Any]
    checkpoint: Path | None
    history: History = field(default_factory=History)

    def start(self) -> None:
        """Take up the checkpoint where there is one, else write that of no epochs."""
        if self.checkpoint is None:
            return
        if not self.checkpoint.exists():
            self.save()  # now, so that a folder that cannot be written to is found at once
            return
        self.resume()
        done = f"{self.history.epochs} of {self.settings['epochs']} epochs are done"
        print(f"Going on from {self.checkpoint.name}: {done}.")

    def go_on(self, on_epoch: OnEpoch | None) -> None:
        """Train the epochs that are left."""
        done, epochs, steps = self.history.epochs, self.settings["epochs"], self.settings["steps"]
        with tqdm(total=epochs * steps, initial=done * steps, disable=done == epochs) as bar:
            for epoch in range(done, epochs):
                self.one_epoch(epoch, bar)
                self.save()
                if on_epoch is not None:
                    with preserved_random_states(self.train_loader, self.validation_loader):
                        on_epoch(epoch + 1, self.history, self.setup.model)

    def one_epoch(self, epoch: int, bar: tqdm) -> None:
        """Train and validate once, and record it."""
        history, number = self.history, f"{epoch + 1}/{self.settings['epochs']}"

        def show(loss: float, steps: int = 1) -> None:
            shown = {"epoch": number, "loss": f"{loss:.4f}"}
            if history.validation_dice:
                shown["validation_dice"] = f"{history.validation_dice[-1]:.4f}"
            bar.set_postfix(shown, refresh=steps == 0)
            bar.update(steps)

        set_epoch(self.train_loader, epoch)
        steps = self.settings["steps"]
        loss, rate = train_epoch(self.setup, self.train_loader, steps, epoch + 1, show)
        self.setup.model.eval()  # for validation, and for on_epoch where there is none
        history.train_loss.append(loss)
        if self.validation_loader is not None:
            with preserved_random_states(self.train_loader, self.validation_loader):
                validated = validate(self.setup, self.validation_loader, epoch + 1)
            history.validation_loss.append(validated[0])
            history.validation_dice.append(validated[1])
        history.learning_rate.append(rate)  # the last list: now the epoch counts as complete
        show(loss, steps=0)

    def stop(self) -> None:
        """Keep the completed epochs only, and say so."""
        history = self.history
        for values in (history.train_loss, history.validation_loss, history.validation_dice):
            del values[history.epochs :]
        history.interrupted = True
        again = f" To go on from {self.checkpoint}, call fit again." if self.checkpoint else ""
        print(
            f"Interrupted after {history.epochs} of {self.settings['epochs']} epochs: the model "
            f"keeps the weights of this moment.{again}"
        )

    def save(self) -> None:
        """Write the checkpoint, where one is wanted."""
        if self.checkpoint is not None:
            content = {
                "settings": self.settings,
                "history": {**vars(self.history)},
                "model": self.setup.model.state_dict(),
                "optimiser": self.setup.optimiser.state_dict(),
                "schedule": self.setup.schedule.state_dict(),
                "random": random_states(self.train_loader),
            }
            write_checkpoint(content, self.checkpoint)

    def resume(self) -> None:
        """Put everything back as the checkpoint has it."""
        path, setup = self.checkpoint, self.setup
        stored = read_checkpoint(path)
        _check_settings(stored["settings"], self.settings, path)
        check_fits(setup.model, stored["model"], path)
        _load_optimiser(setup, stored["optimiser"], path)
        set_random_states(stored["random"], self.train_loader)
        setup.model.load_state_dict(stored["model"])  # last of those that may be refused
        setup.schedule.load_state_dict(stored["schedule"])
        self.history = History(**stored["history"])


def _load_optimiser(setup: Setup, state: dict[str, Any], path: Path) -> None:
    try:
        setup.optimiser.load_state_dict(state)
    except ValueError as error:
        raise ValueError(
            f"{path} was made while other parameters of this model were frozen ({error}). Freeze "
            "the same ones to go on, or give another checkpoint path to start afresh."
        ) from error


def _check_settings(stored: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    """Raise ValueError unless the checkpoint was made with the same schedule."""
    differing = [
        f"{name} {stored.get(name)} (now {now[name]})"
        for name in now
        if stored.get(name) != now[name]
    ]
    if differing:
        raise ValueError(
            f"{path} was made with other settings: {', '.join(differing)}. The one-cycle schedule "
            "would not be the same. Give the same settings to go on, or another checkpoint path "
            "to start afresh."
        )
