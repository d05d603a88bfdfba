#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Parses what is compiled for Windows by clang, in Microsoft's dialect as far as clang has it, and with the headers of
# mingw-w64; on Debian. Nothing is built, and nothing is run. Tests without code of their own for Windows are left out,
# since clang parses them for Linux, and g++ for Windows: "all" parses these too.
#   [CXX=clang++-19] [BOOST=FOLDER] test/run-front-ends.sh [all]
# BOOST: has the folder boost of the headers to use; /usr/include if not given.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
what=${1:-}
compiler=${CXX:-clang++}
build=$top/build/front-ends
mkdir -p "$build/include"

"$top/cmake/install-packages.sh" apps test clang mingw

# Never all of /usr/include, which is of another system.
ln -sfn "${BOOST:-/usr/include}/boost" "$build/include/boost"
echo '#include <windows.h>' >"$build/include/Windows.h"

# In Microsoft's dialect clang does not call itself GNU's compiler, which the headers of mingw-w64 and libstdc++ want.
headers=$(x86_64-w64-mingw32-g++-posix -print-file-name=include/c++)
dialect='-std=c++20 -fms-extensions'
microsoft='-fms-compatibility -fms-compatibility-version=19.38'
defined() { # by the compiler, with these flags
    # shellcheck disable=SC2086 # flags
    "$compiler" --target=x86_64-w64-mingw32 $dialect "$@" -x c++ -dM -E /dev/null | LC_ALL=C sort
}
defined >"$build/gnu.txt"
# shellcheck disable=SC2086
defined $microsoft >"$build/microsoft.txt"
LC_ALL=C comm -23 "$build/gnu.txt" "$build/microsoft.txt" >"$build/gnu.hpp"

# Flags in files, which the compiler reads.
cat >"$build/flags" <<EOF
--target=x86_64-w64-mingw32 $dialect $microsoft
-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror -Wno-#warnings
-nostdinc++ -isystem $headers -isystem $headers/x86_64-w64-mingw32 -isystem $headers/backward
-D_WIN32_WINNT=0x0A00 -DNOMINMAX -DWIN32_LEAN_AND_MEAN -DBOOST_ALL_NO_LIB -DBOOST_TEST_DYN_LINK
-I $top/lib/include -I $top/lib/src -I $top/apps -I $top/test -isystem $build/include
-include $build/gnu.hpp
EOF
echo '-DBOOST_TEST_MODULE=procpool -DBOOST_TEST_NO_MAIN' >"$build/unit_flags"
: >"$build/other_flags"

status=0
cd "$top"

# parse_library: all of its sources as one, which takes a tenth of the time.
parse_library() {
    grep -oE 'src/[a-z_/]+\.cpp' lib/CMakeLists.txt | grep -v /linux/ | sed 's|.*|#include "&"|' >"$build/library.cpp"
    "$compiler" "@$build/flags" -I "$top/lib" -fsyntax-only "$build/library.cpp"
}

# parse_layout_of_32_bits: it is refused with the words for it.
parse_layout_of_32_bits() {
    if "$compiler" "@$build/flags" --target=i686-w64-mingw32 -isystem /usr/x86_64-w64-mingw32/include -fsyntax-only \
        -x c++ lib/src/channel/layout.hpp 2>"$build/i686.txt" ||
        ! grep -q 'error: .*procpool: only programs of 64 bits' "$build/i686.txt"; then
        cat "$build/i686.txt"
        echo 'a program of 32 bits is not refused with the words for it'
        return 1
    fi
}

# parse_each KIND: the sources that are read, each with the headers that most of them include, compiled before
parse_each() {
    printf '#include <%s>\n' boost/test/unit_test.hpp procpool/procpool.hpp >"$build/$1_headers.hpp"
    "$compiler" "@$build/flags" "@$build/$1_flags" -x c++-header "$build/$1_headers.hpp" -o "$build/$1_headers.pch" || return
    xargs -P "$(nproc)" -n 1 "$compiler" "@$build/flags" "@$build/$1_flags" -include-pch "$build/$1_headers.pch" -fsyntax-only
}

# The sources of tests that are built for Windows: what CMake lists, but the part for Linux in system_tests.cmake. clang
# before 16 does not understand the views of libstdc++, which map_input is about.
compiler_version=$("$compiler" -dumpversion)
windows_tests() {
    {
        cat test/unit_tests.cmake test/integration_tests.cmake
        sed '/^else()$/,$d' test/system_tests.cmake
    } | sed -n 's|^ *procpool_\([a-z]*\)_test(\([a-z_/]*\))|test/\1/\2.cpp|p' |
        if [ "${compiler_version%%.*}" -ge 16 ]; then cat; else grep -v /map_input; fi
}
chosen() {
    if [ "$what" = all ]; then cat; else xargs grep -lE '_WIN32|windows' --; fi
}

parse_library || status=1
parse_layout_of_32_bits || status=1
windows_tests | grep '^test/unit/' | chosen | parse_each unit || status=1
{
    windows_tests | grep -v '^test/unit/'
    echo "$top"/docs/examples/*.cpp | tr ' ' '\n'
} | chosen | parse_each other || status=1
# procpool-top is for Linux.
find apps -name '*.cpp' ! -path '*/top/*' | parse_each other || status=1

exit "$status"
