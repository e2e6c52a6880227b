/* maru/status.h: what a call can end with. The 17 codes of gRPC, by their numbers.
 *
 * One table; the enum, the names and what each says by itself follow from it. The numbers travel on the wire and never
 * change.
 */
#ifndef MARU_STATUS_H
#define MARU_STATUS_H

#include "maru/decls.h"

MARU_BEGIN_DECLS

#define MARU_STATUS_TABLE(X)                                                                                           \
    X(OK, 0, "done")                                                                                                   \
    X(CANCELLED, 1, "the caller gave up")                                                                              \
    X(UNKNOWN, 2, "an error that names no code")                                                                       \
    X(INVALID_ARGUMENT, 3, "wrong whatever the state of the system")                                                   \
    X(DEADLINE_EXCEEDED, 4, "the time ran out; it may have happened or not")                                           \
    X(NOT_FOUND, 5, "no such thing")                                                                                   \
    X(ALREADY_EXISTS, 6, "there is one already")                                                                       \
    X(PERMISSION_DENIED, 7, "known, but not allowed")                                                                  \
    X(RESOURCE_EXHAUSTED, 8, "a limit was reached")                                                                    \
    X(FAILED_PRECONDITION, 9, "not in this state; do not retry as it is")                                              \
    X(ABORTED, 10, "lost a race; retry the whole")                                                                     \
    X(OUT_OF_RANGE, 11, "past the end")                                                                                \
    X(UNIMPLEMENTED, 12, "no such method here")                                                                        \
    X(INTERNAL, 13, "broken on the side that was asked")                                                               \
    X(UNAVAILABLE, 14, "not now; retry with backoff")                                                                  \
    X(DATA_LOSS, 15, "stored bytes are damaged")                                                                       \
    X(UNAUTHENTICATED, 16, "not known who asks")

typedef enum maru_status {
#define X(name, number, meaning) MARU_##name = number,
    MARU_STATUS_TABLE(X)
#undef X
} maru_status;

enum { MARU_STATUS_COUNT = 17 };

/* maru_status_name returns "NOT_FOUND" and the like; "UNKNOWN" for a number outside the table.
 * The string is static. */
const char *maru_status_name(int status);

/* maru_status_words is what a person is told beside the name: the message that came with a status or, where that is
 * empty, what the code says by itself. It lives as long as message, or is static. */
const char *maru_status_words(int status, const char *message);

/* maru_status_parse finds the code of a name, or -1. */
int maru_status_parse(const char *name);

/* An error of setting something up (a runtime, a listener, a store), where there is no call to hold
 * it. The caller owns it; text is one line that says what, where and what was expected. */
typedef struct maru_error {
    maru_status code;
    char        text[512];
} maru_error;

/* maru_error_set formats into error (which may be NULL) and returns code. */
maru_status maru_error_set(maru_error *error, maru_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

MARU_END_DECLS

#endif
