# installed.sh: for tests of what is installed: an installed Maru in $prefix. Sourced after running.sh.
#
#   installed_here       installs what ${BUILD} built below $work; where $MARU_PREFIX names an installed one, that is taken
#   cmake_of WORDS...    cmake, whose find_package finds it
#
# PATH has no maru but that of $prefix afterwards, and $maru is that one.
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
