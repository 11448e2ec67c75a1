"""What `unet-tutorial lab` saves of an explorer: its still picture and its words.

The widgets of an explorer live as long as its kernel. A saved notebook that points to them shows
an error when it is opened again, in place of the picture that the same output also holds.
"""

from __future__ import annotations

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def keep_stills(model: dict[str, Any], **_: Any) -> None:
    """Take the widgets out of outputs that have a still picture, in a notebook about to be saved.

    Args:
        model: what Jupyter's contents manager saves, changed in place; see "pre_save_hook" in
            Jupyter Server's documentation. The open page keeps its widgets.

    Source: none. `jupyter/jupyter_server_config.json` names it.
    """
    if model["type"] != "notebook":
        return
    for cell in model["content"]["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                data.pop(WIDGET_VIEW, None)
