"""Run the explorers' JavaScript in Node: one process for a whole sweep."""

import json
import subprocess

from build_explorers import EXPLORERS, find_node

_BEFORE = """
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
const answer = (value) => process.stdout.write(JSON.stringify(value));
"""


def run_module(script, given=None):
    """Run an ES module and return what it passes to `answer(...)`.

    Its imports are relative to the explorers' folder: `import { tag } from "./frame/svg.js"`. It
    finds `given`, which can be anything that JSON knows, as a constant of this name.
    """
    done = subprocess.run(
        [find_node(), "--input-type=module", "--eval", _BEFORE + script],
        input=json.dumps(given),
        cwd=EXPLORERS,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
