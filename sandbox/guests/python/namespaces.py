"""The names that a solution sees, and those that its test sees.

A test has a namespace of its own, which starts with the solution's names. A solution that names something of its own
like a builtin (`abs`), or like a module of the library, does so for itself only.
"""

import builtins
import re
import sys
import types

import bake
import preload

BUILTINS = frozenset(vars(builtins)) - {"__name__", "__doc__", "__package__", "__loader__", "__spec__"}
MODULES = {name: sys.modules[name] for name in preload.MODULES if name in sys.modules and "." not in name}

ATTRIBUTE_OF = re.compile(r"\b([a-z_]\w*)\s*\.")

asked_for = set()
text_of_test = [""]


def program():
    """The namespace of `__main__`, empty."""
    main = sys.modules.get("__main__") or types.ModuleType("__main__")
    sys.modules["__main__"] = main
    clear(main.__dict__)
    return main.__dict__


def clear(names):
    names.clear()
    names.update({"__name__": "__main__", "__doc__": None, "__package__": None, "__loader__": None, "__spec__": None,
                  "__builtins__": builtins})


def look_at(test, code):
    """Notes the names that a test asks for."""
    text_of_test[0] = test
    waiting = [code]
    while waiting:
        code = waiting.pop()
        asked_for.update(code.co_names)
        waiting += [each for each in bake.constants_of(code) if isinstance(each, types.CodeType)]


def of_test(names):
    """A copy of a solution's names for its test.

    Left out are names of builtins, unless one is all that the test asks the solution for: then it's what is tested (`sum`
    in MBPP/126). A name of a module that the test takes an attribute of means that module, unless the solution imported
    from the module what has the same name (`datetime`).
    """
    copy = dict(names)
    shadows = BUILTINS & copy.keys()
    if shadows:
        asked = [name for name in asked_for & copy.keys() if type(copy[name]) is not types.ModuleType]
        for name in shadows.difference(asked if len(asked) == 1 else ()):
            del copy[name]
    copy["__builtins__"] = builtins
    replaced = [name for name in MODULES.keys() & copy.keys() & asked_for if copy[name] is not MODULES[name]]
    if replaced:
        taken_from = ATTRIBUTE_OF.findall(text_of_test[0])
        for name in replaced:
            if name in taken_from and vars(MODULES[name]).get(name) is not copy[name]:
                copy[name] = MODULES[name]
    return copy


bake.seal(globals())
