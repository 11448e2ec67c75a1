"""Learn the U-Net by building it: the finished pieces that the chapters lead to.

Each is imported when it is first asked for: the commands start quickly, and `unet-tutorial doctor`
works where PyTorch does not. `checks`, `explorers` and `drawing` are those of `teaching`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unet_tutorial.blocks import DoubleConv, Down, OutConv, Up
    from unet_tutorial.data import load_nuclei
    from unet_tutorial.metrics import dice
    from unet_tutorial.prediction import predict
    from unet_tutorial.teaching import checks, drawing, explorers  # noqa: F401
    from unet_tutorial.training import fit
    from unet_tutorial.unet import UNet, load_trained_unet

__all__ = [
    "DoubleConv",
    "Down",
    "OutConv",
    "UNet",
    "Up",
    "dice",
    "fit",
    "load_nuclei",
    "load_trained_unet",
    "predict",
]
_MODULES = {
    "blocks": ("DoubleConv", "Down", "OutConv", "Up"),
    "data": ("load_nuclei",),
    "metrics": ("dice",),
    "prediction": ("predict",),
    "training": ("fit",),
    "unet": ("UNet", "load_trained_unet"),
}
_TEACHING = ("checks", "drawing", "explorers")


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return globals().setdefault(name, getattr(import_module(f"{__name__}.{module}"), name))
    if name in _TEACHING:
        return globals().setdefault(name, import_module(f"{__name__}.teaching.{name}"))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_TEACHING})
