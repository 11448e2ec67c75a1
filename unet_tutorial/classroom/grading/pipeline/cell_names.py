"""The names that a cell's code needs from other cells, and those that it gives them."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from dataclasses import dataclass
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

# With these, code can use names that don't stand in it.
_MAGIC = "get_ipython"  # IPython turns %magics and !commands into calls of get_ipython()
_HIDDEN_USE = {"exec", "eval", "compile", "globals", "locals", "vars", "__import__", _MAGIC}
_HARMLESS = re.compile(rf"{_MAGIC}\(\)\.run_line_magic\('(matplotlib|config|pip)', [^\n]*\)")
_READERS = {"print", "display", "len", "repr", "str", "type", "isinstance", "list", "tuple", "sum"}


@dataclass(frozen=True)
class CellNames:
    """The names of one cell's top level."""

    needs: frozenset[str] = frozenset()  # used here, or later in a function, before being bound
    binds: frozenset[str] = frozenset()  # bound here, if only perhaps
    values: frozenset[str] = frozenset()  # those of `binds` that a call could change in place
    touches: frozenset[str] = frozenset()  # may be changed in place: x.y = 1, x[0] = 1, f(x)
    is_opaque: bool = False  # it may use any name


@lru_cache(maxsize=1024)
def find_names(source: str) -> CellNames:
    """Find the names of a cell; none if its code can't be parsed, since then it can't run either.

    `total = add_one(start)` needs add_one and start, and binds total.
    """
    try:
        code = _HARMLESS.sub("None", TransformerManager().transform_cell(source))
        tree = ast.parse(code)
        reader = _Reader(symtable.symtable(code, "<cell>", "exec"))
        reader.read_block(tree.body, set())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return CellNames()
    return reader.collect()


def find_statements(source: str, wanted: set[str]) -> str:
    """Return the statements of a cell that bind the wanted names, and those that these need."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ""
    wanted, kept = set(wanted), []
    for statement in reversed(body):
        names = find_names(ast.unparse(statement))
        if names.binds & wanted:
            wanted |= names.needs
            kept.append(ast.unparse(statement))
    return "\n".join(reversed(kept))


def find_answers(check: str) -> list[str]:
    """Find the names of the answers that a chapter's check takes, in order."""
    try:
        first = ast.parse(check).body[0]
    except (SyntaxError, ValueError, IndexError):
        return []
    call = getattr(first, "value", None)
    if not (isinstance(call, ast.Call) and _find_base(call.func) == {"checks"}):
        return []
    return [each.id for each in call.args if isinstance(each, ast.Name)]


