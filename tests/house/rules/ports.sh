# No test names a port: the system gives a free one.
# Looked at are addresses of this machine; URLs with made-up hosts are there to be parsed.

check() {
    grep -HnE '(127\.0\.0\.1|localhost|\[::1?\]|0\.0\.0\.0|\*):[1-9][0-9]{0,4}\b' \
        $(files "$TEST_FILES" | grep -E '\.(c|h|cc|sh|cmake|txt)$|/[^/.]+$') /dev/null | grep -vE '^tests/house/(rules/|allowed:|selftest:)' |
        sed 's/^\([^:]*:[0-9]*\):[[:space:]]*/\1: a fixed port: /'
    return 0
}

bad_url() { echo 'const char *const url = "tcp://127.0.0.1:5555";' >>tests/wire/frame_test.c; }
bad_script() { printf '#!/bin/sh\n# Tests.\nnc localhost:8080\n' >tests/wire/http.sh; }
