"""phi-bench's result files beside those that lm-evaluation-harness writes for the same model and tasks, key by key.

    python tests/peers/lm_eval_output.py PHI_BENCH MODEL_DIR [--tasks animals_shouted,sums]

The tasks are those of tests/fixtures/tasks, whose data lie beside them. Both programs write results_*.json and samples_*.jsonl;
this prints what is missing, what differs in value or type, and what phi-bench has beyond. It ends with 1 where a key is missing
or a value differs that isn't named in EXPECTED with its reason.

Needs lm-eval, torch, transformers and accelerate.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "tasks"

# What can't be equal, and why.
EXPECTED = {
    "date": "the time of the run",
    "start_time": "the time of the run",
    "end_time": "the time of the run",
    "total_evaluation_time_seconds": "the time of the run",
    "pretty_env_info": "PyTorch's environment",
    "transformers_version": "no transformers here",
    "lm_eval_version": "not lm-eval",
    "git_hash": "of whose repository it is",
    "upper_git_hash": "of whose repository it is",
    "model_name": "the harness's is the argument pretrained=",
    "model_source": "the harness says hf",
    "config": "the harness's arguments of its own",
    "config_source": "a path of the harness's machine",
    "fewshot_as_multiturn": "the harness's Python door says true even without a chat template",
}

PEER = r"""
import json, os, sys
folder, model, tasks, out = sys.argv[1:5]
import torch
torch.set_num_threads(1)
from lm_eval import simple_evaluate
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager
from pathlib import Path
sys.path[:0] = [str(f) for f in Path(folder).iterdir() if f.is_dir()]
manager = TaskManager(include_path=folder, include_defaults=False)
for task in tasks.split(","):
    # Data files are named from the task's folder.
    os.chdir(Path(manager.task_index[task].yaml_path).parent)
    tracker = EvaluationTracker(output_path=f"{out}/{task}")
    results = simple_evaluate(model="hf", model_args=f"pretrained={model},dtype=float32", tasks=[task], device="cpu",
                              batch_size=1, task_manager=manager, log_samples=True, evaluation_tracker=tracker)
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    tracker.save_results_samples(task_name=task, samples=samples[task])
"""


def run(command, env):
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr[-2000:]}")


def newest(folder, pattern):
    found = sorted(folder.rglob(pattern))
    if not found:
        sys.exit(f"no {pattern} under {folder}")
    return found[-1]


class Comparison:
    def __init__(self):
        self.faults, self.explained, self.extra = [], [], []

    def note(self, path, text):
        name = next((part for part in path if part in EXPECTED), None)
        line = f"{'.'.join(path)}: {text}"
        if name:
            self.explained.append(f"{line} ({EXPECTED[name]})")
        else:
            self.faults.append(line)

    def values(self, path, theirs, ours):
        if isinstance(theirs, dict) and isinstance(ours, dict):
            for key in theirs:
                if key in ours:
                    self.values([*path, key], theirs[key], ours[key])
                else:
                    self.note([*path, key], f"missing; the harness has {short(theirs[key])}")
            self.extra += [".".join([*path, key]) for key in ours if key not in theirs]
        elif isinstance(theirs, list) and isinstance(ours, list):
            if len(theirs) != len(ours):
                self.note(path, f"{len(theirs)} elements there, {len(ours)} here")
            for i, (one, other) in enumerate(zip(theirs, ours)):
                self.values([*path, str(i)], one, other)
        elif not alike(theirs, ours):
            self.note(path, f"{short(theirs)} there, {short(ours)} here")


def alike(theirs, ours):
    """Equal, functions of a task (which the harness writes as their source or their address), or numbers (or texts of numbers) within the rounding of log-probabilities."""
    if theirs == ours and type(theirs) is type(ours):
        return True
    if isinstance(ours, str) and ours.startswith("!function ") and str(theirs).startswith(("def ", "<function ")):
        return True
    try:
        return type(theirs) is type(ours) and abs(float(theirs) - float(ours)) <= 1e-4 * max(1, abs(float(theirs)))
    except (TypeError, ValueError):
        return False


def short(value):
    text = json.dumps(value)
    return text if len(text) <= 90 else text[:87] + "..."


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--tasks", default="animals_shouted,sums")
    args = parser.parse_args()
    binary, model = args.binary.resolve(), args.model.resolve()
    env = dict(os.environ, HF_DATASETS_OFFLINE="1", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    with tempfile.TemporaryDirectory() as work:
        theirs, ours = pathlib.Path(work, "theirs"), pathlib.Path(work, "ours")
        run([sys.executable, "-c", PEER, FIXTURES, model, args.tasks, theirs], env)
        comparison = Comparison()
        for task in args.tasks.split(","):
            run([binary, "eval", "--model", model, "--tasks", task, "--include-path", FIXTURES, "--no-cache",
                 "--output-path", ours / task, "--log-samples"], env)
            folders = (theirs / task, ours / task)
            results = [json.loads(newest(folder, "results_*.json").read_text()) for folder in folders]
            comparison.values([task], *results)
            rows = [[json.loads(line) for line in newest(f, f"samples_{task}_*.jsonl").read_text().splitlines()]
                    for f in folders]
            by_id = [sorted(r, key=lambda row: (row["doc_id"], row["filter"])) for r in rows]
            comparison.values([f"{task}.samples"], *by_id)
    print(f"{len(comparison.extra)} keys beyond the harness's; their last parts:",
          ", ".join(sorted({e.rsplit('.', 1)[-1] for e in comparison.extra})))
    print(f"{len(comparison.explained)} differences that must be:")
    print("\n".join(f"  {line}" for line in comparison.explained))
    print(f"{len(comparison.faults)} that must not be:")
    print("\n".join(f"  {line}" for line in comparison.faults[:60]))
    sys.exit(bool(comparison.faults))


main()
