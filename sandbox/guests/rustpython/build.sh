#!/usr/bin/env bash
# Builds RustPython for WebAssembly, cold: build.sh WORK, where WORK/rustpython-cold.wasm is left. Called by ../build.sh.
# Needs a rustc with its standard library's sources ($GUEST_RUSTC; Debian's rustc-web and rust-web-src otherwise), and patch.
# The same sources give the same bytes, wherever this checkout, WORK and cargo's home lie.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(realpath "$1")

RUST=1.96
rustc=${GUEST_RUSTC:-/usr/bin/rustc}
case "$("$rustc" --version 2>/dev/null)" in
"rustc $RUST".*) ;;
*) echo "the rustpython guest is built by rustc $RUST: install Debian's rustc-web and rust-web-src, or set GUEST_RUSTC" >&2; exit 1 ;;
esac

# Debian's rust-lld may be a dangling link; rustup's toolchain brings one.
linkers=("$(rustc --print sysroot)"/lib/rustlib/*/bin/rust-lld)

# The workspace that is built: a copy, with the patched crate inside. Cargo hashes where a package lies, relative to the
# workspace, and symbols are named and ordered by that hash.
rm -rf "$work/rustpython"
mkdir -p "$work/rustpython"
cp -rp "$here"/{Cargo.toml,Cargo.lock,build.rs,src} "$work/rustpython"
cd "$work/rustpython"
cargo fetch --quiet --locked

# Sources of crates, as this cargo keeps them.
derive=rustpython-derive-impl
crates=$(cargo metadata --locked --offline --format-version 1 | python3 -c "
import json, os, sys
print(*(os.path.dirname(os.path.dirname(package['manifest_path']))
        for package in json.load(sys.stdin)['packages'] if package['name'] == '$derive'))")
# The macros of RustPython 0.6 write a class's properties and the frozen library in the order of a hash map, another in each run.
cp -r "$crates/$derive-0.6.0" "$derive"
patch -s --fuzz=0 -d "$derive" -p1 <"$here/patches/$derive-0.6.0.patch"
printf '\n[patch.crates-io]\n%s = { path = "%s" }\n' "$derive" "$derive" >>Cargo.toml
# A package of a path has no source in the lock.
awk -v name="name = \"$derive\"" '/^name = / { patched = $0 == name } !(patched && /^(source|checksum) = /)' \
    "$here/Cargo.lock" >Cargo.lock

# No path of this machine gets into the module: the last prefix that fits is taken. The flags come by a script of this name
# because cargo hashes those it is told, RUSTFLAGS, into the names of files.
flags=()
for pair in "$work=/guests" "$work/rustpython=/guest" /usr/src=/usr-src "$("$rustc" --print sysroot)/lib/rustlib=/rustlib" \
    "${CARGO_HOME:-$HOME/.cargo}=/cargo" "$crates=/crates"; do
    flags+=("--remap-path-prefix=$pair")
done
mkdir -p "$work/bin"
{ printf '#!/bin/sh\nexec'; printf ' %q' "$rustc"; printf ' "$@"'; printf ' %q' "${flags[@]}"; echo; } >"$work/bin/rustc-remapped"
# RustPython's build script writes git's answers into `sys.version`, or the time if there is none. This git knows a time only.
printf '#!/bin/sh\n[ "$1" = log ] && echo 0\n' >"$work/bin/git"
chmod +x "$work/bin"/{rustc-remapped,git}

CARGO_TARGET_DIR="$work/target" RUSTC="$work/bin/rustc-remapped" RUSTC_BOOTSTRAP=1 RUSTFLAGS='--cfg getrandom_backend="custom"' \
    PATH="$work/bin:$PATH" TZ=UTC CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=${GUEST_LINKER:-${linkers[0]}} \
    cargo build --locked --release -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown
cp "$work/target/wasm32-unknown-unknown/release/rustpython_guest.wasm" "$work/rustpython-cold.wasm"
