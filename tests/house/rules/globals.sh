# No mutable variables outlive a call: all state hangs from a runtime.
# The objects of every source of rpc/, svc/ and tools/ but tests may have nothing in a writable or thread-local section,
# but for what AddressSanitizer adds. One that was not built, or is older than its source, is compiled here, unoptimised and
# without sanitizers. Constant tables that need relocation are in .data.rel.ro, and fine. Needs a configured folder.

commands() { # FOLDER\tFILE\tCOMMAND of every source that is ours, as CMake wrote them down
    awk '
        function value(line) { sub(/^[^:]*: "/, "", line); sub(/",?$/, "", line); gsub(/\\"/, "\"", line); gsub(/\\\\/, "\\", line); return line }
        /^[ ]*"directory":/ { folder = value($0) }
        /^[ ]*"command":/ { command = value($0) }
        /^[ ]*"file":/ { print folder "\t" value($0) "\t" command }' "$build/compile_commands.json" |
        awk -F '\t' -v root="$PWD/" 'index($2, root) == 1 && substr($2, length(root) + 1) ~ /^(rpc|svc|tools)\/.*\.c$/ && $2 !~ /_test\.c$/'
}

compile() { # FOLDER COMMAND OBJECT
    local command
    command=$(printf '%s' "$2" | sed -E 's/ -MD / /; s/ -M[TF] [^ ]+//g; s/ -o [^ ]+//; s/ -fsanitize[^ ]*//g; s/ -Werror//g')
    (cd "$1" && eval "$command -O0 -g0 -w -U_FORTIFY_SOURCE -fno-sanitize=all -o '$3'")
}

one() { # FOLDER FILE COMMAND OBJECT
    local made=${3##* -o }
    made=$1/${made%% *}
    if [ "$made" -nt "$2" ]; then
        ln -s "$made" "$4"
    else
        compile "$1" "$3" "$4" || { echo "${2#"$PWD"/}: does not compile"; return; }
    fi
    objdump -t "$4" | awk -v file="${2#"$PWD"/}" '
        /^[0-9a-f]+ [ a-zA-Z!]/ {
            flags = substr($0, 18, 7); section = substr($0, 26); size = section
            sub(/[ \t].*/, "", section); sub(/^[^\t]*\t/, "", size); sub(/ .*/, "", size)
            if ($NF !~ /^__odr_asan\./ && flags !~ /[dfF]/ && size !~ /^0+$/ && section ~ /^\.(data|bss|tdata|tbss)|^\*COM\*/ && section !~ /^\.data\.rel\.ro/)
                print file ": " $NF " is mutable, in " section
        }'
    rm -f "$4"
}

check() {
    local folder file command objects slot=0
    [ -f "$build/compile_commands.json" ] || { echo "globals: want a configured build folder, got '$build'"; return; }
    objects=$(mktemp -d) || return 1
    commands | sort -u -t"$(printf '\t')" -k2,2 >"$objects/commands"
    [ -s "$objects/commands" ] || echo "globals: $build/compile_commands.json has no source of rpc/, svc/ or tools/"
    while IFS=$'\t' read -r folder file command; do
        slot=$((slot + 1))
        one "$folder" "$file" "$command" "$objects/$slot.o" >"$objects/$slot.out" 2>&1 &
        [ $((slot % $(nproc))) != 0 ] || wait
    done <"$objects/commands"
    wait
    cat "$objects"/*.out 2>/dev/null | sort
    rm -rf "$objects"
}

bad_static() { echo 'static int calls; int frame_calls(void); int frame_calls(void) { return ++calls; }' >>rpc/wire/frame.c; }
bad_global() { echo 'int frame_debug = 1;' >>rpc/wire/frame.c; }
bad_local_static() { echo 'int cart_next(void); int cart_next(void) { static long n; return (int)n++; }' >>svc/cart/cart.c; }
bad_thread_local() { echo '__thread int depth;' >>rpc/wire/frame.c; }
bad_table_not_const() { echo 'const char *cart_names[] = {"a", "b"};' >>svc/cart/cart.c; }
bad_built() {
    mkdir -p build/tests/CMakeFiles/frame_test.dir
    echo 'int frame_debug = 1;' | cc -x c -c -o build/tests/CMakeFiles/frame_test.dir/x.o -
}
