"""Break each right answer in small ways, and see whether its check notices.

`python tests/teaching/checks/mutants.py [5.2 ...]` prints the mutants that pass their check: of the
chapter's solution, and of the right answers in answers_NN.py. Each of them must be as right as
what it was made of. The exercise's answers list it with the reason (`equivalent`).
"""

import argparse
import ast
import contextlib
import copy
import inspect
import io
import sys
from collections.abc import Callable, Iterator

import torch
from answers import load_answers, to_arguments
from solutions import copy_namespace, given_code, run_check_cell

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import EXERCISES, progress_store
from unet_tutorial.teaching.checks.processor_time import OutOfTimeError, limit_processor_time

SECONDS = 2
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


def mutate_node(node: ast.AST) -> Iterator[ast.AST]:
    """Yield replacements for a node, one for each way to mutate it."""
    if isinstance(node, ast.Constant):
        yield from mutate_constant(node)
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
        yield from mutate_call(node)
    elif isinstance(node, ast.Tuple) and all(map(is_string, node.elts)):
        yield from swap_neighbours(node)


def mutate_constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, float):
        yield ast.Constant(2 * value + 1)


def mutate_call(node: ast.Call) -> Iterator[ast.AST]:
    """Yield the call with its first two arguments swapped, and without its last option."""
    if len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args[:2]):
        swapped = [node.args[1], node.args[0], *node.args[2:]]
        yield ast.Call(node.func, swapped, node.keywords)
    if node.keywords:
        yield ast.Call(node.func, node.args, node.keywords[:-1])


def is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def swap_neighbours(node: ast.Tuple) -> Iterator[ast.AST]:
    for place in range(1, len(node.elts)):
        first, second = node.elts[place - 1 : place + 1]
        elements = [*node.elts[: place - 1], second, first, *node.elts[place + 1 :]]
        yield ast.Tuple(elements, node.ctx)


def find_solution_lines(source: str) -> range:
    """Return the line numbers between the markers of a solution, from 1."""
    lines = source.split("\n")
    begin, end = (
        next(i for i, line in enumerate(lines, 1) if mark in line) for mark in chapters.SOLUTION
    )
    return range(begin + 1, end)


def make_mutants(source: str, inside: range) -> dict[str, ast.Module]:
    """Return {description of a change: the code with this change in these lines}, except texts."""
    tree, found = ast.parse(source), {}
    places = [node for node in ast.walk(tree) if getattr(node, "lineno", 0) in inside]
    for place, node in enumerate(places):
        for new in mutate_node(node):
            other = copy.deepcopy(tree)
            twin = [n for n in ast.walk(other) if getattr(n, "lineno", 0) in inside][place]
            replace_node(other, twin, copy.deepcopy(new))
            name = (
                f"line {node.lineno - inside.start + 1}: {ast.unparse(node)} -> {ast.unparse(new)}"
            )
            found[name] = ast.fix_missing_locations(other)
    for place, node in enumerate(places):
        if isinstance(node, ast.AugAssign | ast.Expr) and not is_text(node):
            other = copy.deepcopy(tree)
            twin = [n for n in ast.walk(other) if getattr(n, "lineno", 0) in inside][place]
            replace_node(other, twin, ast.Pass())
            name = f"line {node.lineno - inside.start + 1}: without {ast.unparse(node)}"
            found[name] = ast.fix_missing_locations(other)
    return found


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def replace_node(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])


def is_accepted(number: str, tree: ast.Module) -> bool:
    """Whether the check of an exercise accepts this solution cell."""
    namespace = copy_namespace(number)

    def run() -> None:
        torch.set_default_dtype(namespace["_dtype"])
        exec(compile(given_code(number), "given", "exec"), namespace)
        exec(compile(tree, "mutant", "exec"), namespace)
        run_check_cell(number, namespace)

    return passes(number, run)


def passes(number: str, run: Callable[[], None]) -> bool:
    """Whether this shows that an exercise is right, without an error and in a few seconds."""
    dtype = torch.get_default_dtype()
    progress_store._REMEMBERED.clear()
    try:
        with limit_processor_time(SECONDS), contextlib.redirect_stdout(io.StringIO()) as printed:
            run()
    except (Exception, OutOfTimeError):
        return False
    finally:
        torch.set_default_dtype(dtype)
    return f"✓ {number} " in printed.getvalue()


def find_survivors(number: str) -> tuple[list[str], int]:
    """Return the mutants that pass an exercise's check, and the number of all mutants.

    Those of the chapter's solution come first, then those of other right answers, whose names
    begin with the function's or class's.
    """
    source = chapters.read_exercise_part(number, "solution")
    trees = make_mutants(source, find_solution_lines(source))
    alive = [name for name, tree in trees.items() if is_accepted(number, tree)]
    tried = len(trees)
    for answers, place in list_right_code(number):
        mutants = make_mutants(*read_code(answers[place]))
        tried += len(mutants)
        alive += [
            f"{answers[place].__name__}, {name}"
            for name, tree in mutants.items()
            if is_right(number, answers, place, tree)
        ]
    return alive, tried


def list_right_code(number: str) -> list[tuple[tuple, int]]:
    """Return (answers, place) of each right answer that is a function or class of answers_NN.py."""
    found = []
    for answers in map(to_arguments, load_answers()[number].right):
        for place, answer in enumerate(answers):
            module = sys.modules.get(getattr(answer, "__module__", None))
            name = getattr(answer, "__name__", None)
            if module and module.__name__.startswith("answers_") and hasattr(module, str(name)):
                found.append((answers, place))
    return found


def read_code(answer: Callable) -> tuple[str, range]:
    """Return the source of a function or class, and its line numbers."""
    source = inspect.getsource(answer)
    return source, range(1, source.count("\n") + 2)


def is_right(number: str, answers: tuple, place: int, tree: ast.Module) -> bool:
    """Whether a check accepts these answers with one of them defined by a tree instead."""
    namespace = dict(vars(sys.modules[answers[place].__module__]))
    check = EXERCISES[number].load_check()

    def run() -> None:
        exec(compile(tree, "mutant", "exec"), namespace)
        check(*answers[:place], namespace[answers[place].__name__], *answers[place + 1 :])

    return passes(number, run)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", help="such as 5.2; none breaks every solution")
    numbers = parser.parse_args(arguments).numbers or list(EXERCISES)
    for number in numbers:
        alive, tried = find_survivors(number)
        print(f"{number}: {tried} mutants, {len(alive)} pass", flush=True)
        for name in alive:
            print(f"    {name!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
