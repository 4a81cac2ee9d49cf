"""Comparisons whose outcome an answer can't forge.

What derives from a built-in type is compared as that type would. Any other object that decides itself what it equals is
shown the expected value among its neighbours, in an order it can't know, and has to tell them apart. An error counts as
"unequal".
"""

import collections
import operator
import types
import weakref

import bake
import host
import outcome
from neighbours import STRANGERS, afresh, below, far, neighbours

EMPTY = {int: 0, float: 0.0, complex: 0, str: "", bytes: b""}
SCALARS = tuple(EMPTY)
SEQUENCES = (list, tuple, collections.deque)
SETS = (set, frozenset, type({}.keys()), type({}.items()))
CONTAINERS = (*SEQUENCES, *SETS, type({}.values()), dict)
PLAIN = frozenset(map(id, (*SCALARS, bool, type(None), type, range, types.FunctionType, types.BuiltinFunctionType)))
PROXIES = frozenset(map(id, (weakref.ProxyType, weakref.CallableProxyType, types.MappingProxyType)))
EQUALITY = ("__eq__", "__ne__")
ORDERED = (collections.OrderedDict,)
ORDER = ("__lt__", "__gt__", "__le__", "__ge__")
MEMBERSHIP = ("__contains__",)
INFINITY = float("inf")
MAX_VALUES = 100_000
MAX_DEPTH = 150

names_of = type.__dict__["__dict__"].__get__
line_of = type.__dict__["__mro__"].__get__
absent = object()


def all_classes():
    waiting, seen = [object], {}
    while waiting:
        kind = waiting.pop()
        if id(kind) not in seen:
            seen[id(kind)] = kind
            waiting.extend(type.__subclasses__(kind))
    return frozenset(seen)


LIBRARY = all_classes()  # their addresses: what `hash` and `==` say of a class is up to its class


def base_of(kind, bases):
    """The first of `bases` that a class derives from, or None."""
    for base in line_of(kind):
        for each in bases:
            if base is each:
                return base
    return None


def decides(kind, methods):
    """Whether a class answers such methods by code of its own, rather than as a built-in type or a container of the library."""
    for base in line_of(kind):
        if base is object:
            return False
        for name in methods:
            method = names_of(base).get(name, absent)
            if method is not absent:
                known = id(base) in LIBRARY
                return not (known and (type(method) is types.WrapperDescriptorType or base_of(base, CONTAINERS)))
    return False


def speaks(item):
    kind = type(item)
    return id(kind) not in PLAIN and (id(kind) in PROXIES or decides(kind, EQUALITY))


def inside(value):
    """The elements of a container, whatever its class says."""
    base = base_of(type(value), CONTAINERS)
    if base is None:
        return []
    return [*dict.keys(value), *dict.values(value)] if base is dict else [*base.__iter__(value)]


def speakers(value):
    """What decides itself what it equals: `value`, or things in it."""
    if id(type(value)) in PLAIN:
        return []
    found, seen, waiting = [], set(), [value]
    while waiting and len(seen) < MAX_VALUES:
        item = waiting.pop()
        if id(type(item)) in PLAIN or id(item) in seen:
            continue
        seen.add(id(item))
        waiting.extend(inside(item))
        if speaks(item):
            found.append(item)
    return found


def truth(result):
    return True if result else False


def attempt(function, *arguments):
    """Whether a comparison says yes; an error says no."""
    try:
        return truth(function(*arguments))
    except Exception:
        return False


def deceived(item, how):
    host.deceived(f"the answer holds a `{outcome.clean(type(item).__name__, 100)}`, which {how}")


def honest(value):
    """`value`, if nothing in it claims to equal everything."""
    for item in speakers(value):
        expose(item)
    return value


def expose(item):
    if all([attempt(operator.eq, item, each) for each in STRANGERS]):
        deceived(item, "claims to equal everything")
    try:
        lies = not any([truth(item != each) for each in STRANGERS])
    except Exception:
        return
    if lies:
        deceived(item, "claims to equal everything")


def bare(value, methods):
    """A value of a class made of a built-in one, as of that one, if the class has such methods of its own."""
    kind = type(value)
    if id(kind) in PLAIN or id(kind) in LIBRARY or not decides(kind, methods):
        return value
    base = base_of(kind, SCALARS + CONTAINERS)
    if base is None:
        return value
    if base in EMPTY:
        return base.__add__(value, EMPTY[base])
    return dict(dict.items(value)) if base is dict else base(base.__iter__(value))


def same(a, b):
    """`a == b`"""
    if id(type(a)) in PLAIN and id(type(b)) in PLAIN or not speakers(a) and not speakers(b):
        return a == b
    return equal(a, b, 0)


def differ(a, b):
    """`a != b`"""
    if id(type(a)) in PLAIN and id(type(b)) in PLAIN or not speakers(a) and not speakers(b):
        return a != b
    return not equal(a, b, 0)


