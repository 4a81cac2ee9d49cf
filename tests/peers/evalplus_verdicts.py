#!/usr/bin/env python3
"""What EvalPlus itself says of programs for HumanEval's questions.

    pip install evalplus==0.3.1
    python3 tests/peers/evalplus_verdicts.py DATA < programs.jsonl > evalplus.tsv

DATA holds humaneval_plus/HumanEvalPlus.jsonl.gz; the programs are broken_variants.py's, and
EvalPlus's own references are judged after them. A line: id, the first 16 hex digits of
the SHA-256 of the solution, then `pass`, `fail` or `timeout` on the base inputs, and the same on the plus inputs.
"""

import argparse
import concurrent.futures
import gzip
import hashlib
import json
import os
import pathlib
import sys
import time

from evalplus.eval import untrusted_check
from evalplus.gen.util import trusted_exec

# EvalPlus's own second is too short on a busy machine.
SECONDS_AN_INPUT = 8.0
# Programs that take longer in all, so also those that don't end, are left out: each would take the sandbox's test a minute.
SLOW_SECONDS = 1.0


def check(problem, expected, solution):
    def status(inputs):
        outputs, seconds = expected[inputs]
        return untrusted_check("humaneval", solution, problem[inputs], problem["entry_point"], outputs, problem["atol"],
                               seconds, fast_check=True, min_time_limit=SECONDS_AN_INPUT)[0]

    started = time.monotonic()
    return status("base_input"), status("plus_input"), time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with gzip.open(options.data / "humaneval_plus/HumanEvalPlus.jsonl.gz", "rt", encoding="utf-8") as lines:
        problems = {row["task_id"]: row for row in map(json.loads, lines)}
    programs = [row for row in map(json.loads, sys.stdin) if row["id"].startswith("HumanEval/")]
    expected = {}
    for name, problem in problems.items():
        reference = problem["prompt"] + problem["canonical_solution"]
        programs.append({"id": f"{name}#plus_reference", "solution": reference + "\n"})
        expected[name] = {inputs: trusted_exec(reference, problem[inputs], problem["entry_point"], record_time=True)
                          for inputs in ("base_input", "plus_input")}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        names = [row["id"].split("#")[0] for row in programs]
        said = pool.map(lambda name, row: check(problems[name], expected[name], row["solution"]), names, programs)
        for row, (base, plus, seconds) in zip(programs, said):
            if seconds > SLOW_SECONDS and not row["id"].endswith("#plus_reference"):
                continue
            digest = hashlib.sha256(row["solution"].encode()).hexdigest()
            print(row["id"], digest[:16], base, plus, sep="\t", flush=True)


if __name__ == "__main__":
    main()
