"""An explorer on a page that has nothing else: what the site does with it, in a few lines."""

import json
import mimetypes
from pathlib import Path

EXPLORERS = Path(__file__).resolve().parents[2] / "unet_tutorial" / "teaching" / "explorers"
ADDRESS = "http://explorer.test/"  # answered from the folder above, without a server
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<link rel="stylesheet" href="{name}/built/explorer.css">
<style>body {{ margin: 0; background: light-dark(#fff, #14181c); color-scheme: {theme} }}</style>
<main style="padding: 16px"><div id="here"></div></main>
<script type="module">
import {{ explorer, mount }} from "./{name}/built/explorer.js";
mount(explorer, document.getElementById("here"), {data});
</script>
</html>"""


def open_alone(page, name, settings=None, theme="light"):
    """Show an explorer with the data that it ships on an empty page; return its element."""
    built = EXPLORERS / name / "built"
    shipped = (
        json.loads((built / "data.json").read_text()) if (built / "data.json").exists() else {}
    )
    data = json.dumps(_with_addresses(shipped, name) | (settings or {}))
    text = PAGE.format(name=name, theme=theme, data=data)

    def answer(route):
        path = EXPLORERS / route.request.url.removeprefix(ADDRESS)
        if route.request.url == ADDRESS:
            route.fulfill(body=text, content_type="text/html; charset=utf-8")
        elif path.is_file():
            kind = mimetypes.guess_type(path.name)[0]
            route.fulfill(body=path.read_bytes(), content_type=kind)
        else:
            route.fulfill(status=404)

    page.route(f"{ADDRESS}**", answer)
    page.goto(ADDRESS)
    page.wait_for_selector(".explorer .picture svg")
    return page.locator(".explorer")


def _with_addresses(data, name):
    """Make the addresses of pictures those on the page."""
    if isinstance(data, list):
        return [_with_addresses(each, name) for each in data]
    if not isinstance(data, dict):
        return data
    return {
        key: f"{name}/built/{value}" if key == "href" else _with_addresses(value, name)
        for key, value in data.items()
    }
