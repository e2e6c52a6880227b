# No test names a port: the system gives a free one.
# Looked at are addresses of this machine; URLs with made-up hosts are there to be parsed.

HERE='(\b127(\.[0-9]+){1,3}|localhost|\[::1?\]|\[::ffff:127(\.[0-9]+){3}\]|0\.0\.0\.0|\*)'

check() {
    grep -HnE "$HERE:0*[1-9][0-9]{0,4}\b|\bhtons\([1-9]" \
        $(files "$TEST_FILES" | grep -E '\.(c|h|cc|sh|cmake|txt)$|/[^/.]+$') /dev/null | grep -vE '^tests/house/(rules/|allowed:|selftest:)' |
        sed 's/^\([^:]*:[0-9]*\):[[:space:]]*/\1: a fixed port: /'
    return 0
}

bad_url() { echo 'const char *const url = "tcp://127.0.0.1:5555";' >>tests/wire/frame_test.c; }
bad_another_loopback() { echo 'const char *const url = "127.0.0.2:8123";' >>tests/wire/frame_test.c; }
bad_mapped() { echo 'const char *const url = "tcp://[::ffff:127.0.0.1]:5555";' >>tests/wire/frame_test.c; }
bad_number() { echo 'unsigned short port(void) { return htons(8080); }' >>tests/wire/frame_test.c; }
bad_script() { printf '#!/bin/sh\n# Tests.\nnc localhost:8080\n' >tests/wire/http.sh; }
