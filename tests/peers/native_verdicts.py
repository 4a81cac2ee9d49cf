#!/usr/bin/env python3
"""What a native CPython says of programs: the truth that the sandbox's verdicts are held against.

    python3 tests/peers/native_verdicts.py PYTHON < programs.jsonl > verdicts.tsv

Each program runs in a process of its own, once for each of two seeds of string hashes: 10 s of processor time, 1 GiB of address
space. A line: id, the first 16 hex digits of the SHA-256 of solution, NUL, test; then `passed`, `failed` with the exception's
class, `syntax_error`, `exited`, `timed_out`, `crashed`, or both verdicts joined by ` | ` where they depend on the seed.
Only for programs made by broken_variants.py: this isn't a sandbox.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
import tempfile

CPU_SECONDS = 10
ADDRESS_SPACE_BYTES = 1 << 30


def run_one():
    """The child: reads a program from standard input and writes its verdict to standard output."""
    import resource
    import warnings

    program = json.load(sys.stdin)
    report = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    names = {"__name__": "__main__"}
    try:
        solution = compile(program["solution"], "<solution>", "exec", dont_inherit=True)
        test = compile(program["test"], "<test>", "exec", dont_inherit=True)
    except SyntaxError as error:
        verdict = "syntax_error " + type(error).__name__
    else:
        try:
            exec(solution, names)
            exec(test, names)
            verdict = "passed"
        except SystemExit:
            verdict = "exited"
        except BaseException as error:
            verdict = "failed " + type(error).__name__
    os.write(report, verdict.encode())
    os._exit(0)


def verdict_of(python, program, seed):
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.run(
            [python, "-s", os.path.abspath(__file__), "--one"], input=json.dumps(program).encode(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env={"PYTHONHASHSEED": str(seed)}, check=False)
    if child.stdout:
        return child.stdout.decode()
    return "timed_out" if child.returncode in (-24, -9) else "exited" if child.returncode >= 0 else "crashed"


def verdict(python, program):
    first = verdict_of(python, program, 0)
    if first == "timed_out" or first.startswith("syntax_error"):
        return first
    second = verdict_of(python, program, 1)
    return first if first == second else f"{first} | {second}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("python")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    programs = [json.loads(line) for line in sys.stdin]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for program, said in zip(programs, pool.map(lambda program: verdict(options.python, program), programs)):
            digest = hashlib.sha256(f"{program['solution']}\0{program['test']}".encode()).hexdigest()
            print(program["id"], digest[:16], said, sep="\t", flush=True)


if __name__ == "__main__":
    run_one() if sys.argv[1:] == ["--one"] else main()
