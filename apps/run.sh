#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Builds the three benchmarks and runs them: a table and a plot each, in build/apps.
# What is given as arguments goes to each of them, such as --scale 1.
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
    [ ! -e "$build/$app.svg" ] || echo "Plot: $build/$app.svg" # none is made for --help
done
