"""Runs inside a submission's kernel: sets checks up afresh, and lists what was replaced.

The submission shares this process and can defeat these functions, so what they find are hints and
not proof. Only the standard library is imported, and the package anew.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import types

_TEACHING = "unet_tutorial.teaching"
_FRESH = (f"{_TEACHING}.checks", f"{_TEACHING}.chapters")
_LIBRARIES = ("builtins", "os", "math", "random", "numpy", "torch", "torch.nn.functional")
_CLASSES = (("torch", "Tensor"), ("torch.nn", "Module"))
_SAVED = "_names_of_the_notebook"


def prepare_check(package: str, setup: str) -> str:
    """Set up what the next check is, whether it's graded, and IPython; return the findings as JSON.

    Args:
        package: the folder of the installed package unet_tutorial.
        setup: the statements of the released setup cell that the check needs.
    """
    tricks = _reset_shell()
    if package not in sys.path[:1]:
        sys.path.insert(0, package)
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    checks = _import_afresh()
    fresh = {"__name__": "__main__"}
    exec(compile(setup, "<setup>", "exec"), fresh)
    main = sys.modules["__main__"].__dict__
    names = fresh.keys() - {"__builtins__", "__name__"}
    if checks is not None:
        saved = {name: main[name] for name in names if name in main}
        setattr(checks, _SAVED, (names, saved))
    main.update({name: fresh[name] for name in names})
    return json.dumps(tricks)


def finish_check() -> str:
    """Give the notebook its own names back."""
    main = sys.modules["__main__"].__dict__
    checks = sys.modules.get(_FRESH[0], types.ModuleType("checks"))
    names, saved = vars(checks).pop(_SAVED, ((), {}))
    for name in names:
        main.pop(name, None)
    main.update(saved)
    return "[]"


def score_parts(number: str, check: str, names: list[str]) -> str:
    """Score each of an exercise's answers by itself: with the solution's other answers.

    Args:
        number: the exercise's, such as "10.1".
        check: the code of its check, which takes these answers.
        names: those of the answers.

    Returns:
        Whether each answer is right, as JSON; [] if the exercise has no solution.
    """
    main = sys.modules["__main__"].__dict__
    solved = dict(main)
    try:
        chapters = importlib.import_module(_FRESH[1])
        exec(compile(chapters.read_solution(number), "<solution>", "exec"), solved)
        exec(compile(check, "<check>", "exec"), dict(solved))
    except Exception:
        return "[]"
    right = []
    for name in names:
        try:
            exec(compile(check, "<check>", "exec"), solved | {name: main[name]})
            right.append(True)
        except Exception:
            right.append(False)
    return json.dumps(right)


def list_identities() -> str:
    """List the identities of the functions and classes that checks use, by place, as JSON."""
    found = {}
    for name, module in list(sys.modules.items()):
        own = name.partition(".")[0] == "unet_tutorial" and not name.startswith(_FRESH)
        if isinstance(module, types.ModuleType) and (own or name in _LIBRARIES):
            found |= _list_members(name, module, name if own else "")
    for module, name in _CLASSES:
        if module in sys.modules:
            found |= _list_members(f"{module}.{name}", getattr(sys.modules[module], name), "")
    return json.dumps(found)


def _list_members(place: str, owner: object, package: str) -> dict[str, int]:
    """List the identities of the members of a module or class, and of the classes it defines."""
    found = {}
    for key, value in list(vars(owner).items()):
        if callable(value) or key == "environ" or isinstance(value, property | staticmethod):
            # PyTorch itself wraps some of its functions when it's first asked to compile.
            found[f"{place}.{key}"] = id(getattr(value, "__wrapped__", value))
        if package and isinstance(value, type) and value.__module__ == package:
            found |= _list_members(f"{place}.{key}", value, "")
    return found


def _import_afresh() -> types.ModuleType | None:
    """Import the checks from their files again; without torch, they can't be imported."""
    for name in [name for name in sys.modules if name.startswith(_FRESH)]:
        parent, _, child = name.rpartition(".")
        getattr(sys.modules.get(parent), "__dict__", {}).pop(child, None)
        del sys.modules[name]
    try:
        package = importlib.import_module("unet_tutorial")
        vars(package).pop("checks", None)
        checks = importlib.import_module(_FRESH[0])
        importlib.import_module(_TEACHING).checks = package.checks = checks
    except ImportError:
        return None
    return checks


def _reset_shell() -> list[str]:
    """Remove what the notebook added to IPython; return what that was."""
    shell = sys.modules["IPython"].get_ipython()
    main = sys.modules["__main__"].__dict__
    found = []
    if shell.input_transformers_post or shell.ast_transformers:
        shell.input_transformers_post, shell.ast_transformers = [], []
        found.append("A function that changes the code of cells was added.")
    manager = sys.modules["IPython.core.inputtransformer2"].TransformerManager()
    shell.input_transformer_manager = manager
    for group in shell.events.callbacks.values():
        for each in [each for each in group if _is_from_notebook(each, main)]:
            group.remove(each)
            found.append("A function of the notebook ran before or after each cell.")
    for key in [key for key, each in vars(shell).items() if _is_from_notebook(each, main)]:
        delattr(shell, key)
        found.append(f"IPython's own function {key} was replaced.")
    if shell.custom_exceptions:
        shell.set_custom_exc((), None)
        found.append("The notebook had its own handler for errors.")
    return found


def _is_from_notebook(value: object, main: dict) -> bool:
    """Whether a value is a function or a method that the notebook's cells defined."""
    function = getattr(value, "__func__", value) if isinstance(value, types.MethodType) else value
    return isinstance(function, types.FunctionType) and function.__globals__ is main
