"""Run inside the kernel of a submission: what has been changed there that could fool a check.

It shares its process with the submission, so that whoever knows it can fool it too: it is a lamp
and no lock. The standard library only, and nothing of this package.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import types

SHELL_LISTS = ("input_transformers_cleanup", "input_transformers_post", "ast_transformers")


def look(package: str) -> str:
    """Return as JSON what is known to the kernel now; `package` is the folder of the checks."""
    main = sys.modules["__main__"].__dict__
    return json.dumps(
        {
            "planted": sorted(planted(main)),
            "foreign": sorted(foreign(package)),
            "shell": shell_state(),
            "builtins": {name: id(value) for name, value in vars(builtins).items() if name != "_"},
        }
    )


def is_from(value: object, main: dict) -> bool:
    """Return whether a value is a function or a class written in the notebook."""
    kind = type(value)  # isinstance would wake lazy objects
    if kind is types.MethodType:
        value, kind = value.__func__, type(value.__func__)
    if kind is types.FunctionType:
        return value.__globals__ is main
    return issubclass(kind, type) and vars(value).get("__module__") == "__main__"


def planted(main: dict) -> set[str]:
    """Return where functions written in the notebook stand in modules that are not the notebook."""
    found = set()
    for name, module in list(sys.modules.items()):
        if name in ("__main__", "__mp_main__") or not issubclass(type(module), types.ModuleType):
            continue
        for key, value in list(vars(module).items()):
            if is_from(value, main):
                found.add(f"{name}.{key}")
            elif issubclass(type(value), type) and name.startswith("unet_tutorial"):
                of_class = {k for k, v in list(vars(value).items()) if is_from(v, main)}
                found |= {f"{value.__module__}.{key}.{each}" for each in of_class}
    return found


def foreign(package: str) -> set[str]:
    """Return which functions of the checks are not those of the files of the checks."""
    found, known = set(), {}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] != "unet_tutorial":
            continue
        path = os.path.abspath(getattr(module, "__file__", None) or "")
        if not path.startswith(package + os.sep):
            found.add(f"{name} (from another file)")
        elif name.startswith("unet_tutorial.teaching.checks"):
            found |= {f"{name}.{each}" for each in replaced(module, path, known)}
    return found


def replaced(module: types.ModuleType, path: str, known: dict) -> set[str]:
    """Return the names that a file of the checks defines and that now stand for something else."""
    codes = codes_of(path, known)
    names = {code.co_name for code in codes if "." not in code.co_qualname}
    found = set()
    for name in names:
        if name.startswith("<"):
            continue
        value = vars(module).get(name)
        if not isinstance(value, types.FunctionType):
            value = getattr(value, "__wrapped__", value)  # a cached function
        own = issubclass(type(value), type) and value.__module__ == module.__name__
        if not (own or is_genuine(value, known)):
            found.add(name)
    return found


def is_genuine(value: object, known: dict) -> bool:
    """Return whether a function, and each that it closes over, is written in the file it names.

    Decorators of the standard library are taken as they are.
    """
    if not isinstance(value, types.FunctionType):
        return False
    path = value.__code__.co_filename
    if os.path.dirname(path) == os.path.dirname(types.__file__):
        return True
    if "unet_tutorial" not in path or value.__code__ not in codes_of(path, known):
        return False
    cells = [cell.cell_contents for cell in value.__closure__ or ()]
    return all(is_genuine(each, known) for each in cells if isinstance(each, types.FunctionType))


def codes_of(path: str, known: dict) -> set:
    """Return every code object that a source file compiles to; `known` remembers them by path."""
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


def shell_state() -> dict:
    """Return how IPython treats input and errors: the length of each list of transformers."""
    shell = sys.modules["IPython"].get_ipython()
    state = {name: len(getattr(shell, name)) for name in SHELL_LISTS}
    main = sys.modules["__main__"].__dict__
    hooks = [each for group in shell.events.callbacks.values() for each in group]
    state["hooks"] = len([each for each in hooks if is_from(each, main)])
    state["methods"] = len([each for each in vars(shell).values() if is_from(each, main)])
    state["exceptions"] = len(shell.custom_exceptions)
    return state
