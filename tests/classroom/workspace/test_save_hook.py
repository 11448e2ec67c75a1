"""What the save hook leaves of an explorer."""

import copy
import importlib
import json
from types import SimpleNamespace

from jupyter_server.services.contents.filemanager import FileContentsManager

from unet_tutorial.classroom.workspace import lab, save_hook
from unet_tutorial.classroom.workspace.save_hook import WIDGET_VIEW


def make_notebook(source="import unet_tutorial"):
    both = {WIDGET_VIEW: {"model_id": "a"}, "text/html": "<img>", "text/plain": "words"}
    widget = {WIDGET_VIEW: {"model_id": "b"}, "text/plain": "IntProgress(value=0)"}
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": both},
        {"output_type": "display_data", "metadata": {}, "data": widget},
        {"output_type": "stream", "name": "stdout", "text": "printed"},
    ]
    code = {"cell_type": "code", "id": "one", "source": source, "metadata": {}, "outputs": outputs}
    prose = {"cell_type": "markdown", "id": "two", "source": "# 2", "metadata": {}}
    cells = [code | {"execution_count": 1}, prose]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_still_pictures_stay_and_widgets_go():
    model = {"type": "notebook", "content": make_notebook()}
    expected = copy.deepcopy(model)
    outputs = expected["content"]["cells"][0]["outputs"]
    del outputs[0]["data"][WIDGET_VIEW]
    del outputs[1]  # a finished progress bar
    save_hook.keep_stills(model, path="a.ipynb", contents_manager=None)
    assert model == expected


def test_other_notebooks_keep_widgets_without_a_picture():
    model = {"type": "notebook", "content": make_notebook("import ipywidgets")}
    save_hook.keep_stills(model)
    pictured, bare, _ = model["content"]["cells"][0]["outputs"]
    assert set(pictured["data"]) == {"text/html", "text/plain"}
    assert WIDGET_VIEW in bare["data"]


def test_other_files_are_left_alone():
    model = {"type": "file", "content": "text"}
    save_hook.keep_stills(model)
    assert model == {"type": "file", "content": "text"}


def test_jupyter_finds_the_hook_in_our_settings(tmp_path):
    settings = lab._JUPYTER_SETTINGS / "jupyter_server_config.d" / "stills.json"
    (name,) = json.loads(settings.read_text())["ServerApp"]["jpserver_extensions"]
    manager = FileContentsManager(root_dir=str(tmp_path))
    (point,) = importlib.import_module(name)._jupyter_server_extension_points()
    importlib.import_module(point["module"])._load_jupyter_server_extension(
        SimpleNamespace(contents_manager=manager)
    )
    manager.save({"type": "notebook", "format": "json", "content": make_notebook()}, "a.ipynb")
    saved = json.loads((tmp_path / "a.ipynb").read_text())
    types = [sorted(output.get("data", {})) for output in saved["cells"][0]["outputs"]]
    assert types == [["text/html", "text/plain"], []]
