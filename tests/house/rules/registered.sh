# Every test is built and registered with CTest.
# A program of tests/ or beside a service (*_test.c) must be compiled, and CTest must start its target
# or hand it to a test; a script must be started by CTest, or by another script. Needs a configured folder.
# Benchmarks and fuzzers are run by hand and by .ci/run; the project of tests/outside is one of its own.

outputs() { # FILE OBJECT of every source, as CMake wrote them down
    awk '
        /^[ ]*"command":/ { object = $0; sub(/.* -o /, "", object); sub(/ .*/, "", object) }
        /^[ ]*"file":/ { file = $0; sub(/^[^:]*: "/, "", file); sub(/",?$/, "", file); print file, object }' "$build/compile_commands.json"
}

# A program that a test starts itself: its name stands in a test's source, or the test's target depends on it.
named_by_a_test() { # TARGET FILE
    local sources
    mapfile -t sources < <(files '^tests/.*\.(c|h|sh)$|^tests/.*/[^/.]+$|_test\.c$' | grep -vxF "$2")
    grep -lqE "(^|[^[:alnum:]_])$1([^[:alnum:]_]|\$)" "${sources[@]}" /dev/null ||
        grep -qE "add_dependencies\(.*[ ]$1[ )]" $(files '^tests/.*CMakeLists\.txt$') /dev/null
}

check_programs() { # SCRATCH
    local file target
    grep -lE '^int main\(|[[:space:]]main\(int argc' $(files '^tests/.*\.c$|_test\.c$') /dev/null |
        grep -vE '^tests/(bench|fuzz|outside/project)/|/bench_[^/]*$' | while IFS= read -r file; do
        target=$(awk -v file="$PWD/$file" '$1 == file {print $2}' "$1/outputs" | sed -E 's|.*CMakeFiles/([^/]+)\.dir/.*|\1|' | head -n 1)
        if [ -z "$target" ]; then
            echo "$file: is not built"
        elif ! grep -qE "[/\" ]$target(\\\\\"|[\" ]|\$)" "$1/tests" && ! named_by_a_test "$target" "$file"; then
            echo "$file: is built ($target), but no test starts it"
        fi
    done
}

check_scripts() { # SCRATCH
    local file name
    shell_files | grep -E '^tests/' | grep -vE '^tests/(house/rules|bench|fuzz)/' | while IFS= read -r file; do
        name=${file##*/}
        grep -qF "$file" "$1/tests" && continue
        grep -lqE "(^|[^[:alnum:]_-])${name//./\\.}([^[:alnum:]_-]|\$)" \
            $(shell_files | grep -vxF "$file") $(files '\.md$') /dev/null || echo "$file: no test starts it"
    done
}

check() {
    local scratch
    [ -f "$build/compile_commands.json" ] || { echo "registered: want a configured build folder, got '$build'"; return; }
    scratch=$(mktemp -d) || return 1
    outputs >"$scratch/outputs"
    find "$build" -name CTestTestfile.cmake -exec cat {} + | grep -E '^(add_test|  add_test)' >"$scratch/tests"
    check_programs "$scratch"
    check_scripts "$scratch"
    rm -rf "$scratch"
}

bad_not_built() { printf '/* Tests. */\nint main(void)\n{\n    return 0;\n}\n' >tests/wire/other_test.c; }
bad_not_started() { sed -i '/frame_test/d' "$build/CTestTestfile.cmake"; }
bad_script() { printf '#!/bin/sh\n# Tests.\ntrue\n' >tests/wire/alone.sh; }
