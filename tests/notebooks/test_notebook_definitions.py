"""A class that a chapter builds has the same syntax tree as the package's.

Docstrings, comments and annotations don't count: a chapter explains its code in prose.
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


class DocstringRemover(ast.NodeTransformer):
    """Removes docstrings and annotations from a tree, which has no comments anyway."""

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


def dump_code(node):
    """Dump a definition's tree as text; equal trees give equal texts."""
    return ast.dump(DocstringRemover().visit(node), indent=1)


def find_last_definition(source, name):
    """Find the last class or function of this name at the top level, or return None."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    found = [n for n in ast.parse(source).body if isinstance(n, kinds) and n.name == name]
    return found[-1] if found else None


def find_last_definition_in_notebook(path, name):
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    found = [find_last_definition(source, name) for source in cells if f" {name}" in source]
    return next((node for node in reversed(found) if node is not None), None)


@pytest.mark.parametrize(("chapter", "name", "module"), DEFINITIONS)
def test_the_chapter_defines_what_the_package_does(chapter, name, module):
    path = ROOT / "notebooks" / f"{chapter}.ipynb"
    if not path.exists():
        pytest.skip(f"{chapter} is not written yet")
    shown = find_last_definition_in_notebook(path, name)
    assert shown is not None, f"{chapter} does not define {name}"
    package = find_last_definition((PACKAGE / f"{module}.py").read_text(encoding="utf-8"), name)
    assert dump_code(shown) == dump_code(package)


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


def apply_change(change):
    before, after = change
    assert ONE.count(before) == 1
    return find_last_definition(ONE.replace(before, after), "Block")


def test_swapped_lines_differ():
    lines = ONE.splitlines()
    place = next(i for i, line in enumerate(lines) if "self.conv =" in line)
    lines[place : place + 2] = reversed(lines[place : place + 2])
    assert dump_code(find_last_definition("\n".join(lines), "Block")) != dump_code(
        find_last_definition(ONE, "Block")
    )


@pytest.mark.parametrize("change", THE_SAME.values(), ids=THE_SAME)
def test_docstrings_comments_and_annotations_do_not_count(change):
    assert dump_code(apply_change(change)) == dump_code(find_last_definition(ONE, "Block"))


@pytest.mark.parametrize("change", DIFFERENT.values(), ids=DIFFERENT)
def test_everything_else_counts(change):
    assert dump_code(apply_change(change)) != dump_code(find_last_definition(ONE, "Block"))


def test_a_body_of_a_docstring_alone_is_pass():
    with_docstring = find_last_definition('def f(x):\n    """Nothing."""', "f")
    assert dump_code(with_docstring) == dump_code(find_last_definition("def f(x):\n    pass", "f"))


def test_the_last_definition_counts(tmp_path):
    cells = ["class A:\n    x = 1", "class A:\n    x = 2\n\n\nclass A:\n    x = 3", "a = A()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    found = find_last_definition_in_notebook(tmp_path / "a.ipynb", "A")
    assert ast.unparse(found) == "class A:\n    x = 3"
    assert find_last_definition_in_notebook(tmp_path / "a.ipynb", "B") is None