class _Reader:
    """Reads the statements of a cell in order."""

    def __init__(self, table: symtable.SymbolTable) -> None:
        # Names that only a comprehension or a lambda uses aren't the cell's own.
        self.own = {each.get_name() for each in table.get_symbols()}
        self.deferred = {name for each in table.get_children() for name in _find_globals(each)}
        self.needs: set[str] = set()
        self.binds = {name for each in table.get_children() for name in _find_declared(each)}
        self.values: set[str] = set()
        self.touches: set[str] = set()
        self.is_opaque = False

    def collect(self) -> CellNames:
        """Collect the findings, after the whole cell was read."""
        # A function is called later, when everything that the cell binds is there.
        needs = self.needs | (self.deferred - self.binds)
        self.is_opaque |= bool(needs & _HIDDEN_USE)
        found = (needs - set(dir(builtins)), self.binds, self.values, self.touches)
        return CellNames(*map(frozenset, found), self.is_opaque)

    def read_block(self, statements: list[ast.stmt], bound: set[str]) -> set[str]:
        """Read statements in order; return the names that are certainly bound after them."""
        for statement in statements:
            bound = self._read_statement(statement, bound)
        return bound

    def _read_statement(self, node: ast.stmt, bound: set[str]) -> set[str]:
        inner = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        handlers = [each.body for each in getattr(node, "handlers", [])]
        cases = [each.body for each in getattr(node, "cases", [])]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self._read_definition(node, bound)
        if not any((*inner, *handlers, *cases)):
            return self._read_simple(node, bound)
        within = self._read_header(node, bound)
        for block in (*inner, *handlers, *cases):
            self.read_block(block, set(within))
        if isinstance(node, ast.With | ast.AsyncWith):
            return self.read_block(node.body, within)
        return bound  # a branch or a loop may not run

    def _read_definition(self, node: ast.stmt, bound: set[str]) -> set[str]:
        """Read a function or class; the loads of a function's body are in `deferred`."""
        parts = [*node.decorator_list, *ast.iter_child_nodes(getattr(node, "args", ast.Pass()))]
        parts += [getattr(node, "returns", None), *getattr(node, "bases", [])]
        parts += getattr(node, "keywords", [])
        for part in filter(None, parts):
            self._read_expression(part, bound)
        self.binds.add(node.name)
        return bound | {node.name}

    def _read_header(self, node: ast.stmt, bound: set[str]) -> set[str]:
        """Read what a compound statement evaluates itself; return what its blocks can count on."""
        names = ("test", "iter", "subject", "target", "items")
        parts = [getattr(node, name, None) for name in names]
        parts += [each.type for each in getattr(node, "handlers", [])]
        parts += [
            part for each in getattr(node, "cases", []) for part in (each.pattern, each.guard)
        ]
        caught = {each.name for each in getattr(node, "handlers", []) if each.name}
        self.binds |= caught
        within = bound | caught
        for part in parts:
            for each in part if isinstance(part, list) else filter(None, [part]):
                within = within | self._read_expression(each, within)
        return within

    def _read_simple(self, node: ast.stmt, bound: set[str]) -> set[str]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return bound | self._read_import(node)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self._need(node.target.id, bound)
        return bound | self._read_expression(node, bound)

    def _read_import(self, node: ast.Import | ast.ImportFrom) -> set[str]:
        names = {(each.asname or each.name).partition(".")[0] for each in node.names}
        self.is_opaque |= "*" in names or any(each.name == "__main__" for each in node.names)
        self.binds |= names
        return names

    def _read_expression(self, root: ast.AST, bound: set[str]) -> set[str]:
        """Read an expression or a simple statement; return the names that it binds."""
        stored: set[str] = set()
        for node in ast.walk(root):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
                self._need(node.id, bound)
            elif isinstance(node, ast.Name):
                stored.add(node.id)
            elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
                stored.add(node.name)
            elif isinstance(node, ast.Call):
                self._read_call(node)
            elif not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):  # x.y = 1, x[0] = 1
                self.touches |= _find_base(node)
        stored &= self.own
        self.binds |= stored
        self.values |= stored
        return stored

    def _read_call(self, node: ast.Call) -> None:
        if getattr(node.func, "id", "") in _READERS:
            return
        values = [each.value for each in node.keywords]
        for part in (node.func, *node.args, *values):
            if part is not node.func or isinstance(part, ast.Attribute):
                self.touches |= _find_base(part)

    def _need(self, name: str, bound: set[str]) -> None:
        if name not in bound and name in self.own:
            self.needs.add(name)


def _find_base(node: ast.AST) -> set[str]:
    """Return the name from which an expression such as `a.b[0].c` starts, or nothing."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _find_globals(table: symtable.SymbolTable) -> set[str]:
    """Find the names of the notebook that a function or class and everything in it use."""
    own = {each.get_name() for each in table.get_symbols() if each.is_global()}
    return own.union(*(_find_globals(each) for each in table.get_children()))


def _find_declared(table: symtable.SymbolTable) -> set[str]:
    """Find the names of the notebook that a function binds, by a `global` statement."""
    own = {
        each.get_name()
        for each in table.get_symbols()
        if each.is_declared_global() and each.is_assigned()
    }
    return own.union(*(_find_declared(each) for each in table.get_children()))
