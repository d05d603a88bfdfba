#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Builds everything and runs all tests.
#   [CXX=clang++] [PROCPOOL_SANITIZE=address|thread] [PROCPOOL_FAULTS=ON] [PROCPOOL_FUZZ=ON] [PROCPOOL_TESTS=REGEX]
#   [PROCPOOL_WERROR=ON] test/run.sh [CTEST-ARGUMENT...]
set -eu

compiler=${CXX:-g++}
sanitizer=${PROCPOOL_SANITIZE:-}
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build/test-$(basename -- "$compiler")${sanitizer:+-$sanitizer}

# lld links the big programs of a sanitizer in half the time.
case $compiler in
*clang*) "$top/cmake/install-packages.sh" apps test clang; linker=-fuse-ld=lld ;;
*) "$top/cmake/install-packages.sh" apps test; linker= ;;
esac

# Optimised a little, which halves the compile time. Reports of sanitizers need line numbers. The apps are not
# built for ThreadSanitizer.
case $sanitizer in
'') flags='-O1' apps=ON ;;
thread) flags='-O1 -g1' apps=OFF ;;
*) flags='-O1 -g1' apps=ON ;;
esac

cmake -S "$top" -B "$build" -G Ninja \
    -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$flags" \
    -DCMAKE_EXE_LINKER_FLAGS="$linker" \
    -DPROCPOOL_SANITIZE="$sanitizer" \
    -DPROCPOOL_FAULTS="${PROCPOOL_FAULTS:-OFF}" \
    -DPROCPOOL_FUZZ="${PROCPOOL_FUZZ:-OFF}" \
    -DPROCPOOL_TESTS="${PROCPOOL_TESTS:-}" \
    -DPROCPOOL_BUILD_APPS="$apps" \
    -DPROCPOOL_UNITY_BUILD=ON \
    -DPROCPOOL_WERROR="${PROCPOOL_WERROR:-OFF}" >/dev/null
cmake --build "$build"

# ThreadSanitizer needs addresses for its shadow memory that a randomised address space may have used.
unrandomised=
if [ "$sanitizer" = thread ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    unrandomised="setarch $(uname -m) -R"
fi
# shellcheck disable=SC2086 # a command and its arguments, or nothing
$unrandomised ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(nproc)" "$@"
