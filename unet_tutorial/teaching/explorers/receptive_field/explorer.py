"""The receptive field on an image: what one value of any stage can see of it."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from unet_tutorial.shapes import SIZE_MULTIPLE, unet_sizes
from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.drawing.intensity import as_grey
from unet_tutorial.teaching.explorers.controls import choice, slider
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.receptive_field.picture import field_on_image, stage_title
from unet_tutorial.teaching.explorers.receptive_field.receptive_fields import (
    CONTRACTING,
    EXPANDING,
    Field,
    field_under,
)

STAGES = (*CONTRACTING, *EXPANDING)


def receptive_field(
    image: ArrayLike,
    row: int | None = None,
    column: int | None = None,
    stage: str | None = None,
    stages: Sequence[str] = STAGES,
) -> Explorer:
    """Return an explorer of the patch of an image that one value of the U-Net depends on.

    Args:
        image: array (H, W) of numbers, H and W divisible by 16; shown in grey.
        row, column: the pixel at first; None takes the middle of the image.
        stage: whose value above that pixel looks at first; None takes the last of `stages`.
        stages: the stages to choose from, of in_conv, down1 to down4, up1 to up4 and out_conv
            (the logits). With one there is nothing to choose.

    Returns:
        The explorer, with a slider each for the row and the column and buttons for the stage.

    Raises:
        ValueError: an image that is not (H, W) or does not divide by 16, a pixel outside it, or
            an unknown stage.

    Example:
        `receptive_field(image, 240, 240)` says "rows 146 to 333: 188 pixels".

    Source: none. Chapters 03, 04 and 08 show it.
    """
    grey, stages = as_grey(image), list(stages)
    height, width = grey.shape
    unet_sizes(height, width)
    if not stages or set(stages) - set(STAGES):
        raise ValueError(f"stages are some of {STAGES}, not {stages}.")
    controls = {
        "row": slider("row", 0, height - 1, height // 2),
        "column": slider("column", 0, width - 1, width // 2),
    }
    if len(stages) > 1:
        options = [("logits" if name == "out_conv" else name, name) for name in stages]
        controls["stage"] = choice("stage", options, stages[-1])

    def draw(row: int, column: int, stage: str = stages[-1]) -> View:
        fields = {
            name: (field_under(row, height, name), field_under(column, width, name))
            for name in stages
        }
        figure = field_on_image(grey, fields, stage, (row, column))
        return View(figure, *_in_words(fields, stage, (row, column), grey.shape))

    wanted = {"row": row, "column": column, "stage": stage}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    return Explorer("receptive_field", controls, draw).set(**wanted)


def _in_words(
    fields: dict[str, tuple[Field, Field]], stage: str, pixel: tuple[int, int], shape: tuple
) -> tuple[str, str]:
    rows, columns = fields[stage]
    seen = f"{_span('rows', rows)}, {_span('columns', columns)}"
    lines = [f"{_value(fields[stage], stage, pixel, shape)} It depends on {seen}."]
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
        sides = [f"{stage_title(n)}: {r.side} by {c.side}" for n, (r, c) in fields.items()]
        lines.append(f"Rows by columns that each stage sees at this pixel: {'; '.join(sides)}.")
    alt = (
        f"The image, with a cross at row {pixel[0]}, column {pixel[1]}, dark but for the patch "
        f"that one {_kind(stage)} sees, {seen}; beside it the patch by itself."
    )
    return alt, "\n".join(lines)


def _value(field: tuple[Field, Field], stage: str, pixel: tuple[int, int], shape: tuple) -> str:
    """Which value looks: on lower levels it stands for several pixels."""
    level, (row, column) = level_of(stage), (side.place for side in field)
    where = f"the {_kind(stage)} at row {row}, column {column}"
    if level == 0:
        return f"This is {where}."
    height, width = (side >> level for side in shape)
    return (
        f"Row {pixel[0]}, column {pixel[1]} of the image lies in the block of {where}, of {height} "
        f"by {width}: level {level}."
    )


def _kind(stage: str) -> str:
    return "logit" if stage == "out_conv" else f"value of {stage}"


def _span(name: str, field: Field) -> str:
    return f"{name} {field.first} to {field.last}: {field.side} pixels"
