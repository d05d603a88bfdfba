#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Builds the three benchmarks and runs them: prints a table for each, and draws a plot in build/apps.
# Arguments are passed to each benchmark, such as --scale 1.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build/apps

"$top/cmake/install-packages.sh" apps
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROCPOOL_BUILD_TESTS=OFF >/dev/null
cmake --build "$build"
for app in starmap map apply-async; do
    echo
    rm -f "$build/$app.svg"
    "$build/apps/procpool-$app" --plot "$build/$app.svg" "$@"
    [ ! -e "$build/$app.svg" ] || echo "Plot: $build/$app.svg" # --help draws none
done
