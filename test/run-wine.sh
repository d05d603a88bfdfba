#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Builds everything for Windows, on Debian 12, and runs the tests by Wine. Prints at the end the tests that
# were not run, and the reasons.
#   [PROCPOOL_TESTS=REGEX] [PROCPOOL_WERROR=ON] test/run-wine.sh [CTEST-ARGUMENT...]
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build/wine
mkdir -p "$build/prefix"

"$top/cmake/install-packages.sh" apps test mingw

# Without a debugger (with it, the exit status of a crash is sometimes 0), .NET, a browser and a screen.
export WINEPREFIX="$build/prefix" WINEDEBUG=-all
export WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe,winedbg.exe='
unset DISPLAY
wineserver=/usr/lib/wine/wineserver

# The server inherits all descriptors of the process that first starts it, so the reader of a pipe would never
# see its end. The server runs until it is told to exit, since its start takes longer than most tests.
trap '"$wineserver" -k >/dev/null 2>&1 || true' EXIT
trap 'exit 130' INT TERM
{
    "$wineserver" -p
    [ -e "$WINEPREFIX/system.reg" ] || /usr/lib/wine/wine64 wineboot --init
} </dev/null >"$build/wineboot.log" 2>&1 &
prefix_made=$!

"$top/cmake/boost-for-mingw.sh" "$build/boost"

# Optimised a little: without optimisation there are so many functions that the linker takes longer than the
# compiler.
cmake -S "$top" -B "$build" -G Ninja \
    -DCMAKE_TOOLCHAIN_FILE="$top/cmake/toolchain-mingw-w64.cmake" \
    -DPROCPOOL_MINGW_BOOST="$build/boost" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O1 -DNDEBUG' \
    -DPROCPOOL_UNITY_BUILD=ON \
    -DPROCPOOL_TESTS="${PROCPOOL_TESTS:-}" \
    -DPROCPOOL_WERROR="${PROCPOOL_WERROR:-OFF}" >/dev/null
cmake --build "$build"

wait "$prefix_made" || {
    cat "$build/wineboot.log" >&2
    exit 1
}

# The first process of Wine starts Wine's services, which inherit its standard error and go on after it: ctest would
# wait for the output of a test that has ended. So the services are started here, and kept by a process that reads
# commands until this script ends.
rm -f "$build/commands"
mkfifo "$build/commands"
/usr/lib/wine/wine64 cmd /k <"$build/commands" >/dev/null 2>&1 &
exec 9>"$build/commands"
/usr/lib/wine/wine64 cmd /c exit </dev/null >/dev/null 2>&1 9>&-

# Most tests mainly wait, so more of them run at a time than there are CPUs.
status=0
logs=$build/Testing/Temporary
rm -f "$logs/LastTestsFailed.log"
ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$((2 * $(nproc)))" "$@" 9>&- || status=$?

# Wine cannot always start a process ("Internal error [system:1359]"), and rarely a test hangs without a message. So up to
# three failed tests run again, one at a time. What they printed first has been shown above.
failed=$logs/LastTestsFailed.log
if [ "$status" -ne 0 ] && [ -s "$failed" ] && [ "$(wc -l <"$failed")" -le 3 ]; then
    sed 's/^[0-9]*:/run again: /' "$failed"
    status=0
    ctest --test-dir "$build" --output-on-failure --rerun-failed 9>&- || status=$?
fi

printf '\n%s tests and cases are not run here:\n' "$(wc -l <"$build/not_run.txt")"
sed 's/^/  /' "$build/not_run.txt"
exit "$status"
