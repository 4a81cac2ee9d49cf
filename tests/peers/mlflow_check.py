"""Holds what an MLflow server has of an experiment against a run's JSON; called by mlflow_export.sh."""

import json
import math
import sys

from mlflow.tracking import MlflowClient

expected = json.load(open(sys.argv[1]))
client = MlflowClient()
experiment = client.get_experiment_by_name(sys.argv[2])
found = {run.data.tags["phi_bench.arm_run"]: run for run in client.search_runs([experiment.experiment_id])}
names = {f"{arm['arm']} seed {arm['seed']}" for arm in expected["arms"]}
assert set(found) == names, (set(found), names)
n_points = 0
for arm in expected["arms"]:
    run = found[f"{arm['arm']} seed {arm['seed']}"]
    assert run.info.status == "FINISHED" and run.data.tags["phi_bench.run"] == expected["key"]
    assert run.data.params["seed"] == str(arm["seed"]) and run.data.params["params"] == str(arm["params"])
    for score in arm["scores"]:
        metric = f"{score['task']}/{score['metric']}".replace("@", "_at_").replace(",", "_")
        assert math.isclose(run.data.metrics[metric], score["value"]), metric
    points = [p for p in arm["curve"] if p["phase"] == "pretrain" and p["val_loss"] is not None]
    if points:
        history = sorted(client.get_metric_history(run.info.run_id, "val_loss/pretrain"), key=lambda m: m.step)
        assert [m.step for m in history] == [p["step"] for p in points]
        assert all(math.isclose(m.value, p["val_loss"]) for m, p in zip(history, points))
        n_points += len(history)
print(f"MLflow's client read {len(found)} runs and {n_points} points of curves, all as they were")
