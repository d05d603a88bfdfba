#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Installs the packages that are missing to build procpool, on Debian and its relatives.
#   install-packages.sh [apps] [test] [clang] [mingw]
# apps: packages for the benchmarks and procpool-top; test: packages for the tests; clang: the other compiler; mingw: packages
# to build for Windows, and to run the result.
set -eu

say() { printf 'procpool: %s\n' "$*" >&2; }

if ! command -v apt-get >/dev/null 2>&1; then
    say "this is no Debian: CMake 3.25, Ninja, a C++20 compiler, Boost 1.81, ncurses and gnuplot must be there already"
    exit 0
fi

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "these packages can only be installed by root: $missing"
        exit 1
    fi
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The version of Boost to build with, as in the package name libboost1.81-dev: an installed one, else the
# system's own, else the oldest sufficient one.
boost_version() {
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libboost1.*-dev' 2>/dev/null |
        sed -n 's/^installed libboost\([0-9.]*\)-dev$/\1/p')
    default=$(apt-cache depends libboost-dev 2>/dev/null | sed -n 's/^ *Depends: libboost\([0-9.]*\)-dev$/\1/p')
    available=$(apt-cache pkgnames libboost1. | sed -n 's/^libboost\([0-9.]*\)-dev$/\1/p' | sort -V)
    for version in $installed $default $available; do
        if dpkg --compare-versions "$version" ge 1.81; then
            echo "$version"
            return
        fi
    done
}

find_missing() {
    boost=$(boost_version)
    packages="g++ cmake ninja-build libboost${boost:-1.81}-dev"
    for part in "$@"; do
        case $part in
        apps) packages="$packages libboost-json${boost:-1.81}-dev libboost-program-options${boost:-1.81}-dev gnuplot-nox libncurses-dev" ;;
        test) packages="$packages libboost-serialization${boost:-1.81}-dev libboost-test${boost:-1.81}-dev lld pkgconf" ;;
        clang) # and the runtimes of its sanitizers
            clang=$(apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p')
            packages="$packages clang libclang-rt-${clang:-14}-dev"
            ;;
        mingw) packages="$packages g++-mingw-w64-x86-64-posix wine wine64 dpkg-dev" ;;
        *)
            say "install-packages.sh knows apps, test, clang and mingw, not '$part'"
            exit 2
            ;;
        esac
    done
    missing=
    for package in $packages; do
        is_installed "$package" || missing="$missing $package"
    done
}

find_missing "$@"
[ -n "$missing" ] || exit 0

as_root apt-get -qq update
find_missing "$@" # the versions of Boost are known only now
if [ -z "$boost" ]; then
    say "no package of Boost 1.81 or newer is to be had here"
    exit 1
fi

# New packages may conflict with installed ones, such as another version of Boost. With --yes, apt-get removes
# those without a question. They belong to the user, so a plan that removes a package is not carried out.
# shellcheck disable=SC2086 # a list of packages, each without spaces
plan=$(LC_ALL=C apt-get --simulate install --no-install-recommends $missing 2>&1) || {
    say "apt-get cannot install$missing:"
    printf '%s\n' "$plan" | sed 's/^/    /' >&2
    exit 1
}
conflicts=$(printf '%s\n' "$plan" | sed -n 's/^\(Remv\|Purg\) \([^ ]*\).*/\2/p' | sort -u | tr '\n' ' ')
if [ -n "$conflicts" ]; then
    say "nothing was installed. To install$missing,"
    say "apt-get would have to remove packages that are here: ${conflicts% }"
    say "If these can go, remove them (apt-get remove ${conflicts% }) and run this again."
    say "If not, build in a container, or install Boost 1.81 or newer elsewhere and name its folder: cmake -DBoost_ROOT=..."
    exit 1
fi

say "installing$missing"
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-remove --no-install-recommends $missing >/dev/null
