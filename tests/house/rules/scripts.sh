# Scripts are well-formed, and those with a first line that names their shell have the run bit.
# The entry points that people and machines rely on are there. A script that goes to where it lies forgets CDPATH first: where
# that is exported, cd may go to a folder of the same name elsewhere.

check() {
    local file
    shell_files | while IFS= read -r file; do
        bash -n "$file" 2>&1 | sed -E "s|^[^:]*: line ([0-9]+): |$file:\1: |"
        [ "$(head -c 2 "$file")" != '#!' ] || [ -x "$file" ] || echo "$file: has no run bit"
        awk -v file="$file" '
            /^unset CDPATH( |$)/ {forgotten = 1}
            /^([a-z]+=[$][(])?cd "?[$][(]dirname/ && !forgotten {print file ":" FNR ": want unset CDPATH before it"}' "$file"
    done
    for file in tools/check tools/demo .ci/run tests/bench/run; do
        [ -x "$file" ] || echo "$file: is missing, or has no run bit"
    done
}

bad_syntax() { echo 'if true; then' >>tools/check; }
bad_run_bit() { chmod -x tools/demo; }
bad_folder_of_its_own() { echo 'cd "$(dirname "$0")/.." || exit 1' >>tools/check; }
bad_missing() { rm .ci/run; }
