# installed.sh: for tests of what is installed: an installed Maru in $prefix. Sourced after running.sh.
#
#   installed_here       installs what ${BUILD} built below $work; where $MARU_PREFIX names an installed one, that is taken
#   cmake_of WORDS...    cmake, whose find_package finds it
#   quietly LOG COMMAND...  its output into $work/LOG, whose end is shown where it fails
#
# $maru is the one of $prefix afterwards.
installed_here() {
    prefix=${MARU_PREFIX-}
    if [ -z "$prefix" ]; then
        prefix=$work/prefix
        "${CMAKE:-cmake}" --install "${BUILD:?a built folder}" --prefix "$prefix" --component maru >"$work/install.log" 2>&1 ||
            { tail -n 5 "$work/install.log" >&2; return 1; }
    fi
    maru=$prefix/bin/maru
}

cmake_of() {
    local launcher=()
    [ -z "${LAUNCHER-}" ] || launcher=("-DCMAKE_C_COMPILER_LAUNCHER=$LAUNCHER" "-DCMAKE_CXX_COMPILER_LAUNCHER=$LAUNCHER")
    "${CMAKE:-cmake}" -G Ninja "-DCMAKE_PREFIX_PATH=$prefix" "${launcher[@]}" "$@"
}

quietly() { # LOG COMMAND...
    local log=$work/$1
    shift
    "$@" >"$log" 2>&1 </dev/null || { grep -E 'rror|FAILED' "$log" | head -n 20; tail -n 20 "$log"; return 1; } >&2
}
