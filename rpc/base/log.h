/* log.h: what operators read: one record a line, logfmt, on a file descriptor.
 *
 *   time=2026-01-31T09:00:00.123Z level=warn module=conn msg="closed by the peer" peer=tcp calls=3
 *
 * A runtime owns a maru_log; nothing here is global. From any thread: a record is one write(2), which may block as the
 * descriptor does. A record that cannot be written is lost; logging never fails a caller and leaves errno as it was.
 */
#ifndef MARU_LOG_H
#define MARU_LOG_H

#include <stdint.h>

#define LOG_LEVEL_TABLE(X)                                                                                             \
    X(DEBUG, debug)                                                                                                    \
    X(INFO, info)                                                                                                      \
    X(WARN, warn)                                                                                                      \
    X(ERROR, error)

typedef enum log_level {
#define X(name, text) LOG_##name,
    LOG_LEVEL_TABLE(X)
#undef X
} log_level;

typedef struct maru_log {
    int       fd;                /* -1: nothing is written */
    log_level level;             /* the least that is */
    int64_t (*wall)(void *self); /* ns since 1970 */
    void *self;
} maru_log;

/* One key of a record. */
typedef struct log_field {
    const char *key;
    const char *text; /* NULL: number */
    int64_t     number;
} log_field;

enum { LOG_LINE_MAX = 2048 }; /* a longer record is cut, and ends in "..." */

/* log_write writes a record. fields ends with one whose key is NULL, and may itself be NULL; e.g.
 *   log_write(log, LOG_WARN, "conn", LOG_FIELDS({"peer", peer}, {"calls", NULL, 3}), "closed: %s", why); */
void log_write(const maru_log *log, log_level level, const char *module, const log_field *fields, const char *format,
               ...) __attribute__((format(printf, 5, 6)));

#define LOG_FIELDS(...) ((const log_field[]){__VA_ARGS__, {0}})

/* log_level_parse finds the level of a name ("info"), or -1. */
int log_level_parse(const char *name);

#endif
