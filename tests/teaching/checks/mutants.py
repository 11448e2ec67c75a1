"""Break each solution in small ways and see whether its check notices.

`python tests/teaching/checks/mutants.py [5.2 ...]` prints the mutants that a check lets pass. Each
of them must be as right as the solution, and is listed with its reason (`equivalent`) among the
exercise's answers.
"""

import argparse
import ast
import contextlib
import copy
import io
import signal
import sys
from collections.abc import Iterator

import torch
from solutions import given_of, namespace_of, runs_to_the_end

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import EXERCISES

SECONDS = 3
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that could stand in the place of one: each operator of mutation in turn."""
    if isinstance(node, ast.Constant):
        yield from changed_constants(node)
    elif isinstance(node, ast.BinOp):
        yield from (node.left, node.right)  # a dropped term
        if type(node.op) in OPERATORS:
            yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
        if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        ops = [OPERATORS[type(node.ops[0])](), *node.ops[1:]]
        yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(OPERATORS[type(node.op)](), node.values)
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Call):
        yield from changed_calls(node)


def changed_constants(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, float):
        yield ast.Constant(2 * value + 1)


def changed_calls(node: ast.Call) -> Iterator[ast.AST]:
    """Swapped arguments, and a call without its last option."""
    if len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args[:2]):
        swapped = [node.args[1], node.args[0], *node.args[2:]]
        yield ast.Call(node.func, swapped, node.keywords)
    if node.keywords:
        yield ast.Call(node.func, node.args, node.keywords[:-1])


def region(source: str) -> range:
    """The lines between the marks of a solution, counted from 1."""
    lines = source.split("\n")
    begin, end = (
        next(i for i, line in enumerate(lines, 1) if mark in line) for mark in chapters.SOLUTION
    )
    return range(begin + 1, end)


def mutants(source: str) -> dict[str, ast.Module]:
    """{what was changed: the solution cell with this change}, docstrings and messages aside."""
    tree, inside, found = ast.parse(source), region(source), {}
    places = [node for node in ast.walk(tree) if getattr(node, "lineno", 0) in inside]
    for place, node in enumerate(places):
        for new in changed(node):
            other = copy.deepcopy(tree)
            twin = [n for n in ast.walk(other) if getattr(n, "lineno", 0) in inside][place]
            replace(other, twin, copy.deepcopy(new))
            name = (
                f"line {node.lineno - inside.start + 1}: {ast.unparse(node)} -> {ast.unparse(new)}"
            )
            found[name] = ast.fix_missing_locations(other)
    for place, node in enumerate(places):
        if isinstance(node, ast.AugAssign | ast.Expr) and not is_text(node):
            other = copy.deepcopy(tree)
            twin = [n for n in ast.walk(other) if getattr(n, "lineno", 0) in inside][place]
            replace(other, twin, ast.Pass())
            name = f"line {node.lineno - inside.start + 1}: without {ast.unparse(node)}"
            found[name] = ast.fix_missing_locations(other)
    return found


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])


@contextlib.contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Stop what computes on and on, by an exception, where the system has such alarms."""

    def stop(*_):
        raise TimeoutError

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)  # of the processor, however loaded it is
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def passes(number: str, tree: ast.Module) -> bool:
    """Whether the check of an exercise takes this solution cell for right."""
    dtype = torch.get_default_dtype()
    namespace = namespace_of(number)
    try:
        with limited(SECONDS), contextlib.redirect_stdout(io.StringIO()) as said:
            torch.set_default_dtype(namespace["_dtype"])
            exec(compile(given_of(number), "given", "exec"), namespace)
            exec(compile(tree, "mutant", "exec"), namespace)
            runs_to_the_end(number, namespace)
    except Exception:
        return False
    finally:
        torch.set_default_dtype(dtype)
    return f"✓ {number} is right" in said.getvalue()


def survivors(number: str) -> tuple[list[str], int]:
    """The mutants of a solution that its check lets pass, and how many there were."""
    trees = mutants(chapters.exercise_cell(number, "solution"))
    return [name for name, tree in trees.items() if passes(number, tree)], len(trees)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", help="such as 5.2; none breaks every solution")
    numbers = parser.parse_args(arguments).numbers or list(EXERCISES)
    for number in numbers:
        alive, tried = survivors(number)
        print(f"{number}: {tried} mutants, {len(alive)} pass", flush=True)
        for name in alive:
            print(f"    {name!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
