#!/usr/bin/env python3
"""Other programs read what `phi-bench runs export` writes: TensorBoard its event files, pyarrow the parquet tables.

    python3 -m venv venv && venv/bin/pip install tensorboard pyarrow
    venv/bin/python tests/peers/exports.py target/debug/phi-bench phi-bench-out/smoke

The second argument is an ablation's output folder. Values are held against `phi-bench runs show --json`.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

binary, run = sys.argv[1:3]


def phi_bench(*words):
    return subprocess.run([binary, "runs", *words], check=True, capture_output=True, text=True).stdout


expected = json.loads(phi_bench("show", run, "--json"))
folder = Path(tempfile.mkdtemp())
faults = 0


def same(what, found, wanted):
    global faults
    if found != wanted:
        faults += 1
        print(f"DIFFERS: {what}: {found!r}, not {wanted!r}")


phi_bench("export", run, "--format", "tensorboard", "--out", str(folder / "logs"))
n_scalars = 0
for arm in expected["arms"]:
    events = EventAccumulator(str(folder / "logs" / f"{arm['arm']}-seed{arm['seed']}"), size_guidance={"scalars": 0})
    events.Reload()
    for phase in ["pretrain", "align"]:
        points = [p for p in arm["curve"] if p["phase"] == phase and p["val_loss"] is not None]
        if points:
            scalars = events.Scalars(f"val_loss/{phase}")
            n_scalars += len(scalars)
            same("number of points", len(scalars), len(points))
            for scalar, point in zip(scalars, points):
                if not math.isclose(scalar.value, point["val_loss"], rel_tol=1e-6):
                    same(f"val_loss at {scalar.step}", scalar.value, point["val_loss"])
            if phase == "pretrain":
                same("steps", [s.step for s in scalars], [p["step"] for p in points])
    for score in arm["scores"]:
        [scalar] = events.Scalars(f"{score['task']}/{score['metric']}")
        n_scalars += 1
        if not math.isclose(scalar.value, score["value"], rel_tol=1e-6, abs_tol=1e-9):
            same("score", scalar.value, score["value"])
print(f"TensorBoard read {n_scalars} scalars of {len(expected['arms'])} arm runs")

phi_bench("export", run, "--format", "parquet", "--out", str(folder / "tables"))
tables = {name: pyarrow.parquet.read_table(folder / "tables" / f"{name}.parquet") for name in
          ["scores", "curves", "score_curves", "values", "answers"]}
scores = tables["scores"].to_pylist()
wanted = [(arm["arm"], arm["seed"], s["task"], s["metric"], s["value"], s["n"]) for arm in expected["arms"] for s in arm["scores"]]
same("scores", [(s["arm"], s["seed"], s["task"], s["metric"], s["value"], s["n"]) for s in scores], wanted)
same("points of curves", tables["curves"].num_rows, sum(len(arm["curve"]) for arm in expected["arms"]))
print("pyarrow read", ", ".join(f"{table.num_rows} rows of {name}" for name, table in tables.items()))
sys.exit(1 if faults else 0)
