"""Recognise answers that are still the stub from the learner's edition."""

from __future__ import annotations

import inspect
import types
from functools import cache

from unet_tutorial.teaching import chapters


def is_untouched(answer: object, number: str) -> bool:
    """Whether an answer to exercise `number` is still the stub.

    A value is untouched if it is `...`. A function, a class or an instance is untouched if its
    code is the stub's code: a broken function that the learner should fix counts as untouched
    until it changes.
    """
    if answer is ...:
        return True
    if isinstance(answer, tuple | list | dict):
        return any(each is ... for each in (answer.values() if type(answer) is dict else answer))
    if not isinstance(answer, types.FunctionType | type):
        answer = type(answer)
    try:
        stubs = _fingerprint_stub(number)
    except (OSError, KeyError, ValueError):  # no such chapter, as in the tests of this package
        return False
    return answer.__name__ in stubs and _fingerprint_answer(answer) == stubs[answer.__name__]


@cache
def _fingerprint_stub(number: str) -> dict[str, tuple]:
    """Return the fingerprints of an exercise's stub, by the names of its functions and classes."""
    module = compile(chapters.read_stub(number), "<stub>", "exec")
    codes = [each for each in module.co_consts if isinstance(each, types.CodeType)]
    return {code.co_name: _fingerprint_parts(code) for code in codes}


def _fingerprint_parts(code: types.CodeType) -> tuple:
    """Return the fingerprint of a function's code, or those of a class's methods."""
    if code.co_flags & inspect.CO_NEWLOCALS:  # set for functions, not for class bodies
        return (_fingerprint_code(code),)
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return tuple(sorted(((each.co_name, _fingerprint_code(each)) for each in inner), key=repr))


def _fingerprint_answer(answer: types.FunctionType | type) -> tuple:
    """Return the same fingerprint for a function or a class that is already defined."""
    if isinstance(answer, types.FunctionType):
        return (_fingerprint_code(answer.__code__),)
    methods = [each for each in vars(answer).values() if isinstance(each, types.FunctionType)]
    return tuple(
        sorted(((each.__name__, _fingerprint_code(each.__code__)) for each in methods), key=repr)
    )


def _fingerprint_code(code: types.CodeType) -> tuple:
    # Without line numbers and file names, so that it doesn't depend on the cell.
    consts = code.co_consts
    inner = (_fingerprint_code(x) if isinstance(x, types.CodeType) else repr(x) for x in consts)
    return code.co_code, code.co_names, code.co_varnames, tuple(inner)
