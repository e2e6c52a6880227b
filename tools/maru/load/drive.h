/* drive.h: makes the calls of a plan, and counts how they end. Works on any runtime: on virtual time too.
 *
 * Open model (a plan of rates): the plan says when each call is due, whatever became of those before. It leaves then,
 * or when there is room for it (at most in_flight_max are under way), and its response time counts from when it was
 * due. So what a stalled server keeps waiting is counted as long as it waited; a harness that lets the next call wait
 * for the answer before leaves that out (Gil Tene: "coordinated omission").
 *
 * Closed model (a plan of numbers in flight): a call is due when the one before it in its place ended.
 *
 * Calls begin on the runtime's strand, and are made of the client's own parts (client/outgoing.h) rather than by
 * maru_unary_async: so one costs neither a pool nor a copy nor a message that nobody reads.
 */
#ifndef LOAD_DRIVE_H
#define LOAD_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/call.h"
#include "maru/client.h"
#include "plan.h"
#include "requests.h"
#include "tally.h"

enum { DRIVE_CONNECTIONS_MAX = 20000 };

typedef struct drive drive;

typedef struct drive_options {
    const plan         *plan;    /* all that is pointed to outlives the drive */
    bool                open;    /* the plan is of rates; else of numbers in flight */
    maru_client *const *clients; /* of one runtime; calls go to them in turn */
    size_t              client_count;
    const char         *path;  /* "/package.Service/Method" */
    uint32_t            flags; /* MARU_METHOD_* of it */
    requests           *requests;
    const maru_call    *like;       /* a root call whose metadata all have; NULL: none */
    int64_t             timeout_ns; /* of a call, from when it leaves; also how long after the plan's end a call may
                                       still leave that was due before */
    size_t   in_flight_max;         /* of an open one */
    uint64_t calls_max;             /* 0: as many as the plan has */
    int64_t  warm_ns;
    bool     poisson; /* an open one's calls are due at random; else evenly spaced */
    uint64_t seed;
    /* Has drive_wake called at or after a time of the runtime's clock. A later arm replaces an earlier one, or both
     * come. */
    void (*arm)(void *armed, int64_t at_ns);
    void *armed;
    /* Told once, on the strand, when the last call has ended and there will be no other. */
    void (*ended)(void *arg);
    void *arg;
} drive_options;

/* NULL where memory is out. */
drive *drive_new(maru_runtime *runtime, const drive_options *options);
/* After ended, or where it was never started; the clients are there still. */
void drive_free(drive *d);

/* drive_start begins when every client has a connection. Not from the strand. */
void drive_start(drive *d);
/* drive_stop ends the plan now: no further call leaves. From any thread but the strand. */
void drive_stop(drive *d);
/* drive_cancel does that, too, and waits for nobody: calls that are under way end as CANCELLED. From any thread but the
 * strand. */
void drive_cancel(drive *d);
/* From any thread. */
void drive_wake(void *drive);

/* drive_look runs fn on the strand with what is counted so far. began_ns: when the plan began, 0 where connections are
 * still missing; connected: how many there are. Not from the strand. */
typedef struct drive_view {
    const tally *tally;
    int64_t      began_ns, now_ns;
    size_t       connected;
} drive_view;
void drive_look(drive *d, void (*fn)(void *arg, const drive_view *view), void *arg);

/* After ended: what was counted, the caller's from then on (tally_free). NULL the second time. Not from the strand. */
tally *drive_take_tally(drive *d);
/* After that: not OK where a request could not be made, which ended the run; error has words. */
maru_status drive_trouble(const drive *d, maru_error *error);

#endif
