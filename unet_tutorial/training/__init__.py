"""Training: `fit` takes any model and any loader, and can be interrupted and resumed."""

from unet_tutorial.training.device import choose_device
from unet_tutorial.training.fit import fit
from unet_tutorial.training.state import History
from unet_tutorial.training.weights import load_weights, save_weights

__all__ = ["History", "choose_device", "fit", "load_weights", "save_weights"]
