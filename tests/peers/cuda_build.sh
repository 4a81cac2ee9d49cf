#!/usr/bin/env bash
# Builds phi-bench with the feature `cuda` on a machine that has neither CUDA nor a GPU, with the compiler and libraries of
# PyPI's wheels, and sees what the program says where the driver finds no GPU.
#
#     tests/peers/cuda_build.sh DIR [PROFILE]
#
# Toolkit, stubs and target folder go into DIR (5 GB). PROFILE is `release` (default) or `dev`. CUDA_COMPUTE_CAP is the card's
# (90 unless set: H100; 80: A100; 89: L4, RTX 40). Prints the libraries that the program needs where it runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mkdir -p "${1:?a folder}" && cd "$1" && pwd)
profile=${2:-release}
[ -d "$dir/venv" ] || python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-deps nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 \
    nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85 nvidia-cuda-nvrtc==13.0.88 nvidia-cublas==13.0.2.14 \
    nvidia-curand==10.4.0.35
cuda=$(echo "$dir"/venv/lib/python3*/site-packages/nvidia/cu13)
cargo fetch -q

# Names for the linker, and in place of the driver a library that answers every call with CUDA_ERROR_NO_DEVICE.
mkdir -p "$dir/stubs"
for library in cublas cublasLt curand nvrtc cudart; do
    ln -sf "$(ls "$cuda"/lib/lib$library.so.* | head -n 1)" "$dir/stubs/lib$library.so"
done
sources=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/cudarc-* | sort -V | tail -n 1)
grep -ohE '\bfn cu[A-Z][A-Za-z0-9_]+\(' "$sources/src/driver/sys/mod.rs" | sed 's/fn //; s/(//' | sort -u |
    sed 's/.*/int &(void) { return 100; }/' >"$dir/stubs/driver.c"
gcc -shared -o "$dir/stubs/libcuda.so.1" -Wl,-soname,libcuda.so.1 "$dir/stubs/driver.c"
ln -sf libcuda.so.1 "$dir/stubs/libcuda.so"

export CUDA_HOME=$cuda CUDA_PATH=$cuda CUDA_ROOT=$cuda CUDA_TOOLKIT_ROOT_DIR=$cuda
export CUDA_COMPUTE_CAP=${CUDA_COMPUTE_CAP:-90} CARGO_TARGET_DIR=$dir/target
export PATH=$cuda/bin:$PATH LIBRARY_PATH=$dir/stubs${LIBRARY_PATH:+:$LIBRARY_PATH}
export LD_LIBRARY_PATH=$dir/stubs:$cuda/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
# shellcheck disable=SC2086
cargo build --profile "$profile" -p phi-bench --features cuda
binary=$dir/target/$([ "$profile" = dev ] && echo debug || echo "$profile")/phi-bench
readelf -d "$binary" | grep NEEDED

echo "print(1)" >"$dir/text.py"
for command in "train --data $dir/text.py --out $dir/run" "ablate --preset smoke --out $dir/ablation"; do
    # shellcheck disable=SC2086
    said=$(RUST_BACKTRACE=1 "$binary" $command --device cuda 2>&1) && code=0 || code=$?
    echo "$said"
    case $code:$(wc -l <<<"$said"):$said in
    4:1:*"CUDA device 0"*) echo "without a GPU: exit code 4 and one line, as it should be" ;;
    *) echo "without a GPU: exit code $code" >&2; exit 1 ;;
    esac
done
