"""phi-bench against PyPI `lm-eval` (its `hf` back end), whole processes, alternately, on the same cores.

    PHI_BENCH_DATA=DATA python tests/peers/lm_eval_speed.py PHI_BENCH TOKENIZER_DIR [--work DIR] [--rounds N]
        [--tasks loglikelihood,generation] [--threads 2]

PHI_BENCH is a release binary; TOKENIZER_DIR holds a tokenizer.json of at most 2048 entries. The model is a Phi of 12
layers, hidden size 768, 12 heads and 2048 tokens with random weights (seed 1), f32.

  loglikelihood  arc_easy, --limit 100; lm-eval at batch sizes 1, 8 and 16; scores are compared.
  generation     128 greedy tokens at most for the first 16 HumanEval prompts; lm-eval at batch sizes 1, 8 and 16; texts
                 are compared. phi-bench's time has the running of the 16 programs in its sandbox in it.

Needs lm-eval, torch, transformers and accelerate. lm-eval runs offline on requests that `phi-bench tasks requests` wrote, so
both answer the same bytes. Prints seconds and the ratio to lm-eval's best batch size: of whole processes, and with lm-eval's
imports and loading left out.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

PEER = r"""
import json, sys, time
model_dir, requests, batch, threads, out = sys.argv[1:6]
import torch
torch.set_num_threads(int(threads))
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
lm = HFLM(pretrained=model_dir, device="cpu", dtype="float32", batch_size=int(batch))
rows = [json.loads(line) for line in open(requests)]
kind = "generate_until" if isinstance(rows[0][1], dict) else "loglikelihood"
instances = [Instance(request_type=kind, doc={}, arguments=tuple(r), idx=i) for i, r in enumerate(rows)]
start = time.time()
answers = getattr(lm, kind)(instances, disable_tqdm=True)
json.dump({"seconds": time.time() - start, "answers": answers}, open(out, "w"))
"""


def make_model(folder, tokenizer):
    import torch
    import transformers
    if (folder / "model.safetensors").exists():
        return
    torch.manual_seed(1)
    config = transformers.PhiConfig(vocab_size=2048, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                                    num_attention_heads=12, max_position_embeddings=2048, bos_token_id=0,
                                    eos_token_id=0)
    transformers.PhiForCausalLM(config).float().save_pretrained(folder)
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(tokenizer / name, folder / name)


def run(command, env):
    """Output of a process; ends the script where it fails."""
    process = subprocess.run(command, env=env, capture_output=True, text=True)
    if process.returncode:
        sys.exit(f"{' '.join(command[:3])} failed: {process.stderr[-2000:]}")
    return process.stdout, process.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("tokenizer", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/lm-eval-speed"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", default="loglikelihood,generation")
    parser.add_argument("--batches", default="1,8,16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=100)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    model = args.work / "model"
    make_model(model, args.tokenizer)
    env = dict(os.environ, OMP_NUM_THREADS=str(args.threads), HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    batches = [int(b) for b in args.batches.split(",")]
    for kind in args.tasks.split(","):
        compare(kind, args, model, env, batches)


TASKS = {"loglikelihood": ("arc_easy", None), "generation": ("humaneval", 128)}


def requests_of(kind, args, env):
    """The requests as `[prompt, continuation]` or `[prompt, settings]`, one a line."""
    path = args.work / f"{kind}.jsonl"
    (task, most), limit = TASKS[kind], limit_of(kind, args)
    out, _ = run([args.binary, "tasks", "requests", task, "--limit", limit], env)
    rows = [json.loads(line) for line in out.splitlines()]
    if kind == "generation":
        rows = [[prompt, dict(settings, max_gen_toks=most)] for prompt, settings in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def limit_of(kind, args):
    return str(args.limit if kind == "loglikelihood" else 16)


def ours(kind, args, model, env):
    """One `phi-bench eval`: seconds and its answers."""
    (task, most), out = TASKS[kind], args.work / "own"
    shutil.rmtree(out, ignore_errors=True)
    command = [args.binary, "eval", "--model", str(model), "--tasks", task, "--limit", limit_of(kind, args),
               "--threads", str(args.threads), "--output-path", str(out), "--log-samples", "--no-cache"]
    if most:
        command += ["--max-tokens", str(most)]
    start = time.time()
    run(command, env)
    seconds = time.time() - start
    [samples] = out.glob(f"*/samples_{task}_*.jsonl")
    return seconds, [answer for line in samples.read_text().splitlines() for [answer] in json.loads(line)["resps"]]


def compare(kind, args, model, env, batches):
    requests = requests_of(kind, args, env)
    wall, answering, theirs, own = {}, {}, None, None
    for _ in range(args.rounds):
        for batch in batches:
            out = args.work / "peer.json"
            start = time.time()
            run([sys.executable, "-c", PEER, str(model), str(requests), str(batch), str(args.threads), str(out)], env)
            given = json.loads(out.read_text())
            wall.setdefault(batch, []).append(time.time() - start)
            answering.setdefault(batch, []).append(given["seconds"])
            theirs = theirs or given["answers"]
        seconds, own = ours(kind, args, model, env)
        wall.setdefault("own", []).append(seconds)
    best = {key: min(runs) for key, runs in wall.items()}
    for batch in batches:
        print(f"{kind}: lm-eval, batch size {batch}: {best[batch]:.2f} s, {min(answering[batch]):.2f} s of it answering")
    print(f"{kind}: phi-bench: {best['own']:.2f} s" + (", its sandbox included" if kind == "generation" else ""))
    print(f"{kind}: {min(best[b] for b in batches) / best['own']:.2f} times as fast as lm-eval's best, whole processes; "
          f"{min(min(answering[b]) for b in batches) / best['own']:.2f} times if lm-eval's start is left out")
    if kind == "loglikelihood":
        worst = max(abs(a[0] - float(b[0])) for a, b in zip(theirs, own, strict=True))
        greedy = sum(str(bool(a[1])) != b[1] for a, b in zip(theirs, own))
        print(f"{kind}: {len(own)} answers, largest difference {worst:.1e}, {greedy} differ in is_greedy")
    else:
        print(f"{kind}: {sum(a == b for a, b in zip(theirs, own, strict=True))} of {len(own)} texts equal")


if __name__ == "__main__":
    main()
