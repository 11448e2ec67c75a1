"""The explorers that the instructors' guide lists."""

import re
from pathlib import Path

from unet_tutorial import explorers

INSTRUCTORS = Path(__file__).resolve().parents[3] / "INSTRUCTORS.md"


def test_the_explorers_in_the_instructors_guide_run():
    section = INSTRUCTORS.read_text(encoding="utf-8").split("## Something to show")[1]
    section = section.split("\n## ")[0]
    names = {}
    exec(re.search(r"```python\n(.*?)```", section, re.DOTALL)[1], names)
    calls = re.findall(r"^\| `(explorers\..*?)` \|", section, re.MULTILINE)
    assert len(calls) == 9
    assert {re.match(r"explorers\.(\w+)", call)[1] for call in calls} < set(explorers.__all__)
    for call in calls:
        assert "Run this cell" in repr(eval(call, names)), call
