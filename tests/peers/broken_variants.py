#!/usr/bin/env python3
"""Makes programs to compare interpreters with: reference solutions, and broken variants of them.

    python3 tests/peers/broken_variants.py DATA [--variants 2000] > programs.jsonl

DATA is a folder that holds humaneval/HumanEval.jsonl.gz, mbpp/mbpp.jsonl.gz and mbpp/sanitized-mbpp.json.gz. One JSON
object a line: id, solution, test.
Every variant is the text of a reference solution with one edit at a place that the syntax tree names; what is edited, and
how, is drawn by SHA-256 of the task's name, so any Python from 3.11 on makes the same programs.
"""

import argparse
import ast
import gzip
import hashlib
import json
import pathlib
import re
import sys

KINDS = ("operator", "constant", "off_by_one", "removed_return", "wrong_name", "cut_off")

BINARY = {"Add": ("+", "-"), "Sub": ("-", "+"), "Mult": ("*", "+"), "Div": ("/", "//"), "FloorDiv": ("//", "/"),
          "Mod": ("%", "//"), "Pow": ("**", "*"), "BitAnd": ("&", "|"), "BitOr": ("|", "&"), "BitXor": ("^", "|"),
          "LShift": ("<<", ">>"), "RShift": (">>", "<<")}
COMPARED = {"Lt": ("<", "<="), "LtE": ("<=", "<"), "Gt": (">", ">="), "GtE": (">=", ">"), "Eq": ("==", "!="),
            "NotEq": ("!=", "=="), "In": ("in", "not in"), "Is": ("is", "is not")}
LOGICAL = {"And": ("and", "or"), "Or": ("or", "and")}


def draw(seed, count):
    """A number below `count` that depends on `seed` alone."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") % count


class Source:
    """A program's bytes, and where its lines start."""

    def __init__(self, text):
        self.bytes = text.encode()
        self.starts = [0] + [match.end() for match in re.finditer(rb"\r\n|\r|\n", self.bytes)]

    def span(self, node):
        return (self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset)

    def text(self, start, end):
        return self.bytes[start:end].decode()

    def edited(self, start, end, text):
        return (self.bytes[:start] + text.encode() + self.bytes[end:]).decode()


def nodes(tree):
    """Every node outside of f-strings (whose positions changed with 3.12), in the order of the text."""
    if isinstance(tree, ast.JoinedStr):
        return
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from nodes(child)


def between(source, left, right, change):
    """The edit that replaces an operator between two operands."""
    start, end = source.span(left)[1], source.span(right)[0]
    place = source.text(start, end).find(change[0])
    return [(start + place, start + place + len(change[0]), change[1])] if place >= 0 else []


