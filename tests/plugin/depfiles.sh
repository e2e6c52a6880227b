#!/bin/sh
# depfiles.sh BUILD.NINJA CMAKE PLUGIN SOURCE: what the code of a .proto depends on is known to Ninja and to Make, whatever
# the folders are called: one that did not change is not made again, one whose import changed is.
set -u
build_ninja=$1 cmake=$2 plugin=$3 source=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() { # SENTENCE COMMAND...
    sentence=$1
    shift
    if "$@"; then
        echo "ok - $sentence"
    else
        echo "not ok - $sentence"
        failed=1
        [ ! -f "$work/log" ] || tail -n 20 "$work/log" >&2
    fi
}

# Into "$root": a project of two .proto files, of which one imports the other, with the tree's functions.
# Its policies are older than theirs.
write_project() { # NAME OF THE FIRST
    mkdir -p "$root/proto/in it"
    cat >"$root/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.16)
project(odd LANGUAGES C)
add_executable(Maru::protoc-gen-maru IMPORTED)
set_target_properties(Maru::protoc-gen-maru PROPERTIES IMPORTED_LOCATION "$plugin")
add_library(Maru::maru INTERFACE IMPORTED)
target_include_directories(Maru::maru INTERFACE "$source/rpc/include")
set(MARU_PROTO_DIR "$source/proto")
include("$source/cmake/Maru.cmake")
maru_protos(code DIR proto GLOB "*.proto" "in it/*.proto")
EOF
    printf 'syntax = "proto3";\npackage t;\nimport "in it/b+c.proto";\nmessage A { B b = 1; }\n' >"$root/proto/$1"
    write_import 'int32 x = 1;'
}

write_import() { # FIELDS
    printf 'syntax = "proto3";\npackage t;\nmessage B { %s }\n' "$1" >"$root/proto/in it/b+c.proto"
}

# Words of CMake are in the log in one line, wherever it broke them.
configure() { # GENERATOR BUILD
    "$cmake" -G "$1" -S "$root" -B "$2" -DCMAKE_C_COMPILER_WORKS=1 >"$work/said" 2>&1
    set -- $?
    tr -s ' \n' ' ' <"$work/said" >"$work/log"
    return "$1"
}

# Builds, and says which .proto files code was made of.
build() {
    "$cmake" --build "$root/build" >"$work/log" 2>&1 || echo "the build failed"
    grep -oE 'proto (in it/b\+c|a)\.proto$' "$work/log" | sort | tr '\n' ' '
}

is() { # GOT WANT
    [ "$1" = "$2" ] || { echo "got '$1', want '$2'" >&2; return 1; }
}

depfiles=$(grep -oE -e '--dependency_out=folders/[^ ]*' "$build_ninja" | sort)
twice=$(echo "$depfiles" | uniq -d)
check "each .proto has a depfile of its own" [ "$(echo "$depfiles" | wc -l)-$twice" = 6- ]

for generator in Ninja 'Unix Makefiles'; do
    root="$work/$generator/My Projects, a=b (c) d{e}"
    write_project a.proto
    check "$generator, in folders of odd names: a project is configured" configure "$generator" "$root/build"
    check "all code is made" is "$(build)" 'proto a.proto proto in it/b+c.proto '
    check "nothing is made a second time" is "$(build)" ''
    write_import 'int32 x = 1; int32 y = 2;'
    check "where an import changed, so does who imports it" is "$(build)" 'proto a.proto proto in it/b+c.proto '
    check "and after that nothing" is "$(build)" ''
done

root="$work/number"
write_project 'a#.proto'
configure Ninja "$root/build"
check "a .proto whose name has a # is refused" [ $? -ne 0 ]
check "by name" grep -qF 'maru_protos: a#.proto: want a name without a #' "$work/log"
root="$work/two:folders"
write_project a.proto
configure Ninja "$work/build"
check "a folder that protoc takes for two is refused" [ $? -ne 0 ]
check "by its path" grep -qF "$root/proto: want a folder without a :" "$work/log"
exit $failed
