"""Jupyter's pre-save hook of `unet-tutorial lab`: saves explorers as still pictures and text.

Widgets live only as long as their kernel. If a saved notebook still refers to them, it shows an
error when you open it again, instead of the picture that is in the same output.
"""

from __future__ import annotations

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def keep_stills(model: dict[str, Any], **_: Any) -> None:
    """Replace the widgets in a notebook that is about to be saved by their still pictures.

    A widget without a picture, such as a finished progress bar, is removed. The open page keeps
    its widgets. `jupyter/jupyter_server_config.json` refers to this function by name.

    Args:
        model: the contents model that Jupyter is about to save, changed in place; see
            "pre_save_hook" in Jupyter Server's documentation.
    """
    if model["type"] != "notebook":
        return
    for cell in model["content"]["cells"]:
        outputs = cell.get("outputs", [])
        for output in outputs:
            if "text/html" in output.get("data", {}):
                output["data"].pop(WIDGET_VIEW, None)
        outputs[:] = [output for output in outputs if WIDGET_VIEW not in output.get("data", {})]
