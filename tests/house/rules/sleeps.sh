# No test sleeps: it waits for what it waits for.
# maru_sleep is not meant: handlers may, and their clock may be a virtual one.

check() {
    code_matching '\b(sleep|usleep|nanosleep|clock_nanosleep|thrd_sleep|uv_sleep|nng_msleep)[[:space:]]*\(|\bpoll[[:space:]]*\(NULL' \
        $(files "$TEST_FILES" | grep -E "$C_FILES") | sed 's/^\([^:]*:[0-9]*\):[[:space:]]*/\1: sleeps: /'
    shell_files | grep -E "$TEST_FILES" | grep -v '^tests/house/rules/' |
        xargs -r grep -HnE '^([^#]*[^#[:alnum:]_-])?sleep[[:space:]]+["$0-9]' | sed 's/^\([^:]*:[0-9]*\):[[:space:]]*/\1: sleeps: /'
    return 0
}

bad_c() { echo 'void wait_a_bit(void) { usleep(1000); }' >>tests/wire/frame_test.c; }
bad_beside_a_service() { printf '/* Tests. */\nint main(void) { sleep(1); }\n' >svc/cart/cart_test.c; }
bad_poll() { echo 'void wait_a_bit(void) { poll(NULL, 0, 100); }' >>tests/wire/frame_test.c; }
bad_shell() { printf '#!/bin/sh\n# Tests.\nsleep 0.1\n' >tests/wire/late.sh; }
