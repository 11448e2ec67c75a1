"""Jupyter's pre-save hook: saves explorers as still pictures and text.

Widgets live only as long as their kernel. If a saved notebook still refers to them, it shows an
error when you open it again, instead of the picture that is in the same output.

JupyterLab loads this module as a server extension, since the file stills.json in
`jupyter/jupyter_server_config.d` names it. `unet-tutorial lab` points there, and installing the
package puts a copy into the environment for any other JupyterLab.
"""

from __future__ import annotations

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def keep_stills(model: dict[str, Any], **_: Any) -> None:
    """Replace the widgets in a notebook that is about to be saved by their still pictures.

    A widget without a picture, such as a finished progress bar, is removed if the notebook uses
    this package. The open page keeps its widgets.

    Args:
        model: the contents model that Jupyter is about to save, changed in place; see
            "pre_save_hook" in Jupyter Server's documentation.
    """
    if model["type"] != "notebook":
        return
    cells = model["content"]["cells"]
    ours = any("unet_tutorial" in cell["source"] for cell in cells)
    for cell in cells:
        outputs = cell.get("outputs", [])
        for output in outputs:
            if "text/html" in output.get("data", {}):
                output["data"].pop(WIDGET_VIEW, None)
        if ours:
            outputs[:] = [each for each in outputs if WIDGET_VIEW not in each.get("data", {})]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(keep_stills)