def equal(a, b, depth):
    if depth > MAX_DEPTH:
        raise RecursionError("maximum recursion depth exceeded in comparison")
    a, b = bare(a, EQUALITY), bare(b, EQUALITY)
    left, right = base_of(type(a), CONTAINERS), base_of(type(b), CONTAINERS)
    if left is None or right is None:
        return confront(a, b) if speaks(a) or speaks(b) else truth(a == b)
    if not speakers(a) and not speakers(b):
        return truth(a == b)
    if left is not right and not (left in SETS and right in SETS) or left.__len__(a) != right.__len__(b):
        return False
    if left in SETS:
        return matched(inside(a), inside(b), depth)
    if left is dict:
        a_items, b_items = [*dict.items(a)], [*dict.items(b)]
        ordered_both = base_of(type(a), ORDERED) and base_of(type(b), ORDERED)
        return equal(a_items, b_items, depth + 1) if ordered_both else matched(a_items, b_items, depth)
    return all([x is y or equal(x, y, depth + 1) for x, y in zip(inside(a), inside(b))])


def matched(left, right, depth):
    """Whether each on the left has its equal on the right, both of one length."""
    for item in left:
        for index, other in enumerate(right):
            if item is other or equal(item, other, depth + 1):
                del right[index]
                break
        else:
            return False
    return True


def confront(a, b):
    """`a == b`, of which at least one decides that itself."""
    if speaks(a) and not speakers(b) and (crowd := neighbours(b)) is not None:
        return pick_out(a, b, crowd, lambda other: a == other)
    if speaks(b) and not speakers(a) and (crowd := neighbours(a)) is not None:
        return pick_out(b, a, crowd, lambda other: other == b)
    for item in (a, b):
        if speaks(item):
            expose(item)
    return truth(a == b)


def pick_out(item, expected, crowd, says):
    """What `item` says of the expected value, if it tells it from those like it."""
    place = below(len(crowd) + 1)
    answer, mistakes = False, 0
    for turn in range(len(crowd) + 1):
        if turn == place:
            answer = truth(says(afresh(expected)))
        else:
            mistakes += attempt(says, crowd.pop(below(len(crowd))))
    # Numbers modulo another honestly equal one more of the ladder.
    if answer and mistakes > (1 if type(expected) is int else 0):
        deceived(item, "can't tell what it equals from what it doesn't")
    return answer


def within(item, container):
    """`item in container`"""
    if id(type(item)) in PLAIN and id(type(container)) in PLAIN:
        return item in container
    container = bare(container, MEMBERSHIP)
    if id(type(container)) not in LIBRARY and decides(type(container), MEMBERSHIP):
        return admits(item, container)
    if not speakers(item) and not speakers(container) or base_of(type(container), CONTAINERS) is None:
        return item in container
    elements = [*dict.keys(container)] if base_of(type(container), (dict,)) else inside(container)
    return any([item is each or equal(item, each, 0) for each in elements])


def without(item, container):
    """`item not in container`"""
    return not within(item, container)


def admits(item, container):
    answer = truth(item in container)
    if answer and not speakers(item) and (crowd := neighbours(item)) is not None:
        if all([attempt(operator.contains, container, each) for each in crowd + far(item)]):
            deceived(container, "claims to contain everything")
    return answer


def number(value):
    """A value of a class made of int or float, as of that one."""
    kind = type(value)
    base = None if id(kind) in PLAIN or id(kind) in LIBRARY else base_of(kind, (int, float))
    return value if base is None else base.__add__(value, EMPTY[base])


def as_number(value):
    """What is like a number, as one: it learns nothing of what it is compared with."""
    kind = type(value)
    if id(kind) in PLAIN or id(kind) in LIBRARY:
        return value
    for name, convert in (("__index__", operator.index), ("__float__", float)):
        if any([name in names_of(base) for base in line_of(kind)]):
            try:
                return convert(value)
            except Exception:
                return value
    return value


def by_value(a, b):
    a, b = number(a), number(b)
    if type(a) in (int, float):
        b = as_number(b)
    elif type(b) in (int, float):
        a = as_number(a)
    return a, b


def ordered(compare, a, b):
    if id(type(a)) in PLAIN and id(type(b)) in PLAIN:
        return compare(a, b)
    a, b = by_value(a, b)
    for item, other in ((a, b), (b, a)):
        if decides(type(item), ORDER) and id(type(item)) not in LIBRARY:
            bounds = type(other) in (int, float) and (
                attempt(operator.lt, item, -INFINITY) or attempt(operator.gt, item, INFINITY))
            if bounds or attempt(operator.lt, item, other) and attempt(operator.gt, item, other):
                deceived(item, "claims to be less and more at once")
            return truth(compare(a, b))
    return compare(a, b)


def less(a, b):
    return ordered(operator.lt, a, b)


def more(a, b):
    return ordered(operator.gt, a, b)


def at_most(a, b):
    return ordered(operator.le, a, b)


def at_least(a, b):
    return ordered(operator.ge, a, b)


def minus(a, b):
    return operator.sub(*by_value(a, b))


def plus(a, b):
    return operator.add(*by_value(a, b))


def times(a, b):
    return operator.mul(*by_value(a, b))


def over(a, b):
    return operator.truediv(*by_value(a, b))


def is_same(a, b):
    return a is b


def is_not_same(a, b):
    return a is not b


def settled(a, b):
    """Two values for a library's function to compare: the same one, or such that differ."""
    if not speakers(a) and not speakers(b):
        return a, b
    return (b, b) if same(a, b) else (STRANGERS[0], b)


kept = [None]


def link(compare, a, b):
    """One comparison of a chain. Its right operand is kept for the next one, which asks for it at once."""
    answer = compare(a, b)
    kept[0] = b
    return answer


def recall():
    value, kept[0] = kept[0], None
    return value


bake.seal(globals())
