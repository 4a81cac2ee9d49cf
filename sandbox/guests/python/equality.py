"""Compiles a test so that its comparisons can't be forged by the answers.

Only when the solution's text could make objects with an equality of their own (it names a class, a type, a dunder ...): then
comparisons, and what tests do to numbers before they compare them, become calls of lineup.py. All other programs pay nothing.
"""

import ast
import re
import unicodedata

import bake
import lineup
import namespaces
import neighbours
import outcome

SUSPICIOUS = re.compile(
    r"__|\\[xuUN0-7]|\b(?:class|type|types|exec|eval|compile|mock|ANY|setattr|getattr|attrgetter|methodcaller|dataclass|dataclasses|"
    r"importlib|builtins|modules|globals|locals|vars|weakref|pickle|copyreg|marshal|pkgutil|inspect|fractions|User\w+)\b"
)
# Any of them stands in every text that SUSPICIOUS finds something in. Looking for them costs a tenth.
HINTS = ("__", "\\", "class", "type", "exec", "eval", "compile", "mock", "ANY", "attr", "caller", "importlib", "builtins", "modules",
         "globals", "locals", "vars", "weakref", "pickle", "copyreg", "marshal", "pkgutil", "inspect", "fractions", "User")
COMPARISONS = {
    ast.Eq: lineup.same, ast.NotEq: lineup.differ, ast.Lt: lineup.less, ast.LtE: lineup.at_most, ast.Gt: lineup.more,
    ast.GtE: lineup.at_least, ast.In: lineup.within, ast.NotIn: lineup.without, ast.Is: lineup.is_same, ast.IsNot: lineup.is_not_same,
}
ARITHMETIC = {ast.Sub: lineup.minus, ast.Add: lineup.plus, ast.Mult: lineup.times, ast.Div: lineup.over}
ORDERINGS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
# Functions that tests measure a difference with, and those that take a comparison's result element by element.
MEASURES = {"abs", "fabs", "round"}
ELEMENTWISE = {"all", "any", "sum", "list", "tuple", "len", "zip"}
ASSERTIONS = {
    **dict.fromkeys(("assertEqual", "assertEquals", "assertNotEqual", "assertListEqual", "assertTupleEqual", "assertDictEqual",
                     "assertSetEqual", "assertSequenceEqual"), lineup.settled),
    **dict.fromkeys(("assertAlmostEqual", "assertNotAlmostEqual"), lineup.by_value),
}
BAKED = {f.__name__: f for f in (*COMPARISONS.values(), *ARITHMETIC.values(), *ASSERTIONS.values(), lineup.honest, lineup.link,
                                 lineup.recall)}


def compile_test(solution, test):
    if test is None:
        return compile("", "<test>", "exec", dont_inherit=True)
    outcome.SOURCES["<test>"] = test
    if not suspicious(solution):
        code = compile(test, "<test>", "exec", dont_inherit=True)
    else:
        neighbours.seed(hash(test) * 1_000_003 + hash(solution))
        tree = ast.parse(test, "<test>")
        rewrite(tree, False)
        code = bake.fill_in(compile(tree, "<test>", "exec", dont_inherit=True), BAKED)
    namespaces.look_at(test, code)
    return code


def suspicious(solution):
    text = solution if solution.isascii() else unicodedata.normalize("NFKC", solution)
    return any([hint in text for hint in HINTS]) and SUSPICIOUS.search(text) is not None


def baked(function, like):
    return ast.copy_location(ast.Constant(bake.MARK + function.__name__), like)


def call(function, arguments, like):
    return ast.copy_location(ast.Call(baked(function, like), arguments, []), like)


def rewrite(node, measured):
    """The node to stand in a node's place, itself changed. `measured`: in an operand of an ordering or of a measure."""
    kind = type(node)
    if kind in (ast.JoinedStr, ast.Constant):
        return node
    if kind is ast.Compare:
        return comparison(node, measured)
    if kind is ast.BinOp:
        children(node, measured)
        return call(ARITHMETIC[type(node.op)], [node.left, node.right], node) if measured and type(node.op) in ARITHMETIC else node
    if kind is ast.Call:
        return function_call(node, measured)
    if kind in (ast.Attribute, ast.Subscript) and type(node.value) is ast.Compare:
        children(node.value, False)
        return node
    children(node, measured and kind in (ast.UnaryOp, ast.IfExp))
    return node


def children(node, measured):
    for field in node._fields:
        child = getattr(node, field, None)
        if isinstance(child, ast.pattern):
            continue
        if isinstance(child, ast.AST):
            setattr(node, field, rewrite(child, measured))
        elif isinstance(child, list):
            child[:] = [rewrite(each, measured) if isinstance(each, ast.AST) else each for each in child]


def comparison(node, measured):
    zero = any(type(each) is ast.Constant and each.value == 0 for each in node.comparators)
    children(node, measured or zero or any(type(each) in ORDERINGS for each in node.ops))
    parts, left = [], node.left
    for operator, right in zip(node.ops, node.comparators):
        compare = COMPARISONS[type(operator)]
        last = right is node.comparators[-1]
        parts.append(call(compare, [left, right], node) if last else call(lineup.link, [baked(compare, node), left, right], node))
        left = call(lineup.recall, [], node)
    return parts[0] if len(parts) == 1 else ast.copy_location(ast.BoolOp(ast.And(), parts), node)


def function_call(node, measured):
    function = node.func
    name = function.id if type(function) is ast.Name else function.attr if type(function) is ast.Attribute else ""
    if name == "super":
        return node
    node.func = rewrite(function, False)
    for index, argument in enumerate(node.args):
        if name in ELEMENTWISE and type(argument) is ast.Compare:
            children(argument, False)
        else:
            node.args[index] = rewrite(argument, name in MEASURES)
    for keyword in node.keywords:
        keyword.value = rewrite(keyword.value, False)
    if name in ASSERTIONS and len(node.args) >= 2 and not any(type(each) is ast.Starred for each in node.args[:2]):
        pair = ast.copy_location(ast.Starred(call(ASSERTIONS[name], node.args[:2], node), ast.Load()), node)
        node.args[:2] = [pair]
        return node
    return call(lineup.honest, [node], node)
