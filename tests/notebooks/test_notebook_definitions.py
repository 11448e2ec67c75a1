"""A definition that a chapter builds is the package's: the same syntax tree.

Docstrings, comments and annotations aside: a chapter explains in prose, the package in docstrings.
"""

import ast
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "unet_tutorial"

# (chapter, name, module of the package): the last definition of the name in the chapter counts.
DEFINITIONS = [
    ("03_double_conv", "DoubleConv", "blocks"),
    ("04_down", "Down", "blocks"),
    ("06_up", "Up", "blocks"),
    ("07_out_conv", "OutConv", "blocks"),
    ("08_unet", "UNet", "unet"),
]


class Bare(ast.NodeTransformer):
    """Takes docstrings and annotations out of a tree; comments are in none."""

    def visit_body(self, node):
        self.generic_visit(node)
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_function(self, node):
        node.returns = None
        return self.visit_body(node)

    visit_Module = visit_ClassDef = visit_body
    visit_FunctionDef = visit_AsyncFunctionDef = visit_function

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        if node.value is None:
            return ast.Expr(node.target)  # a field without a default keeps its name
        return ast.Assign([node.target], node.value)


def bare(node):
    """The tree of a definition, as text that is equal for equal trees."""
    return ast.dump(Bare().visit(node), indent=1)


def last_definition(source, name):
    """The last class or function of this name at the top level of some Python, or None."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    found = [n for n in ast.parse(source).body if isinstance(n, kinds) and n.name == name]
    return found[-1] if found else None


def last_definition_in_notebook(path, name):
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    found = [last_definition(source, name) for source in cells if f" {name}" in source]
    return next((node for node in reversed(found) if node is not None), None)


@pytest.mark.parametrize(("chapter", "name", "module"), DEFINITIONS)
def test_the_chapter_defines_what_the_package_does(chapter, name, module):
    path = ROOT / "notebooks" / f"{chapter}.ipynb"
    if not path.exists():
        pytest.skip(f"{chapter} is not written yet")
    shown = last_definition_in_notebook(path, name)
    assert shown is not None, f"{chapter} does not define {name}"
    package = last_definition((PACKAGE / f"{module}.py").read_text(encoding="utf-8"), name)
    assert bare(shown) == bare(package)


def test_every_class_of_the_network_is_built_in_a_chapter():
    for module in ("blocks", "unet"):
        tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
        classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        assert classes == {name for _, name, where in DEFINITIONS if where == module}


# ---- the comparison itself

ONE = '''
class Block(nn.Module):
    """What it is."""

    size: int = 3
    name: str

    def __init__(self, channels: int, *rest: int, bias: bool = False, **more: int) -> None:
        """How it is made."""
        super().__init__()
        self.conv = nn.Conv2d(channels, 2 * channels, kernel_size=3, bias=bias)  # a comment
        self.norm = nn.BatchNorm2d(2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return self.norm(y)
'''

THE_SAME = {
    "no class docstring": ('    """What it is."""\n', ""),
    "another docstring": ('"""How it is made."""', "'''Otherwise.\n\n        And more.'''"),
    "no comment": ("  # a comment", ""),
    "no annotation": ("x: Tensor) -> Tensor", "x)"),
    "no annotations": (
        "channels: int, *rest: int, bias: bool = False",
        "channels, *rest, bias=False",
    ),
    "other annotations": ("**more: int) -> None", '**more: "float")'),
    "no annotated name": ("y: Tensor = self", "y = self"),
    "no annotated field": ("size: int = 3", "size = 3"),
    "another type of field": ("name: str", "name: bytes"),
    "another line break": ("(channels, 2 * channels,", "(\n            channels,\n2 * channels,"),
    "other brackets": ("2 * channels)", "(2 * channels))"),
}

DIFFERENT = {
    "a changed default": ("bias: bool = False", "bias: bool = True"),
    "a default gone": ("bias: bool = False", "bias: bool"),
    "a changed number": ("kernel_size=3", "kernel_size=5"),
    "a swapped order": ("channels, 2 * channels", "2 * channels, channels"),
    "another order of keywords": ("kernel_size=3, bias=bias", "bias=bias, kernel_size=3"),
    "a keyword gone": (", bias=bias", ""),
    "a renamed attribute": ("self.norm =", "self.bn ="),
    "a renamed argument": ("channels: int", "width: int"),
    "a renamed field": ("name: str", "label: str"),
    "a field gone": ("    name: str\n", ""),
    "another base": ("(nn.Module)", "(Module)"),
    "a decorator": ("    def forward", "    @torch.no_grad()\n    def forward"),
    "another layer": ("BatchNorm2d", "InstanceNorm2d"),
    "a line gone": ("        super().__init__()\n", ""),
    "a line more": ("        return", "        y = y + 1\n        return"),
    "a string that is no docstring": ("        return", '        "x"\n        return'),
    "another name of the method": ("def forward", "def __call__"),
}


def changed(change):
    before, after = change
    assert ONE.count(before) == 1
    return last_definition(ONE.replace(before, after), "Block")


def test_swapped_lines_differ():
    lines = ONE.splitlines()
    place = next(i for i, line in enumerate(lines) if "self.conv =" in line)
    lines[place : place + 2] = reversed(lines[place : place + 2])
    assert bare(last_definition("\n".join(lines), "Block")) != bare(last_definition(ONE, "Block"))


@pytest.mark.parametrize("change", THE_SAME.values(), ids=THE_SAME)
def test_docstrings_comments_and_annotations_do_not_count(change):
    assert bare(changed(change)) == bare(last_definition(ONE, "Block"))


@pytest.mark.parametrize("change", DIFFERENT.values(), ids=DIFFERENT)
def test_everything_else_counts(change):
    assert bare(changed(change)) != bare(last_definition(ONE, "Block"))


def test_a_body_of_a_docstring_alone_is_pass():
    with_docstring = last_definition('def f(x):\n    """Nothing."""', "f")
    assert bare(with_docstring) == bare(last_definition("def f(x):\n    pass", "f"))


def test_the_last_definition_counts(tmp_path):
    cells = ["class A:\n    x = 1", "class A:\n    x = 2\n\n\nclass A:\n    x = 3", "a = A()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    found = last_definition_in_notebook(tmp_path / "a.ipynb", "A")
    assert ast.unparse(found) == "class A:\n    x = 3"
    assert last_definition_in_notebook(tmp_path / "a.ipynb", "B") is None
