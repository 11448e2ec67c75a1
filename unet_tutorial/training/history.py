"""What a training recorded."""

from dataclasses import dataclass, field


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
