"""Controls of the explorers: each has a label and a range, and works from the keyboard.

There are no drop-down lists or radio buttons: JupyterLab intercepts their arrow keys.
"""

from __future__ import annotations

import numbers
from typing import Any

import ipywidgets
import traitlets

LABEL_STYLE = {"description_width": "initial"}


def set_control(control: ipywidgets.ValueWidget, name: str, value: Any) -> None:
    """Set a control's value. The widgets themselves would silently clip it to the nearest.

    Args:
        control: the widget.
        name: the control's name, for error messages.
        value: the new value.

    Raises:
        ValueError: the value isn't one of the options, has the wrong type or is out of range.
    """
    control = getattr(control, "field", control)
    options = getattr(control, "options", None)
    if options is not None and value not in [_option_value(option) for option in options]:
        raise ValueError(f"{name} can be one of {list(options)}, not {value!r}.")
    if isinstance(control.value, bool) != isinstance(value, bool):
        raise ValueError(f"{name} cannot be {value!r}; give a value like {control.value!r}.")
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


def _option_value(option: Any) -> Any:
    return option[1] if isinstance(option, tuple) else option


def make_number_field(label: str, low: int, high: int, value: int) -> ipywidgets.BoundedIntText:
    """Make a labelled field for a whole number from low to high."""
    layout = ipywidgets.Layout(width="max-content")
    return ipywidgets.BoundedIntText(
        value=value, min=low, max=high, description=label, style=LABEL_STYLE, layout=layout
    )


class Slider(ipywidgets.HBox):
    """A labelled number field next to a slider; each follows the other.

    A screen reader can read the field's label, but not a slider's. The slider is for the mouse.

    Args:
        label: the text in front of the field.
        low, high: the range.
        value: the value at first.
        step: distance between two values; an int makes it a slider of whole numbers.
    """

    value = traitlets.Any()

    def __init__(self, label: str, low: float, high: float, value: float, step: float = 1):
        kind = ipywidgets.BoundedIntText if isinstance(step, int) else ipywidgets.BoundedFloatText
        limits = {"value": value, "min": low, "max": high, "step": step}
        width = ipywidgets.Layout(width="max-content")
        self.field = kind(description=label, style=LABEL_STYLE, layout=width, **limits)
        self.handle = self._make_handle()
        super().__init__([self.field, self.handle], value=value)
        traitlets.link((self.field, "value"), (self, "value"))

    def _make_handle(self) -> ipywidgets.IntSlider | ipywidgets.FloatSlider:
        field = self.field
        kind = ipywidgets.IntSlider if isinstance(field.step, int) else ipywidgets.FloatSlider
        limits = {name: getattr(field, name) for name in ("value", "min", "max", "step")}
        handle = kind(readout=False, layout=ipywidgets.Layout(width="200px"), **limits)
        traitlets.link((field, "value"), (handle, "value"))
        return handle

    @property
    def description(self) -> str:
        """The label in front of the field."""
        return self.field.description

    @property
    def min(self) -> float:
        """The smallest value."""
        return self.field.min

    @property
    def max(self) -> float:
        """The largest value."""
        return self.field.max


def make_checkbox(label: str, value: bool) -> ipywidgets.Checkbox:
    """Make a labelled checkbox."""
    layout = ipywidgets.Layout(width="max-content")
    return ipywidgets.Checkbox(
        value=value, description=label, indent=False, style=LABEL_STYLE, layout=layout
    )


def make_buttons(label: str, options: list, value: Any) -> ipywidgets.ToggleButtons:
    """Make a labelled row of toggle buttons, one of which is pressed."""
    return ipywidgets.ToggleButtons(
        options=options,
        value=value,
        description=label,
        style={"button_width": "auto", "description_width": "initial"},
    )
