"""What is saved of an explorer."""

import copy
import json

from jupyter_server.services.contents.filemanager import FileContentsManager
from traitlets.config import Config

from unet_tutorial.classroom.workspace import lab, save_hook
from unet_tutorial.classroom.workspace.save_hook import WIDGET_VIEW


def notebook():
    both = {WIDGET_VIEW: {"model_id": "a"}, "text/html": "<img>", "text/plain": "words"}
    widget = {WIDGET_VIEW: {"model_id": "b"}, "text/plain": "IntProgress(value=0)"}
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": both},
        {"output_type": "display_data", "metadata": {}, "data": widget},
        {"output_type": "stream", "name": "stdout", "text": "said"},
    ]
    code = {"cell_type": "code", "id": "one", "source": "1", "metadata": {}, "outputs": outputs}
    prose = {"cell_type": "markdown", "id": "two", "source": "# 2", "metadata": {}}
    cells = [code | {"execution_count": 1}, prose]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_the_still_picture_stays_and_its_widgets_go():
    model = {"type": "notebook", "content": notebook()}
    wanted = copy.deepcopy(model)
    outputs = wanted["content"]["cells"][0]["outputs"]
    del outputs[0]["data"][WIDGET_VIEW]
    del outputs[1]  # a progress bar, of a progress that is over
    save_hook.keep_stills(model, path="a.ipynb", contents_manager=None)
    assert model == wanted


def test_other_files_are_left_alone():
    model = {"type": "file", "content": "text"}
    save_hook.keep_stills(model)
    assert model == {"type": "file", "content": "text"}


def test_jupyter_s_own_manager_takes_it_from_our_settings(tmp_path):
    settings = json.loads((lab.SETTINGS / "jupyter_server_config.json").read_text())
    manager = FileContentsManager(root_dir=str(tmp_path), config=Config(settings))
    manager.save({"type": "notebook", "format": "json", "content": notebook()}, "a.ipynb")
    saved = json.loads((tmp_path / "a.ipynb").read_text())
    kept = [sorted(output.get("data", {})) for output in saved["cells"][0]["outputs"]]
    assert kept == [["text/html", "text/plain"], []]
