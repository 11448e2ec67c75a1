"""What `unet-tutorial lab` saves of an explorer: its still picture and its words.

Widgets live as long as their kernel. A saved notebook that points to them shows an error when it is
opened again, in place of the picture that the same output also holds.
"""

from __future__ import annotations

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def keep_stills(model: dict[str, Any], **_: Any) -> None:
    """Take the widgets out of a notebook about to be saved, but for their still pictures.

    A widget without one, such as the bar of a progress that is over, goes altogether.

    Args:
        model: what Jupyter's contents manager saves, changed in place; see "pre_save_hook" in
            Jupyter Server's documentation. The open page keeps its widgets.

    Source: none. `jupyter/jupyter_server_config.json` names it.
    """
    if model["type"] != "notebook":
        return
    for cell in model["content"]["cells"]:
        outputs = cell.get("outputs", [])
        for output in outputs:
            if "text/html" in output.get("data", {}):
                output["data"].pop(WIDGET_VIEW, None)
        outputs[:] = [output for output in outputs if WIDGET_VIEW not in output.get("data", {})]