def edits(source, tree, first):
    """Every possible edit at or after byte `first`, by kind."""
    found = {kind: [] for kind in KINDS}
    docstrings = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
    names = sorted({node.id for node in nodes(tree) if isinstance(node, ast.Name)})
    for node in nodes(tree):
        kind = type(node).__name__
        if kind == "BinOp" and type(node.op).__name__ in BINARY:
            found["operator"] += between(source, node.left, node.right, BINARY[type(node.op).__name__])
        elif kind == "BoolOp":
            for left, right in zip(node.values, node.values[1:]):
                found["operator"] += between(source, left, right, LOGICAL[type(node.op).__name__])
        elif kind == "Compare":
            for op, left, right in zip(node.ops, [node.left] + node.comparators, node.comparators):
                if type(op).__name__ in COMPARED:
                    found["operator"] += between(source, left, right, COMPARED[type(op).__name__])
        elif kind == "Constant" and id(node) not in docstrings and node.kind is None:
            found["constant"] += [(*source.span(node), text) for text in other_constants(node.value)]
        elif kind == "Call" and isinstance(node.func, ast.Name) and node.func.id == "range":
            for argument in node.args:
                found["off_by_one"] += shifted(source, argument)
        elif kind == "Subscript" and not isinstance(node.slice, (ast.Tuple, ast.Starred)):
            index = node.slice
            for part in [index.lower, index.upper] if isinstance(index, ast.Slice) else [index]:
                if part is not None:
                    found["off_by_one"] += shifted(source, part)
        elif kind == "Return":
            start = source.span(node)[0]
            if node.value is None:
                found["removed_return"].append((start, start + len("return"), "pass"))
            else:
                blanks = re.match(rb"return[ \t]*", source.bytes[start:]).end()
                found["removed_return"].append((start, start + blanks, ""))
        elif kind == "Name" and isinstance(node.ctx, ast.Load):
            others = [name for name in names if name != node.id]
            found["wrong_name"].append((*source.span(node), node.id + "_"))
            if others:
                seed = f"{node.id} {node.lineno} {node.col_offset}"
                found["wrong_name"].append((*source.span(node), others[draw(seed, len(others))]))
    for kind in found:
        found[kind] = sorted({edit for edit in found[kind] if edit[0] >= first})
    length = len(source.bytes)
    found["cut_off"] = [(place, length, "") for place in range(max(first + 8, length // 3), length - 1)
                        if source.bytes[place - 1] < 128 and source.bytes[place] < 128]
    return found


def other_constants(value):
    if isinstance(value, bool):
        return [repr(not value)]
    if isinstance(value, int):
        return [str(value + 1), str(value * 10), "0" if value else "2"]
    if isinstance(value, float):
        return [repr(value + 1.0), repr(value / 2)]
    if isinstance(value, str):
        return [repr(value + " "), repr(value[1:]) if value else "'x'"]
    if value is None:
        return ["0"]
    return []


def shifted(source, node):
    start, end = source.span(node)
    text = source.text(start, end)
    return [(start, end, f"({text}) + 1"), (start, end, f"({text}) - 1")]


def variants(task, number):
    """Broken variants of a task, one after the other; kinds take turns, starting with one that depends on the task."""
    source = Source(task["solution"])
    found = edits(source, ast.parse(task["solution"]), task["first"])
    seen = {task["solution"]}
    possible = [kind for kind in KINDS if found[kind]]
    for turn in range(number, number + 100):
        kind = KINDS[turn % len(KINDS)]
        if not found[kind]:
            kind = possible[draw(f"{task['id']} {turn}", len(possible))]
        places = found[kind]
        for attempt in range(20):
            edit = places[draw(f"{task['id']} {turn} {attempt}", len(places))]
            text = source.edited(*edit)
            if text not in seen:
                seen.add(text)
                yield f"{task['id']}#{kind}.{turn}", text
                break


def tasks(data):
    for row in read(data / "humaneval/HumanEval.jsonl.gz"):
        yield {"id": row["task_id"], "solution": row["prompt"] + row["canonical_solution"] + "\n",
               "test": f"{row['test']}\ncheck({row['entry_point']})", "first": len(row["prompt"].encode())}
    for row in read(data / "mbpp/mbpp.jsonl.gz"):
        setup = row["test_setup_code"] and row["test_setup_code"] + "\n"
        yield {"id": f"Mbpp/{row['task_id']}", "solution": setup + row["code"] + "\n", "test": "\n".join(row["test_list"]),
               "first": len(setup.encode())}


def read(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def programs(data, count):
    """The reference solutions, then `count` edited variants, and those that are cut off between them."""
    everything = list(tasks(data))
    for task in everything:
        yield task["id"], task["solution"], task["test"]
    for row in json.loads(gzip.decompress((data / "mbpp/sanitized-mbpp.json.gz").read_bytes())):
        yield f"MbppSanitized/{row['task_id']}", row["code"] + "\n", "\n".join(row["test_imports"] + row["test_list"])
    makers = [(task, variants(task, number)) for number, task in enumerate(everything)]
    made = 0
    # HumanEval's tests are the stricter ones: three variants a turn, against one of MBPP.
    while makers:
        for task, maker in list(makers):
            for _ in range(3 if task["id"].startswith("HumanEval") else 1):
                variant = next(maker, None)
                if variant is None:
                    makers.remove((task, maker))
                    break
                yield (*variant, task["test"])
                made += "#cut_off" not in variant[0]
                if made == count:
                    return


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--variants", type=int, default=2000)
    options = parser.parse_args()
    for name, solution, test in programs(options.data, options.variants):
        sys.stdout.write(json.dumps({"id": name, "solution": solution, "test": test}) + "\n")


if __name__ == "__main__":
    main()
