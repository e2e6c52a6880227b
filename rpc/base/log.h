/* log.h: what operators read: one record a line, logfmt or JSON, on a file descriptor.
 *
 *   time=2026-01-31T09:00:00.123Z level=warn service=cart module=store msg="no write succeeds" path=/srv/cart
 *   {"time":"2026-01-31T09:00:00.123Z","level":"warn","service":"cart","module":"store","msg":"...","path":"..."}
 *
 * A runtime owns a maru_log; nothing here is global. From any thread: a record is one write(2). Where whoever reads it
 * has stopped reading, a record waits for LOG_PATIENCE_MS once; then they are lost until there is room again, and the
 * first that is written then says how many ("lost"): a service is not to stop for its log. So it is where a write
 * fails. A file whose disk is full may take a part of a record: that one is lost, too, and its line is ended before the
 * next of the same maru_log. Several that share a file, be they of one process or of more, each know only of their own:
 * what another writes next is on the torn line. Logging never fails a caller and leaves errno as it was.
 *
 * Each module has a level of its own, which may be changed while others write. Where a level is off, a record costs a
 * load and a comparison (log_wants): a caller that has to work for its fields asks first.
 */
#ifndef MARU_LOG_H
#define MARU_LOG_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/log.h"

/* Name, text, what it tells. */
#define LOG_MODULE_TABLE(X)                                                                                            \
    X(APP, app, "start and stop of the process")                                                                       \
    X(CALL, call, "each call that is served: debug; those that failed by this service's own fault: warn")              \
    X(HTTP, http, "each HTTP request, as call does")                                                                   \
    X(SERVER, server, "connections, and what is refused of them")                                                      \
    X(CLIENT, client, "services that are called, and their contracts")                                                 \
    X(STORE, store, "the store and its disk")                                                                          \
    X(EVENTS, events, "consumers, timers, tasks")                                                                      \
    X(SERVICE, service, "what the service itself has to say (maru_log_write)")

typedef enum log_module {
#define X(name, text, tells) LOG_##name,
    LOG_MODULE_TABLE(X)
#undef X
        LOG_MODULES
} log_module;

/* The levels of maru/log.h, and none at all. */
enum { LOG_LEVELS = MARU_LOG_OFF + 1, LOG_SERVICE_MAX = 48 };

typedef struct maru_log {
    int             fd;                           /* -1: nothing is written */
    bool            json;                         /* else logfmt */
    char            service[LOG_SERVICE_MAX + 1]; /* "": is left out */
    atomic_uchar    levels[LOG_MODULES];          /* the least that is written, of each */
    atomic_ullong   lost;                         /* records, since one was written */
    bool            file;                         /* fd is one, which takes writes in turn: */
    pthread_mutex_t writes;
    bool            torn;        /* of writes: the last line has no end */
    int64_t (*wall)(void *self); /* ns since 1970 */
    void *self;
} maru_log;

/* One key of a record. */
typedef struct log_field {
    const char *key;
    const char *text; /* NULL: number */
    int64_t     number;
} log_field;

enum { LOG_PATIENCE_MS = 100, LOG_LINE_MAX = 2048 }; /* a longer record is cut: it ends in "...", or has "cut":true */

/* log_open fills a log on fd; every module says level and above. */
void log_open(maru_log *log, int fd, maru_log_level level, int64_t (*wall)(void *self), void *self);

static inline bool log_wants(const maru_log *log, log_module module, maru_log_level level)
{
    return (int)level >= (int)atomic_load_explicit(&log->levels[module], memory_order_relaxed);
}

/* log_write writes a record, where the module's level lets it. fields ends with one whose key is NULL, and may itself
 * be NULL; e.g.
 *   log_write(log, LOG_STORE, MARU_LOG_WARN, LOG_FIELDS({"path", path, 0}, {"calls", NULL, 3}), "closed: %s", why); */
void log_write(maru_log *log, log_module module, maru_log_level level, const log_field *fields, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#define LOG_FIELDS(...) ((const log_field[]){__VA_ARGS__, {0}})

const char *log_module_name(log_module module);
const char *log_module_tells(log_module module);
const char *log_level_name(maru_log_level level);

/* "info", "call=debug", "warn,call=debug,store=error": levels of modules, in order; one without a module is of all. */
typedef struct log_levels {
    unsigned char level[LOG_MODULES];
    bool          said[LOG_MODULES];
} log_levels;

enum { LOG_LEVELS_TEXT = 256 };

/* log_levels_parse reads text into out; false with words ("debugg: want ...; did you mean debug?") where it is none.
 * Pure. */
bool log_levels_parse(const char *text, log_levels *out, char words[static LOG_LEVELS_TEXT]);
/* log_levels_set applies what was said, at once for each module. */
void log_levels_set(maru_log *log, const log_levels *levels);

#endif
