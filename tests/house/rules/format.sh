# clang-format with the tree's .clang-format changes nothing.

check() {
    command -v clang-format >/dev/null || { echo "format: there is no clang-format; tools/check installs it"; return; }
    files "$C_FILES" | xargs -r clang-format --dry-run -ferror-limit=0 2>&1 |
        sed -nE 's|^([^: ]+:[0-9]+):[0-9]+: (warning\|error): .*|\1: clang-format -i would change this|p' | sort -u
}

bad_format() { echo 'int   frame_bad (void) ;' >>rpc/wire/frame.h; }
