"""Turns names of a function into constants of its code object.

A constant can't be reached or replaced from Python code that the function calls: it isn't looked up in a dictionary, code
objects are immutable, and a frame's locals don't hold it.
"""

import ast
import types

MARK = "\0baked:"


def function(source, **constants):
    """The function defined by `source` with every name in `constants` replaced by its value, and with no globals."""
    tree = ast.parse(source)
    names_to_constants(tree, constants)
    module = compile(tree, "<sandbox>", "exec", dont_inherit=True)
    code = next(c for c in module.co_consts if isinstance(c, types.CodeType))
    return types.FunctionType(fill_in(code, constants), {"__builtins__": {}})


def names_to_constants(tree, constants):
    class Marker(ast.NodeTransformer):
        def visit_Name(self, node):
            if node.id in constants:
                return ast.copy_location(ast.Constant(MARK + node.id), node)
            return node

    Marker().visit(tree)


def fill_in(code, constants, CodeType=types.CodeType, MARK=MARK, len=len, isinstance=isinstance, str=str, tuple=tuple):
    """The code object with marked constants replaced, in nested code objects too."""
    filled = []
    for constant in code.co_consts:
        if isinstance(constant, str) and constant[: len(MARK)] == MARK:
            constant = constants[constant[len(MARK) :]]
        elif isinstance(constant, CodeType):
            constant = fill_in(constant, constants)
        filled.append(constant)
    return code.replace(co_consts=tuple(filled))
