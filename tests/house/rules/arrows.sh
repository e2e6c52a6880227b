# Arrows of the map: tools and tests use svc, svc uses rpc's public headers; nothing points up or sideways.
# A service includes another service's generated stub, never its folder. The headers of tests/ itself are for every test.

check() {
    { files "$C_FILES" | sed 's/^/file /'; files "$C_FILES" | xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include' |
        sed -nE 's/^([^:]*):([0-9]+):[^"<]*["<]([^">]*)[">].*/include \1 \2 \3/p'; } | awk '
        function normal(path,    part, count, i, top, out) {
            count = split(path, part, "/")
            top = 0
            for (i = 1; i <= count; i++) {
                if (part[i] == ".." && top > 0) top--
                else if (part[i] != "." && part[i] != "") out[++top] = part[i]
            }
            path = ""
            for (i = 1; i <= top; i++) path = path (i > 1 ? "/" : "") out[i]
            return path
        }
        function folder(path) { sub(/[^\/]*$/, "", path); return path }
        function first(path) { sub(/\/.*/, "", path); return path }
        function second(path) { sub(/^[^\/]*\//, "", path); return first(path) }
        function resolve(from, target,    i, path) {
            path = normal(folder(from) target)
            if (path in file) return path
            for (i = 1; i <= roots; i++) {
                path = normal(root[i] target)
                if (path in file) return path
            }
            return ""
        }
        BEGIN { roots = split("./ rpc/include/ rpc/ svc/ tools/ tests/", root, " ") }
        $1 == "file" { file[$2] = 1; next }
        {
            to = resolve($2, $4)
            if (to == "" || to ~ /^tests\/[^\/]*\.h$/ && $2 ~ /(_test\.c|\/testing\.h)$/) next
            a = first($2); b = first(to); why = ""
            if (a == "rpc" && b != "rpc") why = "rpc/ knows no " b "/"
            else if (a == "svc" && b == "svc" && second($2) != second(to))
                why = "a service includes another service'"'"'s generated stub, never its folder"
            else if (a == "svc" && (b == "tools" || b == "tests")) why = "svc/ knows no " b "/"
            else if (a == "svc" && b == "rpc" && to !~ /^rpc\/include\/maru\//)
                why = "a service uses maru/*.h, not the inside of rpc/"
            else if (a == "tools" && b == "tests") why = "tools/ knows no tests/"
            if (why != "") print $2 ":" $3 ": includes " to ": " why
        }'
}

bad_rpc_knows_a_service() { echo '#include "../../svc/cart/cart.h"' >>rpc/wire/frame.c; }
bad_rpc_knows_a_service_by_path() { echo '#include "svc/cart/cart.h"' >>rpc/wire/frame.c; }
bad_service_knows_a_neighbour() { mkdir svc/mail && echo '#include "cart/cart.h"' >svc/mail/mail.c; }
bad_service_uses_the_inside() { echo '#include "wire/frame.h"' >>svc/cart/cart.c; }
bad_service_knows_a_tool() { echo '#include "../../tools/maru/cli.h"' >>svc/cart/cart.c; }
bad_tool_knows_a_test() { echo '#include "../../tests/test.h"' >>tools/maru/cli.c; }
