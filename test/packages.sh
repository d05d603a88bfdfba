#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Installs the library on this Debian, bare or not, and builds and runs a program that uses it:
#   packages.sh [BOOST]       as root or with sudo; BOOST: a version that Debian has, as 1.83; without, the usual one
# Builds in build/packages. For bare systems, run it in a container of Debian 12 or 13; .ci/run does not, since it
# has one system.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build/packages
boost=${1:-}

fail() {
    printf 'packages.sh: %s\n' "$*" >&2
    exit 1
}

if [ -n "$boost" ]; then
    sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
    $sudo apt-get -qq update
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-remove --no-install-recommends \
        "libboost$boost-dev" >/dev/null
fi
"$top/cmake/install-packages.sh"

configured() { # LOG: nothing in the output of CMake looks like a fault
    if grep -iE 'warning|error|could not find|CMP[0-9]|not been found' "$1"; then
        fail "cmake printed what looks like a fault: $1"
    fi
}

rm -rf "$build"
mkdir -p "$build"
cmake -S "$top" -B "$build/library" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROCPOOL_BUILD_TESTS=OFF \
    -DPROCPOOL_BUILD_APPS=OFF -DPROCPOOL_UNITY_BUILD=ON -DPROCPOOL_WERROR=ON "-DCMAKE_CXX_FLAGS_RELEASE=-O1" >"$build/library.log" 2>&1 ||
    { cat "$build/library.log"; fail 'the library is not configured'; }
configured "$build/library.log"
grep 'procpool: ' "$build/library.log" || true
cmake --build "$build/library"
cmake --install "$build/library" --prefix "$build/prefix" >"$build/install.log"

# The program of the package tests.
cmake -S "$top/test/package/consumer" -B "$build/consumer" -G Ninja "-DCMAKE_PREFIX_PATH=$build/prefix" \
    -DPROCPOOL_TOO_NEW=99 >"$build/consumer.log" 2>&1 || { cat "$build/consumer.log"; fail 'the program is not configured'; }
configured "$build/consumer.log"
cmake --build "$build/consumer"
said=$("$build/consumer/consumer")
[ "$said" = 3 ] || fail "the program printed '$said'"

# A program that has found another Boost before is refused, in words.
mkdir -p "$build/other_boost" "$build/mix"
echo 'add_library(Boost::headers INTERFACE IMPORTED)' >"$build/other_boost/BoostConfig.cmake"
cat >"$build/other_boost/BoostConfigVersion.cmake" <<'END'
set(PACKAGE_VERSION 1.99.0)
set(PACKAGE_VERSION_COMPATIBLE TRUE)
END
cat >"$build/mix/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(mix LANGUAGES CXX)
find_package(Boost 1.99 REQUIRED CONFIG)
find_package(procpool REQUIRED CONFIG)
END
if cmake -S "$build/mix" -B "$build/mix/build" -G Ninja "-DCMAKE_PREFIX_PATH=$build/prefix" \
    "-DBoost_DIR=$build/other_boost" >"$build/mix.log" 2>&1; then
    fail 'a program with another Boost was accepted'
fi
tr -s ' \n' ' ' <"$build/mix.log" | grep -q 'this procpool was built with Boost .* 1[.]99[.]0' ||
    { cat "$build/mix.log"; fail 'a mix of Boosts is not refused in words'; }
echo 'packages.sh: all is well'
