#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Builds procpool-bench as a release and measures everything: a table on standard output, all figures in
# build/bench/bench.json, and charts beside it. What is given as arguments goes to it, such as --line 1 2 4 or --rounds 9.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$top/build/bench

"$top/cmake/install-packages.sh" apps test
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROCPOOL_TESTS=none >/dev/null
cmake --build "$build" --target procpool-bench >&2
"$build/test/bench/procpool-bench" --json "$build/bench.json" --charts "$build" "$@"
