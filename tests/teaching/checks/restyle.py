"""Write right answers in other styles: a check must accept each of them.

`python tests/teaching/checks/restyle.py [5.2 ...]` prints those that a check refuses.
"""

import argparse
import ast
import copy
import sys
from collections.abc import Callable, Iterator

from mutants import (
    find_solution_lines,
    is_accepted,
    is_right,
    list_right_code,
    read_code,
)

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import EXERCISES

Function = ast.FunctionDef


class _RenameLocals(ast.NodeTransformer):
    """Give the variables that a function assigns other names; nested functions stay as they are."""

    def visit_FunctionDef(self, node: Function) -> Function:
        inner = [each for each in ast.walk(node) if each is not node]
        nested = (ast.FunctionDef, ast.Lambda, ast.Global, ast.Nonlocal, ast.ClassDef)
        if any(isinstance(each, nested) for each in inner):
            return self.generic_visit(node)
        names = [each for each in inner if isinstance(each, ast.Name)]
        assigned = {each.id for each in names if isinstance(each.ctx, ast.Store)}
        for each in names:
            each.id = f"my_{each.id}" if each.id in assigned - _list_arguments(node) else each.id
        return node


class _ReturnByName(ast.NodeTransformer):
    """Write `return x + 1` as `result = x + 1` and `return result`."""

    def visit_Return(self, node: ast.Return) -> list[ast.stmt] | ast.Return:
        if node.value is None or isinstance(node.value, ast.Name):
            return node
        name = ast.Name("the_result", ast.Store())
        return [ast.Assign([name], node.value), ast.Return(ast.Name("the_result", ast.Load()))]


class _ReturnLists(ast.NodeTransformer):
    """Write `return a, b` as `return [a, b]`."""

    def visit_Return(self, node: ast.Return) -> ast.Return:
        if isinstance(node.value, ast.Tuple):
            node.value = ast.List(node.value.elts, ast.Load())
        return node


class _SpellOutSteps(ast.NodeTransformer):
    """Write `x += 1` as `x = x + 1`."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if not isinstance(node.target, ast.Name):
            return node
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        return ast.Assign([node.target], value)


class _SwapBranches(ast.NodeTransformer):
    """Write `if a: x else: y` as `if not a: y else: x`, as statement and as expression."""

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        if node.orelse:
            node.test = ast.UnaryOp(ast.Not(), node.test)
            node.body, node.orelse = node.orelse, node.body
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        self.generic_visit(node)
        return ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body)


class _SwapFactors(ast.NodeTransformer):
    """Write `2 * x` as `x * 2`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            node.left, node.right = node.right, node.left
        return node


class _CallList(ast.NodeTransformer):
    """Write `[f(x) for x in xs]` as `list(f(x) for x in xs)`."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.Call:
        self.generic_visit(node)
        inner = ast.GeneratorExp(node.elt, node.generators)
        return ast.Call(ast.Name("list", ast.Load()), [inner], [])


class _LoopWithWhile(ast.NodeTransformer):
    """Write `for i in xs: ...` as a while loop over an iterator, if it has no else."""

    def visit_For(self, node: ast.For) -> list[ast.stmt] | ast.For:
        self.generic_visit(node)
        if node.orelse:
            return node
        start, loop = ast.parse("the_items = list(X)[::-1]\nwhile the_items:\n    pass").body
        start.value.value.args = [node.iter]
        take = ast.Assign([node.target], ast.parse("the_items.pop()", mode="eval").body)
        loop.body = [take, *node.body]
        return [start, loop] if not _has_loop(node.body) else node


class _CallInside(ast.NodeTransformer):
    """Move the body of a function without decorators into another one, which it calls."""

    def visit_FunctionDef(self, node: Function) -> Function:
        given = node.args
        if given.vararg or given.kwarg or given.kwonlyargs or _is_method(node):
            return node
        inner = Function("the_work", copy.deepcopy(given), node.body, [])
        inner.args.defaults = []
        names = [ast.Name(each.arg, ast.Load()) for each in (*given.posonlyargs, *given.args)]
        call = ast.Call(ast.Name("the_work", ast.Load()), names, [])
        return Function(node.name, given, [inner, ast.Return(call)], node.decorator_list)


def _list_arguments(node: Function) -> set[str]:
    every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return {each.arg for each in every}


def _has_loop(body: list[ast.stmt]) -> bool:
    inner = [each for part in body for each in ast.walk(part)]
    return any(isinstance(each, ast.While | ast.For) for each in inner)


def _is_method(node: Function) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "self"


STYLES: dict[str, type[ast.NodeTransformer]] = {
    "other names": _RenameLocals,
    "return by name": _ReturnByName,
    "lists for tuples": _ReturnLists,
    "no +=": _SpellOutSteps,
    "branches swapped": _SwapBranches,
    "factors swapped": _SwapFactors,
    "list(...)": _CallList,
    "while": _LoopWithWhile,
    "a function inside": _CallInside,
}


def restyle(source: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield each style that changes a source, and what it becomes."""
    before = ast.dump(ast.parse(source))
    for name, style in STYLES.items():
        tree = ast.fix_missing_locations(style().visit(ast.parse(source)))
        if ast.dump(tree) != before:
            yield name, tree


def find_refused(number: str) -> tuple[list[str], int]:
    """Return the restyled right answers that a check refuses, and the number of all."""
    refused, tried = [], 0
    for name, source, is_fine in list_sources(number):
        for style, tree in restyle(source):
            tried += 1
            if not is_fine(tree):
                refused.append(f"{name}, {style}")
    return refused, tried


def list_sources(number: str) -> Iterator[tuple[str, str, Callable[[ast.Module], bool]]]:
    """Yield name and source of each right answer with code, and whether a check accepts a tree."""
    solution = chapters.read_exercise_part(number, "solution")
    assert find_solution_lines(solution)
    yield "solution", solution, lambda tree: is_accepted(number, tree)
    for answers, place in list_right_code(number):
        source, _ = read_code(answers[place])
        name = answers[place].__name__
        yield name, source, lambda tree, a=answers, p=place: is_right(number, a, p, tree)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", help="such as 5.2; none restyles every answer")
    for number in parser.parse_args(arguments).numbers or list(EXERCISES):
        refused, tried = find_refused(number)
        print(f"{number}: {tried} restyled answers, {len(refused)} refused", flush=True)
        for name in refused:
            print(f"    {name!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
