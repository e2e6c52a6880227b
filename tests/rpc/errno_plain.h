/* errno_plain.h: the same few lines of a fiber, once with maru/errno.h, once with libc's own errno. */
#ifndef MARU_TESTS_ERRNO_PLAIN_H
#define MARU_TESTS_ERRNO_PLAIN_H

struct fiber;

/* What errno is after a failed close: before and after the fiber was suspended, and resumed on another thread. */
typedef struct errno_seen {
    struct fiber *self;
    int           before, after;
} errno_seen;

void errno_of_ours(void *seen);  /* fiber_test.c */
void errno_of_plain(void *seen); /* errno_plain.c: built without maru/errno.h */

/* The body of both. close(-1) sets EBADF; reading errno first lets a compiler keep its address over what follows. */
#define ERRNO_BODY(seen)                                                                                               \
    errno = 0;                                                                                                         \
    close(-1);                                                                                                         \
    (seen)->before = errno;                                                                                            \
    fiber_suspend((seen)->self);                                                                                       \
    close(-1);                                                                                                         \
    (seen)->after = errno

#endif
