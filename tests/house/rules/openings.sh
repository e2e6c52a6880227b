# Every source opens with a comment that says what it is for; of the library's and the tools' it is not only "see X.h".

check() {
    local file first
    { files '\.(c|h|cc)$|^proto/.*\.proto$'; shell_files; } | sort -u | while IFS= read -r file; do
        first=$(grep -a -m 1 -vE '^(#!.*)?$' "$file")
        case "$file:$first" in
        rpc/*.c:'/* '*'.c: see '*'.h. */' | tools/*.c:'/* '*'.c: see '*'.h. */') echo "$file:1: want what this file does, got: ${first:0:60}" ;;
        *.proto:'//'* | *.c:'/*'* | *.h:'/*'* | *.cc:'/*'* | *.cc:'//'*) ;;
        *.c:* | *.h:* | *.cc:* | *.proto:*) echo "$file:1: want a comment first, got: ${first:0:60}" ;;
        *:'#'*) ;;
        *) echo "$file:2: want a comment first, got: ${first:0:60}" ;;
        esac
    done
}

bad_source() { sed -i 1d rpc/wire/frame.c; }
bad_pointer() { sed -i '1s|.*|/* frame.c: see frame.h. */|' rpc/wire/frame.c; }
bad_header() { sed -i 1d rpc/wire/frame.h; }
bad_proto() { sed -i 1d proto/shop/cart.proto; }
bad_script() { printf '#!/bin/sh\necho hello\n' >tools/hello; }
