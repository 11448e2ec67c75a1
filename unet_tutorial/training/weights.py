"""Weights on disk, with what they need to be used: labels, scaling, names of the classes."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from unet_tutorial.files import atomic_write
from unet_tutorial.prediction import find_labels, unwrap
from unet_tutorial.scaling import Scaling

_NESTED = ("model", "state_dict", "model_state_dict")  # where training programs keep the weights


def save_weights(
    model: nn.Module,
    path: str | Path,
    *,
    scaling: Scaling | None = None,
    classes: list[str] | None = None,
) -> None:
    """Write a model's weights and labels to a file, whole or not at all.

    Args:
        model: any module; out of DataParallel or torch.compile, the network in it is saved.
        path: the file, such as "nuclei.pt". One that exists is replaced in a single step.
        scaling: what `measure_scaling(training_image)` returns; None takes `model.scaling`, if
            there is one.
        classes: the names of the classes; None takes `model.classes`, if there are any.

    Example:
        >>> save_weights(model, "nuclei.pt", scaling=measure_scaling(image))  # doctest: +SKIP

    Built in chapter 11.
    """
    content = describe_model(model, scaling, classes)
    atomic_write(path, lambda file: torch.save(content, file))


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Read weights from a file into a model that has exactly the same names and shapes.

    The file runs no code (`weights_only=True`). A model that does not fit stays as it was.

    Args:
        model: any module; it stays on its device and in its mode. Its attributes `labels`,
            `scaling` and `classes` are set if `save_weights` or `fit` wrote the file.
        path: their file; or a state_dict, alone or under "model", "state_dict" or
            "model_state_dict". A prefix of all names ("module.", Lightning's "model.") is cut off.
            ValueError if it holds other weights than the model's.

    Example:
        >>> load_weights(UNet(base_channels=8), "nuclei.pt")  # doctest: +SKIP

    Built in chapter 11.
    """
    put_weights(model, read_file(path), path)


def describe_model(model: nn.Module, scaling: Any = None, classes: Any = None) -> dict[str, Any]:
    """Return what files keep of a model: weights, under its own names, and plain values."""
    model = unwrap(model)
    scaling = getattr(model, "scaling", None) if scaling is None else scaling
    classes = getattr(model, "classes", None) if classes is None else classes
    if not isinstance(scaling, Scaling | None) or not isinstance(classes, list | tuple | None):
        raise TypeError(
            "scaling must be a Scaling, such as unet_tutorial.data.measure_scaling(image) returns, "
            f"and classes a list of names; not {type(scaling)} and {type(classes)}."
        )
    return {
        "model": _name_plainly(model.state_dict()),
        "labels": find_labels(model),
        "scaling": scaling and tuple(tuple(map(float, side)) for side in scaling),
        "classes": classes and list(map(str, classes)),
    }


def put_weights(model: nn.Module, content: dict[str, Any], path: str | Path) -> None:
    """Load what a file holds into a model; raise ValueError, and leave it, if it doesn't fit."""
    weights, model = find_weights(model, content, path), unwrap(model)
    names = model.state_dict().keys()  # with those of compiled parts
    model.load_state_dict(dict(zip(names, weights, strict=True)))
    if content.get("labels") in ("exclusive", "independent"):  # written by this package
        model.labels, model.classes = content["labels"], content.get("classes")
        model.scaling = content.get("scaling") and Scaling(*content["scaling"])


def find_weights(model: nn.Module, content: dict[str, Any], path: str | Path) -> list[Tensor]:
    """Return the weights in a file's content in the model's order; ValueError if they don't fit."""
    weights = next((content[key] for key in _NESTED if isinstance(content.get(key), dict)), content)
    weights, ours = _name_plainly(weights), _name_plainly(unwrap(model).state_dict())
    first = next(iter(ours), "")
    prefixes = {name.removesuffix(first) for name in weights if name.endswith("." + first)}
    if len(prefixes) == 1 and not ours.keys() & weights.keys():
        weights = {name.removeprefix(*prefixes): value for name, value in weights.items()}
    differing = [name for name in ours | weights if _show(ours, name) != _show(weights, name)]
    if differing:
        shown = differing[:3] + [name for name in differing[3:] if name not in ours][:3]
        lines = [f"  {n}: file {_show(weights, n)}, model {_show(ours, n)}" for n in shown]
        advice = "Build the model with the arguments that the file was saved with"
        if not ours.keys() & weights.keys():
            advice = "No name is in both: save the file again with the model's names"
        raise ValueError(
            f"The weights in {path} are not those of this {type(unwrap(model)).__name__}: "
            f"{len(differing)} of {len(ours | weights)} entries differ. {advice}. The first:\n"
            + "\n".join(lines)
        )
    tensors = [value for value in weights.values() if isinstance(value, Tensor)]
    if any(value.isnan().any() for value in tensors):
        raise ValueError(f"{path} holds NaN: its training went wrong. Take an earlier file.")
    return [weights[name] for name in ours]


def _name_plainly(weights: dict[str, Any]) -> dict[str, Any]:
    """Return weights without what torch.compile puts into their names."""
    return {str(name).replace("_orig_mod.", ""): value for name, value in weights.items()}


def _show(weights: dict[str, Any], name: str) -> str:
    """Return the shape of the weights of this name."""
    value = weights.get(name)
    if value is None:
        return "has none"
    return str(tuple(value.shape)) if isinstance(value, Tensor) else type(value).__name__


def read_file(path: str | Path) -> dict[str, Any]:
    """Read the dict that torch.save wrote to `path`, its tensors on the CPU."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such file. Check the path.")
    with open(path, "rb") as file:  # the system's own message where it cannot be opened
        try:
            content = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(
                f"{path} cannot be read as weights: it is damaged, of another kind, or holds more "
                f"than tensors and plain values ({type(error).__name__}). Save it again."
            ) from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds a {type(content).__name__}, not weights by their names.")
    return content
