"""Chapter 12's measured claims hold, and its cells for a reader's own folder take other folders.

A grey folder is trained in the chapter itself; here the training is left out, and colour, several
classes, numbered objects and pixels to ignore go through the same cells.
"""

import ast
import csv
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image
from skimage.measure import label

from unet_tutorial import dice, load_nuclei, load_trained_unet, predict
from unet_tutorial.data import normalise, split_strips
from unet_tutorial.metrics import match_objects
from unet_tutorial.teaching.explorers.threshold.counting import label_pieces, tally

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "12_count_and_your_own_images.ipynb"
OWN_CELLS = [
    "read-folders",
    "train-on",
    "fit",
    "gather",
    "simple-methods",
    "own-score",
    "save-results",
    "save-table",
    "own-objects",
    "show-own",
]


@cache
def read_cells():
    notebook = nbformat.read(CHAPTER, as_version=4)
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


def run_setup():
    """Run the chapter's imports, and the functions and settings above its own-images section."""
    names = {}
    exec(read_cells()["setup"], names)
    for name in ("count-components", "iou-table", "f1-by-hand", "part-nuclei", "own-imports"):
        tree = ast.parse(read_cells()[name])
        kinds = ast.FunctionDef | ast.ImportFrom
        tree.body = [node for node in tree.body if isinstance(node, kinds)]
        exec(compile(tree, name, "exec"), names)
    return names | {"SIGMA": 2, "DISTANCE": 7}


@cache
def load_strips():
    """Load the strips' probabilities and numbered nuclei."""
    raw, labels = load_nuclei()
    image = normalise(raw, reference=split_strips(raw).train)
    return split_strips(predict(load_trained_unet(), image)[0]), split_strips(labels)


def count_components(mask):
    return label(mask, connectivity=1).max()


def test_no_threshold_separates_the_nuclei():
    probability, truth = (strips.train for strips in load_strips())
    assert count_components(probability > 0.5) == 42
    assert len(np.unique(truth)) - 1 == 62
    assert dice(probability > 0.98, truth > 0) == pytest.approx(0.83, abs=0.005)
    shared = [tally(label_pieces(probability > t), truth).shared for t in (0.5, 0.9, 0.98)]
    assert shared == [14, 12, 8]


@pytest.mark.parametrize(
    ("sigma", "distance", "pieces", "found", "shared"),
    [(0, 3, 86, None, 2), (3, 9, 57, 55, 4), (2, 7, 58, 57, 3)],
)
def test_the_training_strip_in_pieces(sigma, distance, pieces, found, shared):
    probability, truth = (strips.train.T for strips in load_strips())  # as the explorer shows it
    split = run_setup()["split_nuclei"](probability > 0.5, sigma, distance)
    assert len(np.unique(split)) - 1 == pieces
    assert tally(split, truth).shared == shared
    if found:
        assert match_objects(split, truth).true_positives == found


def test_fifteen_nuclei_of_the_validation_strip_are_cut():
    whole, strip = load_nuclei()[1], load_strips()[1].validation
    numbers = np.unique(strip[strip > 0])
    cut = [number for number in numbers if (whole == number).sum() > (strip == number).sum()]
    assert (len(numbers), len(cut)) == (25, 15)


def test_f1_by_hand_equals_the_packages():
    rng = np.random.default_rng(12)
    by_hand = run_setup()["f1_by_hand"]
    for _ in range(20):
        true = label(rng.random((12, 15)) > 0.4, connectivity=1)
        moved = np.where(rng.random(true.shape) > 0.1, true, 0)
        scores = by_hand(moved, true)
        if not (np.isclose(run_setup()["iou_table"](moved, true), 0.5)).any():  # ties
            assert scores == pytest.approx(match_objects(moved, true))


# ---- a reader's own folder


def make_nuclei(rng):
    """Return three numbered squares, and a grey image in which they're bright."""
    numbered = np.zeros((64, 80), dtype=np.uint16)
    for number, (top, left) in enumerate([(5, 8), (30, 30), (44, 60)], start=1):
        numbered[top : top + 14, left : left + 14] = number
    return numbered, (numbered > 0) * 150 + rng.integers(20, 60, numbered.shape)


