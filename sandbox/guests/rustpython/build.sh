#!/usr/bin/env bash
# Builds RustPython for WebAssembly, cold: build.sh WORK, where WORK/rustpython-cold.wasm is left. Called by ../build.sh.
# Needs a rustc with its standard library's sources ($GUEST_RUSTC; Debian's rustc-web and rust-web-src otherwise).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1

RUST=1.96
rustc=${GUEST_RUSTC:-/usr/bin/rustc}
case "$("$rustc" --version 2>/dev/null)" in
"rustc $RUST".*) ;;
*) echo "the rustpython guest is built by rustc $RUST: install Debian's rustc-web and rust-web-src, or set GUEST_RUSTC" >&2; exit 1 ;;
esac

# Debian's rust-lld may be a dangling link; rustup's toolchain brings one.
linkers=("$(rustc --print sysroot)"/lib/rustlib/*/bin/rust-lld)
cd "$here"
cargo fetch --quiet --locked
# No path of this machine gets into the module. The last prefix that fits is taken.
flags=(--cfg 'getrandom_backend="custom"')
cargo_home=${CARGO_HOME:-$HOME/.cargo}
for pair in "$work=/guests" "$here=/guest" /usr/src=/usr-src /usr/lib/rustlib=/rustlib "$cargo_home=/cargo"; do
    flags+=("--remap-path-prefix=$pair")
done
for registry in "$cargo_home"/registry/src/*; do flags+=("--remap-path-prefix=$registry=/crates"); done
CARGO_TARGET_DIR="$work/target" RUSTC=$rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="${flags[*]}" \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=${GUEST_LINKER:-${linkers[0]}} \
    cargo build --locked --release -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown
cp "$work/target/wasm32-unknown-unknown/release/rustpython_guest.wasm" "$work/rustpython-cold.wasm"
