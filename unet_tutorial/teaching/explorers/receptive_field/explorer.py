"""Explorer of the receptive field: the part of an image that one value of a stage can see."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from unet_tutorial.shapes import SIZE_MULTIPLE, unet_sizes
from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.drawing.intensity import convert_to_grey
from unet_tutorial.teaching.explorers.controls import Slider, make_buttons
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.receptive_field.picture import (
    draw_field_on_image,
    format_stage,
)
from unet_tutorial.teaching.explorers.receptive_field.receptive_fields import (
    CONTRACTING,
    EXPANDING,
    Field,
    compute_field,
)

_STAGES = (*CONTRACTING, *EXPANDING)


def receptive_field(
    image: ArrayLike,
    row: int | None = None,
    column: int | None = None,
    stage: str | None = None,
    stages: Sequence[str] = _STAGES,
) -> Explorer:
    """Return an explorer of the part of an image that one value of the U-Net depends on.

    Args:
        image: array (H, W) of numbers, H and W divisible by 16; shown in grey.
        row, column: the pixel at first; None is the middle of the image.
        stage: the stage at first; None is the last of `stages`.
        stages: the stages to choose from, out of in_conv, down1 to down4, up1 to up4 and out_conv
            (the logits). If there's only one, there are no buttons.

    Returns:
        The explorer, with a slider for the row, one for the column, and buttons for the stage.

    Raises:
        ValueError: the image isn't (H, W) or its sides aren't divisible by 16, the pixel is
            outside the image, or there is no such stage.

    Example:
        `receptive_field(image, 240, 240)` says "rows 146 to 333: 188 pixels".

    Used in chapters 03, 04 and 08.
    """
    grey, stages = convert_to_grey(image), list(stages)
    height, width = grey.shape
    unet_sizes(height, width)
    if not stages or set(stages) - set(_STAGES):
        raise ValueError(f"stages must be one or more of {_STAGES}, not {stages}.")
    controls = {
        "row": Slider("row", 0, height - 1, height // 2),
        "column": Slider("column", 0, width - 1, width // 2),
    }
    if len(stages) > 1:
        options = [("logits" if name == "out_conv" else name, name) for name in stages]
        controls["stage"] = make_buttons("stage", options, stages[-1])

    def draw(row: int, column: int, stage: str = stages[-1]) -> View:
        fields = {
            name: (compute_field(row, height, name), compute_field(column, width, name))
            for name in stages
        }
        figure = draw_field_on_image(grey, fields, stage, (row, column))
        return View(figure, *_describe_fields(fields, stage, (row, column), grey.shape))

    given = {"row": row, "column": column, "stage": stage}
    given = {name: value for name, value in given.items() if value is not None}
    return Explorer("receptive_field", controls, draw).set(**given)


def _describe_fields(
    fields: dict[str, tuple[Field, Field]], stage: str, pixel: tuple[int, int], shape: tuple
) -> tuple[str, str]:
    rows, columns = fields[stage]
    seen = f"{_format_span('rows', rows)}, {_format_span('columns', columns)}"
    lines = [f"{_describe_value(fields[stage], stage, pixel, shape)} It depends on {seen}."]
    if rows.side < rows.uncut or columns.side < columns.uncut:
        lines.append(
            f"The image's edge cuts the field, which would have {rows.uncut} rows and "
            f"{columns.uncut} columns."
        )
    if len(fields) > 1:
        lines.append(
            f"Row {pixel[0]} modulo 16 is {pixel[0] % SIZE_MULTIPLE}, "
            f"column {pixel[1]} modulo 16 is {pixel[1] % SIZE_MULTIPLE}."
        )
        sides = [f"{format_stage(n)}: {r.side} by {c.side}" for n, (r, c) in fields.items()]
        lines.append(f"Rows by columns that each stage sees at this pixel: {'; '.join(sides)}.")
    alt = (
        f"The image, with a cross at row {pixel[0]}, column {pixel[1]}, dark but for the patch "
        f"that one {_name_value(stage)} sees, {seen}; beside it the patch by itself."
    )
    return alt, "\n".join(lines)


def _describe_value(
    field: tuple[Field, Field], stage: str, pixel: tuple[int, int], shape: tuple
) -> str:
    """Say which value it is: on lower levels, one value covers several pixels."""
    level, (row, column) = level_of(stage), (side.place for side in field)
    where = f"the {_name_value(stage)} at row {row}, column {column}"
    if level == 0:
        return f"This is {where}."
    height, width = (side >> level for side in shape)
    return (
        f"Row {pixel[0]}, column {pixel[1]} of the image lies in the block of {where}, of {height} "
        f"by {width}: level {level}."
    )


def _name_value(stage: str) -> str:
    return "logit" if stage == "out_conv" else f"value of {stage}"


def _format_span(name: str, field: Field) -> str:
    return f"{name} {field.first} to {field.last}: {field.side} pixels"
