#!/usr/bin/env bash
# Compiles the optional plug-in that records CUDA graphs, against the libtorch that the program will load, and puts it
# beside the program. Without it everything works, and small batches on a GPU wait for their host.
#   LIBTORCH=<dir> build/cuda-graphs.sh [PROGRAM FOLDER]
# <dir> is the torch folder of a Python installation with CUDA, or an unpacked libtorch; CUDA_HOME names CUDA's headers
# where neither /usr/local/cuda nor Python's nvidia packages have them.
set -euo pipefail

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
target=${1:-$root/artifacts/program}
stop() { printf 'error: %s\n' "$@" >&2; exit 3; }

[[ -n ${LIBTORCH:-} ]] || stop "LIBTORCH is not set: expected the folder of a libtorch with CUDA."
[[ -e $LIBTORCH/lib/libtorch_cuda.so ]] || stop "LIBTORCH=$LIBTORCH: expected a libtorch with CUDA, found no lib/libtorch_cuda.so."
[[ -d $LIBTORCH/include/torch ]] || stop "LIBTORCH=$LIBTORCH: its headers (include/torch) are missing."
[[ -d $target ]] || stop "$target: there is no such folder; build the program first (./run --help)."
command -v "${CXX:-g++}" >/dev/null || stop "a C++ compiler is needed: ${CXX:-g++} is not on the PATH."

includes=(-isystem "$LIBTORCH/include" -isystem "$LIBTORCH/include/torch/csrc/api/include")
for folder in "${CUDA_HOME:-/usr/local/cuda}/include" "$LIBTORCH"/../nvidia/*/include; do
  [[ -d $folder ]] && includes+=(-isystem "$folder")
done

# libtorch's headers ask for C++20 from 2.10 on.
"${CXX:-g++}" -std=c++20 -O2 -fPIC -shared -fvisibility=hidden -Wall "${includes[@]}" \
  -o "$target/liblorarecycle_cudagraphs.so" "$root/src/LoraRecycle.Core/Foundation/Devices/native/cuda_graphs.cpp" \
  -L"$LIBTORCH/lib" -Wl,--no-as-needed -ltorch -ltorch_cpu -ltorch_cuda -lc10 -lc10_cuda
echo "$target/liblorarecycle_cudagraphs.so"
