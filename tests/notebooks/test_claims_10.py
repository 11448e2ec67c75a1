"""The numbers in chapter 10's text, and what its wrong guesses would have meant."""

import ast
import math

import numpy as np
import pytest

from unet_tutorial.data import load_nuclei, measure_scaling, split_strips
from unet_tutorial.metrics import dice
from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks.chapter_10 import ex2_diagnoses
from unet_tutorial.teaching.results import read_meanings


def read_cell(chapter, name):
    cells = {cell["id"]: cell for cell in chapters.read_chapter(chapter)["cells"]}
    return cells[name]


def read_printed(chapter, name):
    outputs = read_cell(chapter, name)["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def test_the_bars_are_those_that_chapter_01_prints():
    tree = ast.parse(chapters.cell_source(read_cell(10, "plot-scores")))
    names, values = tree.body[0].value.keys, tree.body[0].value.values
    bars = {
        key.value: value.value
        for key, value in zip(names, values, strict=True)
        if isinstance(value, ast.Constant)
    }
    lines = (line.rsplit(None, 1) for line in read_printed(1, "baselines").strip().splitlines())
    printed = {name: float(score) for name, score in lines}
    two_scales = float(read_printed(1, "two-scales").partition(": ")[2].split()[0])
    assert bars == {
        "everything": printed["all foreground"],
        "Otsu, training strip": printed["Otsu, training strip"],
        "Otsu, test strip": printed["Otsu, test strip"],
        "smoothed": printed["smoothed, training strip"],
        "fine minus coarse": two_scales,
    }


def test_calling_everything_nucleus():
    mask = split_strips(load_nuclei()[1] > 0).validation
    share = mask.mean()
    assert dice(np.ones_like(mask), mask) == pytest.approx(2 * share / (1 + share))
    assert round(share, 1) == 0.2
    meanings = read_meanings()["Dice of the untrained network"]
    assert list(meanings) == [0, 0.2, 0.29, 0.5]
    assert 2 * (1 / 3) / (1 + 1 / 3) == 0.5


def test_rare_foreground_costs_little_cross_entropy():
    p = t = 0.01
    assert round(-t * math.log(p) - (1 - t) * math.log(1 - p), 2) == 0.06
    assert round(1 - 2 * p * t / (p + t), 2) == 0.99


def test_own_scaling_makes_the_test_strip_brighter():
    strips = split_strips(load_nuclei()[0])
    (train,), (test,) = (
        np.subtract(scaling.ceiling, scaling.floor)
        for scaling in map(measure_scaling, (strips.train, strips.test))
    )
    assert round(train / test, 1) == 1.6


def test_exercise_10_2_checks_the_five_runs_of_its_cell():
    source = chapters.cell_source(read_cell(10, "given-10-2"))
    recorded = source.split('"""')[1].split()
    assert recorded == ex2_diagnoses._SHOWN_CURVES.split()
