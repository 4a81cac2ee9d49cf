#!/usr/bin/env bash
# Rebuilds the interpreters that phi-sandbox carries: build.sh cpython|rustpython ...
# Needs python3 with venv (cpython), a rustc that builds std for wasm32-unknown-unknown (rustpython; see README.md), zstd.
# Everything intermediate lies under $GUEST_BUILD_DIR, outside the checkout.
set -euo pipefail
guests=$(cd "$(dirname "$0")" && pwd)
work=${GUEST_BUILD_DIR:-${TMPDIR:-/tmp}/phi-bench-guests}
mkdir -p "$work"

COMPONENTIZE_PY=0.25.1

build_cpython() {
    if ! [ -x "$work/venv/bin/componentize-py" ]; then
        python3 -m venv "$work/venv"
        "$work/venv/bin/pip" install --quiet "componentize-py==$COMPONENTIZE_PY"
    fi
    # componentize-py writes next to what it reads, so it gets a copy.
    rm -rf "$work/cpython"
    cp -r "$guests/cpython" "$work/cpython"
    cp "$guests"/python/*.py "$work/cpython"
    (cd "$work/cpython" && PYTHONHASHSEED=0 "$work/venv/bin/componentize-py" --wit-path runner.wit --world runner \
        componentize --stub-wasi app --output "$work/cpython.wasm")
}

build_rustpython() {
    local flags=(--cfg 'getrandom_backend="custom"' "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
        "--remap-path-prefix=$(cd "$guests/../.." && pwd)=/src" --remap-path-prefix=/usr/lib/rustlib=/rustlib
        --remap-path-prefix=/usr/src=/usr-src)
    (cd "$guests/rustpython" &&
        CARGO_TARGET_DIR="$work/target" RUSTC=${GUEST_RUSTC:-/usr/bin/rustc} RUSTC_BOOTSTRAP=1 \
            RUSTFLAGS="${flags[*]}" \
            CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=${GUEST_LINKER:-rust-lld} \
            cargo build --locked --release -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown)
    cp "$work/target/wasm32-unknown-unknown/release/rustpython_guest.wasm" "$work/rustpython-cold.wasm"
    # Starts the interpreter, imports the library, and keeps the memory as it is then.
    (cd "$guests/../.." && cargo run -q -p phi-sandbox --example snapshot_guest -- \
        "$work/rustpython-cold.wasm" "$work/rustpython.wasm" "$guests"/rustpython/src/platform_parts.py \
        "$guests"/python/{preload,bake,outcome,equality,virtual}.py "$guests"/rustpython/src/finish.py)
}

# Names of registry folders in panic messages say where an artefact was built, which is no one's concern. Same length, so
# that the module stays valid.
scrub() {
    python3 - "$1" <<'PYTHON'
import pathlib, re, sys
path = pathlib.Path(sys.argv[1])
path.write_bytes(re.sub(rb"index\.crates\.io-[0-9a-f]{16}", b"registry".ljust(32, b"-"), path.read_bytes()))
PYTHON
}

# Writes the checksums of a guest into artefacts.json.
record() {
    python3 - "$guests" "$work" "$1" <<'PYTHON'
import hashlib, json, pathlib, sys
guests, work, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
sources = hashlib.sha256()
for path in sorted([guests / "build.sh", *(guests / "python").rglob("*"), *(guests / name).rglob("*")]):
    if path.is_file() and "__pycache__" not in path.parts:
        sources.update(f"{path.relative_to(guests)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
record = guests / "artefacts.json"
content = json.loads(record.read_text()) if record.exists() else {}
content[name] = {
    "compressed_sha256": digest(guests / f"{name}.wasm.zst"),
    "wasm_sha256": digest(work / f"{name}.wasm"),
    "sources_sha256": sources.hexdigest(),
}
record.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
PYTHON
}

[ $# -gt 0 ] || { echo "usage: $0 cpython|rustpython ..." >&2; exit 2; }
for name in "$@"; do
    "build_$name"
    scrub "$work/$name.wasm"
    zstd -19 --force --quiet "$work/$name.wasm" -o "$guests/$name.wasm.zst"
    record "$name"
done
