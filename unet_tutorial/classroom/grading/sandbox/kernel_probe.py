"""Runs inside a submission's kernel and reports changes that could fool a check.

The submission shares this process and can defeat the probe, so its findings are hints, not proof.
It imports only the standard library, so that it works even if the submission has replaced modules
of this package.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import types

_SHELL_LISTS = ("input_transformers_cleanup", "input_transformers_post", "ast_transformers")


def inspect_kernel(package: str) -> str:
    """Describe the kernel's current state as JSON; `package` is the installed unet_tutorial."""
    main = sys.modules["__main__"].__dict__
    return json.dumps(
        {
            "planted": sorted(_find_planted_functions(main)),
            "foreign": sorted(_find_foreign_code(package)),
            "shell": _describe_shell(),
            "builtins": {name: id(value) for name, value in vars(builtins).items() if name != "_"},
        }
    )


def _is_from_notebook(value: object, main: dict) -> bool:
    """Whether a value is a function or a class that the notebook's cells defined."""
    kind = type(value)  # isinstance would make lazy objects load what they stand for
    if kind is types.MethodType:
        value, kind = value.__func__, type(value.__func__)
    if kind is types.FunctionType:
        return value.__globals__ is main
    return issubclass(kind, type) and vars(value).get("__module__") == "__main__"


def _find_planted_functions(main: dict) -> set[str]:
    """Find the names in other modules that now refer to functions from the notebook."""
    found = set()
    for name, module in list(sys.modules.items()):
        if name in ("__main__", "__mp_main__") or not issubclass(type(module), types.ModuleType):
            continue
        for key, value in list(vars(module).items()):
            if _is_from_notebook(value, main):
                found.add(f"{name}.{key}")
            elif issubclass(type(value), type) and name.startswith("unet_tutorial"):
                planted = {k for k, v in list(vars(value).items()) if _is_from_notebook(v, main)}
                found |= {f"{value.__module__}.{key}.{each}" for each in planted}
    return found


def _find_foreign_code(package: str) -> set[str]:
    """Find modules that were loaded from another folder, and checks whose code was replaced."""
    found, known = set(), {}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] != "unet_tutorial":
            continue
        path = os.path.abspath(getattr(module, "__file__", None) or "")
        if not path.startswith(package + os.sep):
            found.add(f"{name} (from another file)")
        elif name.startswith("unet_tutorial.teaching.checks"):
            found |= {f"{name}.{each}" for each in _find_replaced_names(module, path, known)}
    return found


def _find_replaced_names(module: types.ModuleType, path: str, known: dict) -> set[str]:
    """Find the names that a module's file defines but that now refer to something different."""
    codes = _compile_code_objects(path, known)
    names = {code.co_name for code in codes if "." not in code.co_qualname}
    found = set()
    for name in names:
        if name.startswith("<"):  # <module>, <lambda> and comprehensions
            continue
        value = vars(module).get(name)
        if not isinstance(value, types.FunctionType):
            value = getattr(value, "__wrapped__", value)  # a cached function
        is_own_class = issubclass(type(value), type) and value.__module__ == module.__name__
        if not (is_own_class or _is_genuine(value, known)):
            found.add(name)
    return found


def _is_genuine(value: object, known: dict) -> bool:
    """Whether a function, and each function in its closure, is written in the file that it names.

    Decorators of the standard library are trusted without this comparison.
    """
    if not isinstance(value, types.FunctionType):
        return False
    path = value.__code__.co_filename
    if os.path.dirname(path) == os.path.dirname(types.__file__):
        return True
    if "unet_tutorial" not in path or value.__code__ not in _compile_code_objects(path, known):
        return False
    cells = [cell.cell_contents for cell in value.__closure__ or ()]
    return all(_is_genuine(each, known) for each in cells if isinstance(each, types.FunctionType))


def _compile_code_objects(path: str, known: dict) -> set:
    """Compile a source file and return all its code objects; `known` caches them by path."""
    if path not in known:
        known[path] = set()
        try:
            with open(path, encoding="utf-8") as file:
                module = compile(file.read(), path, "exec", dont_inherit=True)
        except (OSError, ValueError):
            return known[path]
        waiting = [module]
        while waiting:
            code = waiting.pop()
            known[path].add(code)
            waiting += [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return known[path]


def _describe_shell() -> dict:
    """Count IPython's input transformers, and the hooks, methods and handlers of the notebook."""
    shell = sys.modules["IPython"].get_ipython()
    state = {name: len(getattr(shell, name)) for name in _SHELL_LISTS}
    main = sys.modules["__main__"].__dict__
    hooks = [each for group in shell.events.callbacks.values() for each in group]
    state["hooks"] = len([each for each in hooks if _is_from_notebook(each, main)])
    methods = [each for each in vars(shell).values() if _is_from_notebook(each, main)]
    state["methods"] = len(methods)
    state["exceptions"] = len(shell.custom_exceptions)
    return state
