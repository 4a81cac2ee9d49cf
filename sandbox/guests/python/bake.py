"""Keeps the sandbox's own functions from the programs that they judge.

In a test they stand as constants of its code: not looked up in a dictionary, in no frame's locals, and code objects are
immutable. Their own code counts as the test's, which solutions can't look into, and their builtins are a copy.
"""

import builtins
import types

MARK = "\0baked:"
HIDDEN = "<comparison>"

constants_of = types.CodeType.__dict__["co_consts"].__get__
with_changes = types.CodeType.replace


def fill_in(code, constants):
    """The code object with marked constants replaced, in nested code objects too."""
    filled = []
    for constant in constants_of(code):
        if isinstance(constant, str) and constant[: len(MARK)] == MARK:
            constant = constants[constant[len(MARK) :]]
        elif isinstance(constant, types.CodeType):
            constant = fill_in(constant, constants)
        filled.append(constant)
    return with_changes(code, co_consts=tuple(filled))


def hidden(code):
    """The code object as one of the test's, nested ones too."""
    constants = [hidden(each) if isinstance(each, types.CodeType) else each for each in constants_of(code)]
    return with_changes(code, co_filename="<test>", co_name=HIDDEN, co_consts=tuple(constants))


def seal(names):
    """Hides the functions of a module, whose names these are, and gives them builtins that no program can replace."""
    names["__builtins__"] = dict(vars(builtins))
    for name, value in list(names.items()):
        if type(value) is types.FunctionType and value.__module__ == names["__name__"]:
            names[name] = types.FunctionType(hidden(value.__code__), names, name, value.__defaults__)
