# Exactly one room of rpc/ includes nng (transport), libuv (app), LMDB (store) and http-parser (http); no service and no tool does.
# A tool that needs a loop may include libuv; tests may include all three.

check() {
    local library header room files_of_room
    while read -r library header room; do
        includes $(files "^(rpc|svc|tools)/.*$C_FILES") | grep -E ":[0-9]+:$header" | while IFS=: read -r path line _; do
            case "$path" in
            rpc/$room/*) ;;
            tools/*) [ "$library" = libuv ] || echo "$path:$line: includes $library's header: only rpc/$room may" ;;
            *) echo "$path:$line: includes $library's header: only rpc/$room may" ;;
            esac
        done
        files_of_room=$(files "^rpc/$room/.*$C_FILES")
        [ -n "$files_of_room" ] && [ -n "$(includes $files_of_room | grep -E ":[0-9]+:$header")" ] ||
            echo "rpc/$room: includes no $library, but it is the room that should"
    done <<'TABLE'
nng   nng/         transport
libuv uv(\.h|/)    app
LMDB  lmdb\.h      store
http-parser http_parser\.h http
TABLE
}

bad_two_rooms_have_nng() { echo '#include <nng/nng.h>' >>rpc/wire/frame.c; }
bad_service_has_nng() { echo '#include <nng/nng.h>' >>svc/cart/cart.c; }
bad_service_has_libuv() { echo '#  include <uv.h>' >>svc/cart/cart.c; }
bad_service_has_lmdb() { echo '#include "lmdb.h"' >>svc/cart/cart.c; }
bad_service_has_http_parser() { echo '#include <http_parser.h>' >>svc/cart/cart.c; }
bad_tool_has_lmdb() { echo '#include <lmdb.h>' >>tools/maru/cli.c; }
bad_no_room_has_nng() { rm rpc/transport/nng.c; }
