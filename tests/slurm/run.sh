#!/usr/bin/env bash
# Runs an ablation on a real Slurm and holds it against the same ablation run locally: the same results, bit for bit.
# On the way the waiting program is killed and started again, jobs are cancelled, and a step's output is damaged.
#   tests/slurm/run.sh [PHI_BENCH]      the binary; target/debug/phi-bench if left out
# Left out, with a line that says so, where Slurm can't be had (it needs root, and Debian's slurm-wlm and munge).
set -euo pipefail
cd "$(dirname "$0")/../.."
phi_bench=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/debug/phi-bench}")

left_out() {
    echo "Slurm test left out: $*"
    exit 0
}
[ "$(id -u)" = 0 ] || left_out "it needs root, to start a Slurm of its own"
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
    command -v apt-get >/dev/null || left_out "there is no slurm-wlm here, and no apt-get to install it"
    { timeout 120 apt-get update -qq && timeout 240 apt-get install -y -qq --no-install-recommends slurm-wlm munge; } \
        >/dev/null 2>&1 || left_out "slurm-wlm and munge can't be installed"
fi

dir=$(mktemp -d)
# What can't be tidied up says nothing of what was tested.
cleanup() {
    tests/slurm/cluster.sh stop "$dir/cluster" || true
    rm -rf "$dir" || echo "left behind: $dir"
}
trap cleanup EXIT
fail() {
    echo "FAILED: $*" >&2
    tail -n 20 "$dir"/*.log "$dir"/shared/slurm/*.log "$dir"/cluster/ctld.log >&2 || true
    exit 1
}
eval "$(tests/slurm/cluster.sh start "$dir/cluster")" || left_out "Slurm does not start on this machine"
recipe=tests/fixtures/tiny.toml
on_slurm=("$phi_bench" ablate "$recipe" --out "$dir/shared" --executor slurm)

echo "== locally"
timeout 300 "$phi_bench" ablate "$recipe" --out "$dir/local" >"$dir/local.log" 2>&1 || fail "the local run"

echo "== submitted, and left alone"
timeout 60 "${on_slurm[@]}" --detach >"$dir/detach.log" 2>&1 || fail "--detach"
jobs=$(squeue -h -r | wc -l)
[ "$jobs" -gt 5 ] || fail "only $jobs tasks are in the queue"

echo "== waited for, killed, cancelled ($jobs tasks in the queue)"
"${on_slurm[@]}" >"$dir/killed.log" 2>&1 &
waiting=$!
sleep 5
kill -9 $waiting
wait $waiting 2>/dev/null || true
grep -q "are still in the queue" "$dir/killed.log" || fail "the jobs of the first run were not found again"
timeout 60 "$phi_bench" ablate cancel "$dir/shared" >"$dir/cancel.log" 2>&1 || fail "cancel"
for _ in $(seq 40); do
    [ -z "$(squeue -h)" ] && break
    sleep 0.5
done
[ -z "$(squeue -h)" ] || fail "jobs are left after cancel"

echo "== what is missing, submitted again"
timeout 300 "${on_slurm[@]}" >"$dir/first.log" 2>&1 || fail "the run on Slurm"
[ -z "$(squeue -h)" ] || fail "jobs are left at the end"

echo "== a damaged output, done again"
victim=$(find "$dir/shared/steps" -path '*align-*' -name model.safetensors | sort | head -n 1)
truncate -s -7 "$victim"
timeout 120 "${on_slurm[@]}" >"$dir/second.log" 2>&1 || fail "the run after the damage"
grep -q "was damaged" "$dir/second.log" || fail "the damage was not told"
grep -q "1 of 17 steps to do" "$dir/second.log" || fail "more than the damaged step was done"

echo "== a step that fails, told with its cause; the others go on"
cat "$recipe" >"$dir/failing.toml"
cat >>"$dir/failing.toml" <<'TOML'

[[arms]]
name = "diverging"
init = "scratch"
pretrain_optimiser = { learning_rate = 10.0, warmup_steps = 0, weight_decay = 10.0 }
TOML
status=0
timeout 300 "$phi_bench" ablate "$dir/failing.toml" --out "$dir/shared" --update --executor slurm >"$dir/failing.log" 2>&1 || status=$?
[ "$status" = 3 ] || fail "a diverging arm ended with $status"
grep -q "training diverged" "$dir/failing.log" || fail "the cause of the failure was not told"
grep -q "report.html" "$dir/failing.log" || fail "there is no report of the arms that are whole"

echo "== the same results?"
timeout 60 "$phi_bench" ablate "$recipe" --out "$dir/shared" --update >"$dir/third.log" 2>&1 || fail "the last run"
for run in local shared; do
    "$phi_bench" report "$dir/$run" --json >"$dir/$run.json" || fail "report $run"
done
python3 - "$dir/local.json" "$dir/shared.json" <<'PYTHON' || fail "Slurm and the local run differ"
import json, sys

def results(path):
    run = json.load(open(path))
    for field in ("started_unix_s", "compute_s", "environment", "command"):
        run.pop(field)
    for arm in run["arms"]:
        for field in ("train_s", "latency_ms_per_token"):
            arm.pop(field, None)
    for step in run["steps"]:
        step.pop("seconds")
    return run

local, slurm = (results(path) for path in sys.argv[1:])
assert local["arms"] and local == slurm
print(f"{len(local['arms'])} arms and seeds, {sum(len(a['samples']) for a in local['arms'])} samples: equal")
PYTHON
echo "== Slurm test passed after $SECONDS s"
