#!/usr/bin/env bash
# Builds CPython for WebAssembly, cold: build.sh WORK, where WORK/cpython-cold.wasm and WORK/library are left. Called by ../build.sh.
# Needs python3 with venv and network (the compiler, zig, comes from PyPI), gcc and make (for a native CPython of the same
# version, which the cross build needs), patch, and CPython's sources: $CPYTHON_TARBALL, or python.org, or Debian's archive.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1

ZIG=0.15.2
CPYTHON=3.13.5
CPYTHON_SHA256=93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640
jobs=$(nproc)
export PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=0

is_right() { echo "$CPYTHON_SHA256  $1" | sha256sum --check --status 2>/dev/null; }

# Debian's archive, as this machine's own package lists name it: the source package of the release that has this version.
from_debian() {
    local apt=$work/apt
    mkdir -p "$apt/lists/partial" "$apt/sources"
    sed -E 's/^Types:.*/Types: deb-src/; s/^Suites:.*/Suites: trixie/' /etc/apt/sources.list.d/debian.sources |
        awk 'BEGIN { RS = ""; ORS = "\n\n" } !/security/' >"$apt/sources/debian.sources"
    local options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/sources" -o "Dir::State::lists=$apt/lists")
    apt-get "${options[@]}" -qq update
    (cd "$work" && apt-get "${options[@]}" -qq source --download-only python3.13 && mv python3.13_*.orig.tar.xz "$1")
}

tarball=${CPYTHON_TARBALL:-$work/Python-$CPYTHON.tar.xz}
is_right "$tarball" || curl -fsSL "https://www.python.org/ftp/python/$CPYTHON/Python-$CPYTHON.tar.xz" -o "$tarball" || true
is_right "$tarball" || from_debian "$tarball"
is_right "$tarball" || { echo "no CPython $CPYTHON with SHA-256 $CPYTHON_SHA256: set CPYTHON_TARBALL" >&2; exit 1; }

venv=$work/venv-zig-$ZIG
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet "ziglang==$ZIG"
tool() {
    printf '#!/bin/sh\nexec %q -m ziglang %s "$@"\n' "$venv/bin/python" "$2" >"$work/$1"
    chmod +x "$work/$1"
}
tool zigcc 'cc -target wasm32-wasi'
tool zigar ar
tool zigranlib ranlib

# The sources lie next to the build folders under one name, so that no path of the machine gets into the module.
source=$work/Python-$CPYTHON
native=$work/native-$CPYTHON
if ! [ -x "$native/python" ]; then
    rm -rf "$source" "$native"
    tar -xf "$tarball" -C "$work"
    mkdir "$native"
    (cd "$native" && "../Python-$CPYTHON/configure" -q && make -s -j"$jobs") >"$work/native.log" 2>&1
fi
patched=$work/patched/Python-$CPYTHON
rm -rf "$work/patched" && mkdir "$work/patched"
tar -xf "$tarball" -C "$work/patched"
patch -s -d "$patched" -p1 <"$here/patches/cpython-$CPYTHON.patch"

flags="-fno-sanitize=undefined -mcpu=generic+bulk_memory+nontrapping_fptoint+sign_ext"
rm -rf "$work/patched/wasm" && mkdir "$work/patched/wasm"
(
    cd "$work/patched/wasm"
    # Libraries that the guest hasn't got, and system calls that zig's headers declare and WASI lacks.
    for module in zlib _bz2 _lzma readline _ctypes _uuid _dbm _gdbm _sqlite3 _tkinter _curses _curses_panel _ssl _hashlib _socket \
        _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _multibytecodec _lsprof _posixsubprocess mmap \
        fcntl resource termios grp pwd syslog _multiprocessing _posixshmem; do
        export "py_cv_module_$module=n/a"
    done
    export ac_cv_func_epoll_create1=no ac_cv_func_epoll_create=no ac_cv_header_sys_epoll_h=no ac_cv_func_setgroups=no
    export ac_cv_func_timerfd_create=no ac_cv_header_sys_timerfd_h=no ac_cv_header_libintl_h=no
    export ac_cv_func_mmap=no ac_cv_header_sys_mman_h=no
    export PKG_CONFIG=false CONFIG_SITE=../Python-$CPYTHON/Tools/wasm/config.site-wasm32-wasi
    export CC=$work/zigcc AR=$work/zigar RANLIB=$work/zigranlib OPT=-O3 CFLAGS="-Dabort=phi_abort $flags"
    "../Python-$CPYTHON/configure" -q --host=wasm32-wasi --build=x86_64-linux-gnu "--with-build-python=$native/python" \
        --disable-test-modules --without-ensurepip --without-readline --with-pymalloc
    make -s -j"$jobs" libpython3.13.a Modules/_decimal/libmpdec/libmpdec.a Modules/expat/libexpat.a \
        Modules/_hacl/libHacl_Hash_SHA2.a
) >"$work/wasm.log" 2>&1 || { tail -n 30 "$work/wasm.log" >&2; exit 1; }

emulated=(-D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_PROCESS_CLOCKS)
objects=()
for file in guest wasi library host_module journal; do
    # shellcheck disable=SC2086
    (cd "$here/src" && "$work/zigcc" $flags "${emulated[@]}" -O3 -std=gnu11 -Wall -Werror -I"$patched/Include" \
        -I"$work/patched/wasm" -c "$file.c" -o "$work/$file.o")
    objects+=("$work/$file.o")
done
libraries=(libpython3.13.a Modules/_decimal/libmpdec/libmpdec.a Modules/expat/libexpat.a Modules/_hacl/libHacl_Hash_SHA2.a)
# shellcheck disable=SC2086
"$work/zigcc" $flags -O3 -mexec-model=reactor -Wl,--no-entry -s -Wl,-z,stack-size=16777216 -Wl,--export-memory \
    -o "$work/cpython-cold.wasm" "${objects[@]}" "${libraries[@]/#/$work/patched/wasm/}" -ldl -lwasi-emulated-signal \
    -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lm
"$native/python" -I -S "$here/library.py" "$source/Lib" "$work/library"
