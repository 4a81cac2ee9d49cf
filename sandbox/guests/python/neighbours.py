"""Values like an expected one, among which it doesn't stand out.

The numbers around it lie as a ladder whose rungs it could be any of, texts differ in one character, containers in one
element. What is drawn depends on the test, which a solution doesn't know.
"""

import bake

COUNT = 12
MASK = 2**64 - 1
ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!#$%&*+-./:;<=>?@^_|~")


class Stranger:
    """Equals nothing but itself."""


STRANGER = Stranger()
STRANGERS = (STRANGER, -987654321987654321, "\0a stranger")

state = [1]


def seed(number):
    state[0] = number & MASK
    for _ in range(8):
        below(1)


def below(limit):
    state[0] = (state[0] * 6364136223846793005 + 1442695040888963407) & MASK
    return (state[0] >> 33) % limit


def neighbours(value):
    """Up to `COUNT` values that don't equal `value`, of plain types. None if there is no knowing what it is like."""
    kind = type(value)
    if kind is bool:
        return [not value, None]
    if value is None:
        return [True, 1, "None", [1], (1,), {1: 1}]
    if kind is int:
        return ladder(value, 1 + abs(value) // 8)
    if kind is float:
        return ladder(value, 1.0 + abs(value)) if abs(value) < 1e300 else ladder(0.5, 1.5)
    if kind is complex:
        return [complex(real, value.imag) for real in neighbours(value.real)]
    if kind is str:
        return texts(value)
    if kind is bytes:
        return [bytes((c + i) % 256 for c in value[:1]) + value[1:] for i in range(1, COUNT)] if value else [b"0", b"a", b" "]
    if kind is list or kind is tuple:
        return [kind(items) for items in sequences(list(value))]
    if kind is dict:
        return mappings(value)
    if kind is set or kind is frozenset:
        return [kind(items) for items in sequences(list(value)) if kind(items) != value]
    return None


def ladder(value, step):
    """The other rungs of a ladder on which `value` is anywhere."""
    lowest = -below(COUNT + 1)
    return [value + i * step for i in range(lowest, lowest + COUNT + 1) if i != 0]


def texts(value):
    if not value:
        return ["a", "0", "None", "x", "ab", "1", "b", "A"]
    at = below(len(value))
    changed = [value[:at] + character + value[at + 1 :] for character in others(value[at], COUNT - 2)]
    at = below(len(value))
    return changed + [value[:at] + others(value[at], 1)[0] + value[at + 1 :], value + others(value[-1], 1)[0]]


def others(character, count):
    """Characters of the same sort, but not the same letter."""
    alphabet = next((alphabet for alphabet in ALPHABETS if character in alphabet), ALPHABETS[0])
    start = below(len(alphabet))
    rotated = alphabet[start:] + alphabet[:start]
    return [each for each in rotated if each != character and each.lower() != character.lower()][:count]


def fresh(element, known):
    """Neighbours of an element that aren't in its container."""
    return [each for each in neighbours(element) or [STRANGER] if each not in known]


def sequences(items):
    if not items:
        return [[element] for element in (0, 1, "", "a", None, (), 0.0, 2, -1, "b", True, 3)]
    at = below(len(items))
    changed = [items[:at] + [each] + items[at + 1 :] for each in fresh(items[at], items)[: COUNT - 3]]
    for at in (below(len(items)), len(items) - 1):
        for each in fresh(items[at], items)[:1]:
            changed += [items[:at] + [each] + items[at + 1 :], items + [each]]
    if items.count(items[at]) == 1:
        changed.append(items[:at])
    return changed


def mappings(value):
    if not value:
        return [{element: 1} for element in (0, 1, "a", "", None, (), 2, "b", -1)]
    keys = list(value)
    key = keys[below(len(keys))]
    changed = [{**value, key: each} for each in (neighbours(value[key]) or [STRANGER])[: COUNT - 2]]
    for another in fresh(key, keys)[:1]:
        changed.append({**value, another: value[key] or 1})
    return changed


def far(value):
    """Values of the type that nothing which contains only some of it contains."""
    return {int: [10**18, -(10**18)], float: [1e300, -1e300], str: ["\0 a stranger\n"]}.get(type(value), [STRANGER])


def afresh(value):
    """An equal value in new memory, which doesn't show where it comes from."""
    kind = type(value)
    if kind is str:
        return "".join([each for each in value])
    if kind is list or kind is tuple or kind is set or kind is frozenset:
        return kind([afresh(each) for each in value])
    if kind is dict:
        return {afresh(key): afresh(each) for key, each in value.items()}
    if kind is bytes:
        return bytes([*value])
    return value * 1 if kind is int or kind is float else value


bake.seal(globals())
