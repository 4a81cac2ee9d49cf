#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: the GPU's numbers against the processor's, and training speed beside PyTorch's on the same
# card.
#
#     tests/peers/cuda_check.sh PYTHON [WORKLOAD...]
#
# PYTHON is an interpreter that has torch; a WORKLOAD is `reference` (default) or `phi-1-small`. Builds the example
# `device_numbers` with the feature `cuda` unless DEVICE_NUMBERS names a built one. Prints its JSON lines and torch's, then a
# table. Exit code 1 where a number is off by more than its bound, 4 without a GPU.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:?an interpreter that has torch}
shift
[ $# -gt 0 ] || set -- reference
if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L >/dev/null 2>&1; then
    echo "no GPU: nvidia-smi finds none here, so nothing was checked and nothing timed" >&2
    exit 4
fi
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
numbers=${DEVICE_NUMBERS:-}
if [ -z "$numbers" ]; then
    cargo build --release -p phi-candle --features cuda --example device_numbers
    numbers=target/release/examples/device_numbers
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for workload in "$@"; do
    "$numbers" cuda "$workload" | tee -a "$work/lines" || failed=$?
    for dtype in float32 bfloat16; do
        "$python" tests/peers/torch_gpu_training.py --workload "$workload" --dtype $dtype | tee -a "$work/lines"
    done
    "$python" tests/peers/torch_gpu_training.py --workload "$workload" --dtype bfloat16 --compile | tee -a "$work/lines" || true
done
"$python" - "$work/lines" <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
peaks = {(l["time"], l["dtype"]): l["product_peak_tflops"] for l in lines if "product_peak_tflops" in l}
short = {"float32": "f32", "bfloat16": "bf16"}
print(f"{'workload':<12} {'program':<24} {'dtype':<5} {'tokens/s':>10} {'TFLOP/s':>8} {'MFU':>6}")
for l in (l for l in lines if "time" in l):
    dtype = short.get(l["dtype"], l["dtype"])
    program = l["program"] + (" compiled" if l.get("compile") else "")
    share = l["tflops"] / peaks[l["time"], dtype]
    print(f"{l['time']:<12} {program:<24} {dtype:<5} {l['tokens_per_s']:>10.0f} {l['tflops']:>8.1f} {share:>6.1%}")
PY
exit $failed
