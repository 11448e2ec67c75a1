"""The controls of explorers: each has a label, a range, and works from the keyboard.

JupyterLab takes the arrow keys of drop-down lists and radio buttons for itself, so there are none.
"""

from __future__ import annotations

import numbers
from typing import Any

import ipywidgets
import traitlets

LABEL = {"description_width": "initial"}


def move(control: ipywidgets.ValueWidget, name: str, value: Any) -> None:
    """Set a control, or say why it cannot be set; widgets would quietly take the nearest value.

    Args:
        control: what to set.
        name: what it sets, for errors.
        value: where it is to stand.

    Raises:
        ValueError: not one of its options, no number where it takes numbers, or outside its range.
    """
    control = getattr(control, "field", control)
    options = getattr(control, "options", None)
    if options is not None and value not in [_value_of(option) for option in options]:
        raise ValueError(f"{name} can be one of {list(options)}, not {value!r}.")
    if isinstance(control.value, bool) != isinstance(value, bool):
        raise ValueError(f"{name} cannot be {value!r}; it is {control.value!r} now.")
    if hasattr(control, "min"):
        _check_number(control, name, value)
    control.value = value


def _check_number(control: ipywidgets.ValueWidget, name: str, value: Any) -> None:
    kind = numbers.Integral if isinstance(control.value, int) else numbers.Real
    if not isinstance(value, kind):
        what = "a whole number" if kind is numbers.Integral else "a number"
        raise ValueError(f"{name} must be {what}, not {value!r}.")
    if not control.min <= value <= control.max:
        raise ValueError(f"{name} goes from {control.min} to {control.max}, not to {value!r}.")


def _value_of(option: Any) -> Any:
    return option[1] if isinstance(option, tuple) else option


def whole(label: str, low: int, high: int, value: int) -> ipywidgets.BoundedIntText:
    """Return a labelled field for a whole number from low to high."""
    layout = ipywidgets.Layout(width="max-content")
    return ipywidgets.BoundedIntText(
        value=value, min=low, max=high, description=label, style=LABEL, layout=layout
    )


class Slider(ipywidgets.HBox):
    """A labelled number field and a slider beside it that move together.

    A screen reader names the field, which it cannot do with a slider; a hand drags the slider.
    """

    value = traitlets.Any()

    def __init__(self, label: str, low: float, high: float, value: float, step: float):
        kind = ipywidgets.BoundedIntText if isinstance(step, int) else ipywidgets.BoundedFloatText
        limits = {"value": value, "min": low, "max": high, "step": step}
        width = ipywidgets.Layout(width="max-content")
        self.field = kind(description=label, style=LABEL, layout=width, **limits)
        self.handle = self._new_handle()
        super().__init__([self.field, self.handle], value=value)
        traitlets.link((self.field, "value"), (self, "value"))

    def _new_handle(self) -> ipywidgets.IntSlider | ipywidgets.FloatSlider:
        field = self.field
        kind = ipywidgets.IntSlider if isinstance(field.step, int) else ipywidgets.FloatSlider
        limits = {name: getattr(field, name) for name in ("value", "min", "max", "step")}
        handle = kind(readout=False, layout=ipywidgets.Layout(width="200px"), **limits)
        self._link = traitlets.link((field, "value"), (handle, "value"))
        return handle

    @property
    def description(self) -> str:
        """Its label."""
        return self.field.description

    @property
    def min(self) -> float:
        """The least value."""
        return self.field.min

    @property
    def max(self) -> float:
        """The largest value, which may be changed; a value above it falls to it."""
        return self.field.max

    @max.setter
    def max(self, largest: float) -> None:
        if largest == self.field.max:
            return
        self.field.max = largest  # first, so that the value fits
        self._link.unlink()
        for widget in (self.handle, self.handle.layout, self.handle.style):
            widget.close()
        self.handle = self._new_handle()  # one that is on a page keeps the range it was made with
        self.children = [self.field, self.handle]


def slider(label: str, low: float, high: float, value: float, step: float = 1) -> Slider:
    """Return a labelled number field with a slider, of whole numbers where the step is an int."""
    return Slider(label, low, high, value, step)


def tick(label: str, value: bool) -> ipywidgets.Checkbox:
    """Return a labelled box to tick."""
    layout = ipywidgets.Layout(width="max-content")
    return ipywidgets.Checkbox(
        value=value, description=label, indent=False, style=LABEL, layout=layout
    )


def choice(label: str, options: list, value: Any) -> ipywidgets.ToggleButtons:
    """Return a labelled row of buttons, of which one is pressed."""
    return ipywidgets.ToggleButtons(
        options=options,
        value=value,
        description=label,
        style={"button_width": "auto", "description_width": "initial"},
    )