FOLDERS = {
    "grey": (lambda numbered: np.where(numbered, 255, 0), {}, 1),
    "16 bits": (lambda numbered: numbered > 0, {}, 1),
    "colour": (lambda numbered: np.minimum(numbered, 2), {}, 3),
    "colour, void": (lambda numbered: np.where(numbered == 3, 255, numbered), {"ignore": 255}, 3),
    "void": (lambda numbered: np.where(numbered == 3, 255, numbered > 0), {"ignore": 255}, 1),
    "numbered": (lambda numbered: numbered, {"objects": True}, 1),
    "numbered, colour": (lambda numbered: numbered, {"objects": True}, 1),
}


def write_folders(kind, root):
    rng = np.random.default_rng(0)
    make_mask, _, _ = FOLDERS[kind]
    for name in ("train/1", "train/2", "test/a", "test/b"):
        numbered, grey = make_nuclei(rng)
        image = grey.astype(np.uint8)
        if "colour" in kind:
            image = np.stack([image, 255 - image, (80 * numbered).astype(np.uint8)], axis=2)
        elif kind == "16 bits":
            image = (200 + 12 * grey).astype(np.uint16)
        part, stem = name.split("/")
        for folder, array in {"images": image, "masks": make_mask(numbered)}.items():
            (root / part / folder).mkdir(parents=True, exist_ok=True)
            array = array if array.dtype == np.uint16 else array.astype(np.uint8)
            Image.fromarray(array).save(root / part / folder / f"{stem}.png")


def open_own_folders(kind, root):
    """Return what the cells need: the chapter's names, four paths, and no training."""
    write_folders(kind, root)
    folders = {
        f"{part}_{name}": root / part / name
        for part in ("train", "test")
        for name in ("images", "masks")
    }
    guesses = {"my_largest": None, "my_own_dice": None}
    own = {"options": dict(FOLDERS[kind][1]), "results": root / "results"}
    names = run_setup() | folders | guesses | own
    return names | {"fit": lambda *_, **__: None, "truths": split_strips(load_nuclei()[1])}


@pytest.mark.parametrize("kind", FOLDERS)
def test_the_own_images_cells_take_other_folders(kind, tmp_path, capsys):
    names = open_own_folders(kind, tmp_path)
    for cell in OWN_CELLS:
        exec(compile(read_cells()[cell], cell, "exec"), names)
    assert names["own_model"].out_conv.conv.out_channels == FOLDERS[kind][2]
    assert names["own_model"].in_conv.double_conv[0].in_channels == 1 + 2 * ("colour" in kind)
    saved = {path.name for path in (tmp_path / "results").iterdir()}
    pictures = {f"{name}_{what}" for name in "ab" for what in ("mask.png", "nuclei.tif")}
    assert saved == pictures | {"nuclei.csv", "weights.pt"}
    printed = capsys.readouterr().out
    assert ("expert: 3" in printed) == ("numbered" in kind)
    with open(tmp_path / "results" / "nuclei.csv", newline="") as file:
        table = list(csv.DictReader(file))
    for row in table:
        numbered = np.asarray(Image.open(tmp_path / "results" / f"{row['image']}_nuclei.tif"))
        assert (numbered == int(row["nucleus"])).sum() == int(row["area"])


def test_numbered_objects_without_the_option_are_asked_about(tmp_path):
    names = open_own_folders("numbered", tmp_path) | {"options": {}}
    with pytest.raises(ValueError, match="objects=True"):
        exec(read_cells()["read-folders"], names)


def test_touching_objects_of_two_classes_are_numbered_apart():
    names = run_setup()
    tree = ast.parse(read_cells()["save-results"])
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    exec(compile(tree, "save-results", "exec"), names)
    found = np.zeros((30, 50), dtype=np.uint8)
    found[8:22, 8:22], found[8:22, 22:36] = 1, 2
    numbered = names["number_objects"](found)
    assert sorted(np.unique(numbered)) == [0, 1, 2]
    assert np.array_equal(numbered, found)
