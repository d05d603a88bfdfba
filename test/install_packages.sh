#!/bin/sh
# Distributed under the Boost Software License, Version 1.0. See LICENSE.
#
# Tests cmake/install-packages.sh with fakes of apt-get, dpkg and sudo, which record their calls:
#   install_packages.sh SCRIPT
set -u

script=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

fake() { # NAME; its body comes from standard input
    { echo '#!/bin/sh'; cat; } >"$folder/bin/$1"
    chmod +x "$folder/bin/$1"
}

mkdir "$folder/bin"
for tool in sh cat sed sort tr env; do
    ln -s "$(command -v $tool)" "$folder/bin/$tool"
done
fake apt-get <<'END'
echo "apt-get $*" >>"$LOG"
case " $* " in
*" --simulate "*)
    printf '%s\n' "$PLAN"
    exit "$PLAN_STATUS"
    ;;
esac
END
fake apt-cache <<'END'
case $1 in
depends) printf '%s\n' "libboost-dev" "  Depends: libboost1.74-dev" ;;
pkgnames) printf '%s\n' libboost1.74-dev libboost1.81-dev ;;
esac
END
fake dpkg-query <<'END'
case "$*" in
*libboost1.\*-dev*) printf '%s\n' "$INSTALLED_BOOST" ;;
*) for last; do :; done; case " $INSTALLED " in *" $last "*) printf installed ;; *) exit 1 ;; esac ;;
esac
END
fake dpkg <<'END'
# --compare-versions VERSION ge 1.81
[ "$2" != 1.74 ]
END
fake id <<'END'
echo "$USER_ID"
END
fake sudo <<'END'
echo "sudo $*" >>"$LOG"
exec "$@"
END

# run: runs the script with the present variables; sets $status to its exit status, $said to its output, $did
# to its calls
run() {
    LOG=$folder/log
    : >"$LOG"
    said=$(PATH=$folder/bin LOG=$LOG PLAN=$PLAN PLAN_STATUS=$PLAN_STATUS INSTALLED=$INSTALLED \
        INSTALLED_BOOST=$INSTALLED_BOOST USER_ID=$USER_ID "$script" apps test 2>&1)
    status=$?
    did=$(cat "$LOG")
}

check() { # DESCRIPTION, command...
    fact=$1
    shift
    "$@" && return
    failed=1
    printf 'not so: %s\nstatus %s, said:\n%s\ndid:\n%s\n' "$fact" "$status" "$said" "$did"
}
says() { case "$said" in *"$1"*) ;; *) return 1 ;; esac; }
does() { case "$did" in *"$1"*) ;; *) return 1 ;; esac; }
installs_nothing() { ! does '--yes'; }
is() { [ "$status" -eq "$1" ]; }

for USER_ID in 0 1000; do
    # Debian 12 with its own Boost.
    INSTALLED='g++ cmake' INSTALLED_BOOST='installed libboost1.74-dev' PLAN_STATUS=0
    PLAN='Remv libboost-dev [1.74.0.3]
Remv libboost1.74-dev [1.74.0+ds1-21]
Inst libboost1.81-dev (1.81.0-5+deb12u1 Debian:12)
Conf libboost1.81-dev (1.81.0-5+deb12u1 Debian:12)'
    run
    check "user $USER_ID: a plan that removes packages is an error" is 1
    check "user $USER_ID: a plan that removes packages is not carried out" installs_nothing
    check "user $USER_ID: the packages in conflict are named" says 'remove packages that are here: libboost-dev libboost1.74-dev'
    check "user $USER_ID: the wanted packages are named" says 'libboost1.81-dev'
    check "user $USER_ID: what to do is said" says 'apt-get remove libboost-dev libboost1.74-dev'

    # No package conflicts.
    INSTALLED_BOOST='' PLAN='Inst libboost1.81-dev (1.81.0-5+deb12u1 Debian:12)'
    run
    check "user $USER_ID: a plan that removes nothing is carried out" is 0
    check "user $USER_ID: apt-get is told never to remove" does 'install --yes --no-remove'
    check "user $USER_ID: the plan was looked at before" does '--simulate install'

    # apt-get has no such plan.
    PLAN='E: Unable to correct problems, you have held broken packages.' PLAN_STATUS=100
    run
    check "user $USER_ID: a plan that cannot be made is an error" is 1
    check "user $USER_ID: a plan that cannot be made is not carried out" installs_nothing
    check "user $USER_ID: apt-get's own words are shown" says 'held broken packages'

    # All packages are installed.
    INSTALLED='g++ cmake ninja-build libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev gnuplot-nox libncurses-dev
        libboost-serialization1.81-dev libboost-test1.81-dev lld pkgconf'
    INSTALLED=$(echo $INSTALLED) INSTALLED_BOOST='installed libboost1.81-dev' PLAN='' PLAN_STATUS=0
    run
    check "user $USER_ID: with all there, nothing is asked" is 0
    check "user $USER_ID: with all there, nothing is done" [ -z "$did" ]
done
exit $failed
