#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Makes Boost for mingw-w64 from Debian's packages: the headers are the installed ones, and the compiled parts
# are built from the source package.
#   boost-for-mingw.sh FOLDER      then: cmake -DPROCPOOL_MINGW_BOOST=FOLDER
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
mkdir -p "$1"
folder=$(CDPATH='' cd -- "$1" && pwd)
[ ! -e "$folder/complete" ] || exit 0

package=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libboost1.*-dev' 2>/dev/null |
    sed -n 's/^installed \(libboost[0-9.]*-dev\)$/\1/p' | sort -V | tail -1)
source=$(dpkg-query -W -f '${source:Package}' "$package")

# Not all of /usr/include, whose other headers belong to another system.
mkdir -p "$folder/include"
ln -sfn /usr/include/boost "$folder/include/boost"
# Some headers of Boost use this spelling, which only matters in case-sensitive file systems.
echo '#include <windows.h>' >"$folder/include/Windows.h"

# The mirror of the headers also has the sources. The system's package lists are not changed.
apt=$folder/apt
mkdir -p "$apt/lists/partial" "$apt/sources"
mirror=$(apt-get download --print-uris "$package" | sed -n "s|^'\(.*\)/pool/.*|\1|p")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
. /etc/os-release
echo "deb-src [signed-by=$keyring] $mirror $VERSION_CODENAME main" >"$apt/sources.list"
set -- -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=
apt-get "$@" update
(cd "$apt/sources" && apt-get "$@" source --download-only "$source" >/dev/null)
tar -xf "$apt/sources/$source"_*.orig.tar.* -C "$folder" --wildcards --strip-components=1 \
    '*/libs/program_options/src'
rm -rf "$apt"

cmake -S "$top/cmake/boost-for-mingw" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_TOOLCHAIN_FILE="$top/cmake/toolchain-mingw-w64.cmake" -DPROCPOOL_MINGW_BOOST="$folder" >/dev/null
cmake --build "$folder/build" >"$folder/build.log" 2>&1 || {
    cat "$folder/build.log" >&2
    exit 1
}
mkdir -p "$folder/lib/cmake/Boost"
cp "$folder"/build/*.a "$folder/lib/"
cp "$top/cmake/boost-for-mingw/BoostConfig.cmake" "$folder/build/BoostConfigVersion.cmake" "$folder/lib/cmake/Boost/"
touch "$folder/complete"
