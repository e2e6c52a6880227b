# No test sleeps: it waits for what it waits for.
# maru_sleep is not meant: handlers may, and their clock may be a virtual one. A poll or select of nothing is a sleep.

SLEEPERS='\b(sleep|usleep|nanosleep|clock_nanosleep|thrd_sleep|uv_sleep|nng_msleep)[[:space:]]*\('
POLLS='\bp?poll[[:space:]]*\(([[:space:]]*(NULL|0)[[:space:]]*,|[^,]*,[[:space:]]*0[uUlL]*[[:space:]]*,)'
SELECTS='\bp?select[[:space:]]*\([^,]*(,[[:space:]]*(NULL|0)[[:space:]]*){3},'
# Of a shell: sleep 1, sleep .1, sleep "$time"; and perl's select(undef, undef, undef, 0.1) in one.
SHELL_SLEEPS='^([^#]*[^#[:alnum:]_-])?(u?sleep[[:space:]]+["'\''$0-9.]|select[[:space:]]*\([[:space:]]*undef)'

check() {
    { code_matching "$SLEEPERS|$POLLS|$SELECTS" $(files "$TEST_FILES" | grep -E "$C_FILES")
      shell_files | grep -E "$TEST_FILES" | grep -v '^tests/house/rules/' | xargs -r grep -HnE "$SHELL_SLEEPS"; } |
        sed 's/^\([^:]*:[0-9]*\):[[:space:]]*/\1: sleeps: /'
    return 0
}

bad_c() { echo 'void wait_a_bit(void) { usleep(1000); }' >>tests/wire/frame_test.c; }
bad_beside_a_service() { printf '/* Tests. */\nint main(void) { sleep(1); }\n' >svc/cart/cart_test.c; }
bad_poll() { echo 'void wait_a_bit(void) { poll(NULL, 0, 100); }' >>tests/wire/frame_test.c; }
bad_poll_of_none() { echo 'void wait_a_bit(struct pollfd *p) { poll(p, 0, 100); }' >>tests/wire/frame_test.c; }
bad_select() { echo 'void wait_a_bit(void) { struct timeval t = {1, 0}; select(0,0,0,0,&t); }' >>tests/wire/frame_test.c; }
bad_select_of_nulls() { echo 'void wait_a_bit(struct timespec *t) { pselect(1, NULL, NULL, NULL, t, NULL); }' >>tests/wire/frame_test.c; }
bad_shell() { printf '#!/bin/sh\n# Tests.\nsleep 0.1\n' >tests/wire/late.sh; }
bad_shell_of_a_part() { printf '#!/bin/sh\n# Tests.\nsleep .1\n' >tests/wire/late.sh; }
bad_shell_in_a_line() { printf '#!/bin/sh\n# Tests.\nuntil [ -f x ]; do sleep "$1"; done\n' >tests/wire/late.sh; }
bad_perl() { printf '#!/bin/sh\n# Tests.\nperl -e "select(undef, undef, undef, 0.1)"\n' >tests/wire/late.sh; }
