/* tests/sanitizer.h: for tests of what happens at a SIGBUS. Header only.
 *
 * A sanitizer's own handler is left alone (app/buserror.h). sanitizers_leave_sigbus has those of the programs that this
 * one starts install none, so that ours is there.
 */
#ifndef MARU_TEST_SANITIZER_H
#define MARU_TEST_SANITIZER_H

#include <stdio.h>
#include <stdlib.h>

static inline void sanitizers_leave_sigbus(void)
{
    static const char *const names[] = {"ASAN_OPTIONS", "TSAN_OPTIONS"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *now = getenv(names[i]);
        char       *options;

        if (asprintf(&options, "%s:handle_sigbus=0", now ? now : "") < 0)
            exit(1);
        setenv(names[i], options, 1);
        free(options);
    }
}

#endif
