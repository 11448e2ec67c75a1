"""Training: `fit` takes any model and any loader, and can be interrupted and resumed."""

from unet_tutorial.training.checkpoints import load_weights, save_weights
from unet_tutorial.training.device import choose_device
from unet_tutorial.training.fit import History, fit

__all__ = ["History", "choose_device", "fit", "load_weights", "save_weights"]
