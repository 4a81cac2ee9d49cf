#!/usr/bin/env bash
# Rebuilds the interpreters that phi-sandbox carries: build.sh cpython|rustpython ...
# `build.sh --check` rebuilds those whose sources aren't the recorded ones, and fails if another interpreter comes out.
# What it needs is told in README.md. Everything intermediate lies under $GUEST_BUILD_DIR, outside the checkout.
set -euo pipefail
guests=$(cd "$(dirname "$0")" && pwd)
work=${GUEST_BUILD_DIR:-${TMPDIR:-/tmp}/phi-bench-guests}

# What a cold interpreter imports, in this order, before its memory is kept. Of `python/`, both guests take all.
shared=()
for module in preload bake outcome neighbours lineup namespaces equality; do shared+=("$guests/python/$module.py"); done
sources_of_cpython() { echo "$work/library" "${shared[@]}" "$guests/cpython/finish.py"; }
sources_of_rustpython() {
    echo "$guests/rustpython/src/platform_parts.py" "${shared[@]}" "$guests"/rustpython/src/{virtual,blind,library,finish}.py
}

# Leaves $work/NAME.wasm: the cold interpreter, started, its library imported, and its memory kept as it is then.
build() {
    mkdir -p "$work"
    "$guests/$1/build.sh" "$work"
    local sources
    read -ra sources <<<"$("sources_of_$1")"
    (cd "$guests/../.." && cargo run -q --locked -p phi-sandbox --example snapshot_guest -- \
        "$work/$1-cold.wasm" "$work/$1.wasm" "${sources[@]}")
}

case "${1:-}" in
"") echo "usage: $0 cpython|rustpython ... | --check" >&2; exit 2 ;;
--check)
    for name in $(python3 "$guests/artefacts.py" stale); do
        echo "$name: the sources aren't those that artefacts.json records; rebuilding"
        build "$name"
        python3 "$guests/artefacts.py" compare "$name" "$work/$name.wasm"
    done
    ;;
*)
    for name in "$@"; do
        build "$name"
        zstd -19 --force --quiet "$work/$name.wasm" -o "$guests/$name.wasm.zst"
        python3 "$guests/artefacts.py" record "$name" "$work/$name.wasm"
    done
    ;;
esac
