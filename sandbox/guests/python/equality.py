"""Catches answers that claim to equal everything, by looking at the values that the test compares.

Only when the solution's text could make such an object (it names a class, a type, a dunder ...), the test is compiled with
each operand of a comparison, and the result of each call, passed through `honest`. All other programs pay nothing.
"""

import ast
import re
import types

import bake
import outcome
import host

SUSPICIOUS = re.compile(r"__|\b(?:class|type|types|exec|eval|compile|mock|setattr|dataclass|dataclasses|importlib|builtins)\b")
PLAIN = {int, float, str, bool, bytes, complex, type(None), type, range, types.FunctionType, types.BuiltinFunctionType, types.MethodType}
MAX_VALUES = 100_000


class Stranger:
    """Equals nothing but itself."""


STRANGER = Stranger()
STRANGERS = (STRANGER, -987654321987654321, "\0a stranger")


def compile_test(solution, test, compile=compile, SUSPICIOUS=SUSPICIOUS, parse=ast.parse):
    if test is None:
        return compile("", "<test>", "exec", dont_inherit=True)
    outcome.SOURCES["<test>"] = test
    if SUSPICIOUS.search(solution) is None:
        return compile(test, "<test>", "exec", dont_inherit=True)
    tree = parse(test, "<test>")
    Wrapper().visit(tree)
    return bake.fill_in(compile(tree, "<test>", "exec", dont_inherit=True), {"honest": honest})


class Wrapper(ast.NodeTransformer):
    def wrap(self, node):
        if type(node) is ast.Constant or type(node) is ast.Starred:
            return node
        function = ast.copy_location(ast.Constant(bake.MARK + "honest"), node)
        return ast.copy_location(ast.Call(function, [node], []), node)

    def visit_Compare(self, node):
        self.generic_visit(node)
        node.left = self.wrap(node.left)
        node.comparators = [self.wrap(operand) for operand in node.comparators]
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if type(node.func) is ast.Name and node.func.id == "super":
            return node
        return self.wrap(node)

    def visit_JoinedStr(self, node):
        return node

    def visit_TemplateStr(self, node):
        return node

    def visit_Match(self, node):
        node.subject = self.visit(node.subject)
        for case in node.cases:
            case.body = [self.visit(statement) for statement in case.body]
        return node


def honest(value):
    """`value`, if nothing in it claims to equal everything; else the host ends the program."""
    kind = type(value)
    if kind in PLAIN:
        return value
    seen = set()
    waiting = [value]
    count = 0
    while waiting and count < MAX_VALUES:
        count += 1
        item = waiting.pop()
        kind = type(item)
        if kind in PLAIN:
            continue
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (list, tuple, set, frozenset)):
            base = next(b for b in (list, tuple, set, frozenset) if isinstance(item, b))
            waiting.extend(base.__iter__(item))
        elif isinstance(item, dict):
            waiting.extend(dict.keys(item))
            waiting.extend(dict.values(item))
        if defines_equality(kind) and claims_everything(item):
            host.always_equal(outcome.clean(kind.__name__))
    return value


def defines_equality(kind, names=type.__dict__["__dict__"].__get__, mro=type.__dict__["__mro__"].__get__):
    for base in mro(kind):
        if base is object:
            return False
        methods = names(base)
        if "__eq__" in methods or "__ne__" in methods:
            return not isinstance(methods.get("__eq__", methods.get("__ne__")), types.WrapperDescriptorType)
    return False


def claims_everything(item):
    try:
        return all(item == stranger for stranger in STRANGERS) or not any(item != stranger for stranger in STRANGERS)
    except Exception:
        return False
