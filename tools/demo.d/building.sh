# building.sh: how tools/demo builds: one demo at a time in a build folder. Sourced, after ending.sh.

# As long as we build, or what we started for it does: of one that was killed, too, compilers may run on for a moment. Who waits
# reads in it whose build that is.
lock_build() {
    local file=$build/demo-build.lock whose
    { exec {building}>>"$file"; } 2>/dev/null || cannot "$file: want a file that can be written: who builds has it locked"
    if ! flock -n "$building"; then
        read -r whose <"$file"
        echo "waits for the build of ${whose:+process }${whose:-another}"
        run flock "$building" || cannot "$file: it can't be locked"
    fi
    { builtin echo $$ >"$file"; } 2>/dev/null
}

# For all who have the descriptor from us: what a build starts may run on, as a compiler's server does.
unlock_build() {
    flock -u "$building"
    exec {building}>&-
}

# cmake dies of a signal without a word to what it started: where we are killed, all of its group is told.
configure() {
    # shellcheck disable=SC2016
    run sh -c 'trap "trap \"\" TERM; kill -TERM 0" TERM; "$@" & wait $!' configure \
        cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo
}

build_all() {
    local log="$build/demo.log" targets=(maru_tool) service
    # shellcheck source=tools/packages
    . "$root/tools/packages" || exit 1
    # It is in the foreground, where sudo may ask. Ended in the middle it would leave packages that are half installed.
    packages_hint=' (a signal is heard when apt-get has ended)'
    packages_install build demo || exit 1
    mkdir -p "$build" || exit 1
    for service in "$root"/svc/*/CMakeLists.txt; do
        service=${service%/CMakeLists.txt}
        targets+=("${service##*/}")
    done
    lock_build
    echo "building in $build"
    { : >"$log"; } 2>/dev/null || cannot "$log: want a file that can be written: the build writes into it"
    { [ -f "$build/build.ninja" ] || configure; } >>"$log" 2>&1 &&
        run ninja -C "$build" "${targets[@]}" >>"$log" 2>&1 && unlock_build && return
    tail -n 20 "$log" | sed 's/^/  | /' >&2
    cannot "the build failed; all of it is in $log"
}
