"""Make the README's moving picture from an explorer: `make explorers`, or this file by itself.

Chromium shows the explorer of transposed convolutions, and selects one part after the other: each
pixel of the input stamps the sheet, then pixels of the sheet say who stamped them. The result is
figures/stamps.webp, and for those who prefer no motion, its last frame: figures/stamps.png.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from typing import Any, NamedTuple

from build_explorers import EXPLORERS, ROOT, find_node, run
from PIL import ExifTags, Image

NAME = "transposed_convolution"
BUILT = EXPLORERS / NAME / "built"
MOVING, STILL = ROOT / "figures" / "stamps.webp", ROOT / "figures" / "stamps.png"
COLOURS = 48
SHARPNESS = 1.5  # pixels of the picture for each pixel of the page
PAGE = """<!doctype html>
<html lang="en" data-theme="light"><meta charset="utf-8"><style>{css}
body {{ margin: 0 }} main {{ padding: 6px 6px 0; width: 844px }}
.explorer .controls {{ display: none }} .explorer .slides {{ transition: none }}
.explorer .sentence {{ font-size: 17px; min-height: 2em }}
</style><main><div></div></main></html>"""
MOUNT = """async ([source, data]) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { explorer, mount } = await import(url);
    let show;
    const watch = (view) => { show = view; return () => {}; };
    const store = { data, state: explorer.start(data), watch };
    mount(explorer, document.querySelector("main > div"), data, store);
    window.pin = (hit) => { store.state = explorer.pin(store.state, hit, data); show(); };
}"""


# Everything that is seen at each step, as text.
TREES = """
import { readFileSync } from "node:fs";
import { explorer } from "./NAME/index.js";
import { markup } from "./frame/svg.js";
const { data, hits } = JSON.parse(readFileSync(0, "utf8"));
let state = explorer.start(data);
for (const hit of hits) {
  state = explorer.pin(state, hit, data);
  console.log(markup(explorer.picture(state, data, true)), explorer.sentence(state, data));
}
""".replace("NAME", NAME)


class Step(NamedTuple):
    """What is selected, and for how many milliseconds."""

    hit: str
    duration: int


def list_steps() -> list[Step]:
    """List the steps of the animation: about 7 seconds."""
    stamping = [Step(f"input:{place // 4},{place % 4}", 210) for place in range(16)]
    asking = [Step(f"sheet:4,{column}", 480) for column in range(1, 4)]
    return [*stamping, *asking, Step("sheet:4,4", 2200)]


def fingerprint() -> str:
    """Return a fingerprint of everything that one sees in the animation."""
    steps, data = list_steps(), json.loads((BUILT / "data.json").read_text(encoding="utf-8"))
    given = json.dumps({"data": data, "hits": [step.hit for step in steps]})
    trees = run(find_node(), "--input-type=module", "--eval", TREES, given=given, folder=EXPLORERS)
    css = (BUILT / "explorer.css").read_text(encoding="utf-8")
    return hashlib.sha256(repr((trees, css, PAGE, steps, SHARPNESS, COLOURS)).encode()).hexdigest()


def shoot_frames(steps: list[Step]) -> list[Image.Image]:
    """Show the explorer at each step, and return what one sees."""
    from playwright.sync_api import sync_playwright

    source, css = (
        (BUILT / name).read_text(encoding="utf-8") for name in ("explorer.js", "explorer.css")
    )
    data: dict[str, Any] = json.loads((BUILT / "data.json").read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 900, "height": 900}, device_scale_factor=SHARPNESS
        )
        page.set_content(PAGE.format(css=css))
        page.evaluate(MOUNT, [source, data])
        frames = []
        for step in steps:
            page.evaluate("hit => pin(hit)", step.hit)
            png = page.locator("main").screenshot()
            frames.append(Image.open(io.BytesIO(png)).convert("RGB"))
        browser.close()
    return frames


def reduce_colours(frames: list[Image.Image]) -> list[Image.Image]:
    """Reduce frames to the same few colours: those of the first and the last."""
    width, height = frames[0].size
    both = Image.new("RGB", (width, 2 * height))
    both.paste(frames[0], (0, 0))
    both.paste(frames[-1], (0, height))
    palette = both.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=0)
    return [frame.quantize(palette=palette, dither=0) for frame in frames]


def encode_animation(frames: list[Image.Image], durations: list[int], description: str) -> bytes:
    """Encode frames as an animated WebP without losses that repeats, with a description in it."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = description
    how = {"duration": durations, "loop": 0, "lossless": True, "method": 4, "exif": exif}
    buffer = io.BytesIO()
    frames[0].save(buffer, "webp", save_all=True, append_images=frames[1:], **how)
    return buffer.getvalue()


def read_fingerprint() -> str | None:
    """Read what the animation was made of; None if there is none."""
    if not (MOVING.is_file() and STILL.is_file()):
        return None
    with Image.open(MOVING) as picture:
        return picture.getexif().get(ExifTags.Base.ImageDescription)


def main() -> None:
    """Write the animation and its still, unless they are what they would be made of now."""
    if read_fingerprint() == fingerprint():
        return
    steps = list_steps()
    frames = reduce_colours(shoot_frames(steps))
    durations = [step.duration for step in steps]
    colours = [frame.convert("RGB") for frame in frames]
    MOVING.write_bytes(encode_animation(colours, durations, fingerprint()))
    frames[-1].save(STILL, optimize=True)
    for path in (MOVING, STILL):
        print(f"{path.stat().st_size:9,} {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
