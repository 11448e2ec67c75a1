"""The README's moving picture: current, short, small, and with a still for who prefers that."""

import re

from animate_explorer import MOVING, ROOT, STILL, fingerprint, list_steps, read_fingerprint
from PIL import Image


def test_the_animation_shows_what_the_explorer_shows_today():
    assert read_fingerprint() == fingerprint(), "run `make explorers`"


def test_it_is_short_small_and_repeats():
    assert MOVING.stat().st_size < 400_000
    assert STILL.stat().st_size < 50_000
    assert 5000 <= sum(step.duration for step in list_steps()) <= 8000
    with Image.open(MOVING) as picture:
        assert picture.n_frames == len(list_steps())
        assert picture.info["loop"] == 0
        size = picture.size
    with Image.open(STILL) as still:
        assert still.size == size


def test_the_readme_offers_a_still_to_those_who_prefer_no_motion():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    picture = re.search(r"<picture>.*?</picture>", readme, re.DOTALL)[0]
    source, image = re.findall(r"<(?:source|img)[^>]*>", picture)
    assert 'media="(prefers-reduced-motion: reduce)"' in source
    assert f'srcset="{STILL.relative_to(ROOT)}"' in source
    assert f'src="{MOVING.relative_to(ROOT)}"' in image
    assert len(re.search(r'alt="([^"]*)"', image)[1]) > 100
    assert readme.index("<picture>") < readme.index("## ")
