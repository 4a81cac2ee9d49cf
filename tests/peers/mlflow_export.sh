#!/usr/bin/env bash
# `phi-bench runs export --format mlflow` against a genuine MLflow server on the loopback.
#
#     python3 -m venv venv && venv/bin/pip install mlflow
#     tests/peers/mlflow_export.sh venv target/debug/phi-bench phi-bench-out/smoke
#
# Starts `mlflow server` on a free port with a store of its own, exports the run twice, and holds what MLflow's own client
# reads against `phi-bench runs show --json`.
set -euo pipefail
venv=$(cd "$1" && pwd)
binary=$2
run=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
(cd "$work" && exec "$venv/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 \
    --backend-store-uri "sqlite:///$work/mlflow.db" --artifacts-destination "$work/artifacts") >"$work/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 120); do
    "$venv/bin/python" -c "import urllib.request; urllib.request.urlopen('$url/health')" 2>/dev/null && break
    kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
    sleep 1
done

"$binary" runs export "$run" --format mlflow --mlflow "$url" --experiment "phi-bench peers"
again=$("$binary" runs export "$run" --format mlflow --mlflow "$url" --experiment "phi-bench peers" 2>&1)
echo "a second time: $again"
case $again in "0 runs sent"*) ;; *) echo "a second export sent runs again" >&2; exit 1 ;; esac
"$binary" runs show "$run" --json >"$work/run.json"
MLFLOW_TRACKING_URI=$url "$venv/bin/python" "$here/mlflow_check.py" "$work/run.json" "phi-bench peers"
