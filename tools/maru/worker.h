/* worker.h: one supervised service: its process, its pipes, its health. On the loop's thread.
 *
 * A worker starts its program in a session of its own (the terminal's Ctrl-C is not for it), with --supervised, so that
 * it ends with the supervisor however that ends. It is ready when it said so on stdout and its health check says
 * SERVING.
 */
#ifndef MARU_WORKER_H
#define MARU_WORKER_H

#include <uv.h>

#include "app/lock.h"
#include "app/rundir.h"
#include "checkup.h"
#include "child.h"
#include "discover.h"
#include "edge.h"
#include "merge.h"
#include "state.h"

/* What all workers share. changed is called when a worker has changed, possibly from within worker_step. */
typedef struct workshop {
    uv_loop_t           *loop;
    maru_runtime        *runtime;
    merge               *log;
    rundir               dir;
    bool                 tcp;    /* each one listens on a tcp port too */
    const char          *config; /* the file that they read; NULL: none */
    const edge_plan     *edge;
    const found_service *all; /* of the application, whether or not they run */
    size_t               all_count;
    int64_t              ready_ms; /* how long all of them together may take until they are ready for the first time */
    lock                *held;     /* of this supervisor: it says there that it stops */
    void (*changed)(void *arg);
    void        *arg;
    struct life *lives; /* processes whose handles are not all closed yet */
} workshop;

typedef struct worker {
    workshop     *shop;
    found_service found;
    child         child;
    bool          left_out; /* the others run without it: as if it had never been among them */
    struct life  *life;     /* NULL: no process */
    checkup       checkup;
    int64_t       check_ms; /* when to ask again; INT64_MAX: not */
    int64_t       tell_ms;  /* when to tell that it is still not ready; INT64_MAX: not */
    int64_t       started_wall_ms;
    int           exit_status; /* of the last process; 128 + signal where it was killed */
    char          urls[STATE_URLS_MAX];
    char          tcp_url[STATE_URLS_MAX]; /* kept over restarts; "" before the first */
    char          words[256];              /* why it is not ready */
} worker;

int64_t shop_now(void); /* ms, monotonic */

maru_status worker_open(worker *w, workshop *shop, const found_service *found, maru_error *error);
/* Does what is due; returns when to come again. */
int64_t worker_step(worker *w);
void    worker_stop(worker *w);
/* why, as what the service does or did: "did not stop in time". */
void worker_kill(worker *w, const char *why);
/* Before it was ready once, a service that says that it cannot run, or was asked wrongly, will say so again: the person
 * is told instead. One that crashes is tried again. */
bool worker_is_hopeless(const worker *w);
/* Leaves out one that is hopeless: nothing starts it again. */
void worker_leave_out(worker *w);
/* Says what it is not ready for, after ms. */
void worker_tell(const worker *w, int64_t ms);
/* The one address for the ready line. Points into w. */
const char *worker_url(const worker *w, char out[static STATE_URLS_MAX]);
state_row   worker_row(const worker *w);
/* The process is gone; its check is forgotten. */
void worker_close(worker *w);
/* Closes the pipes of processes that have ended but left them to others. */
void workshop_cut(workshop *shop);

#endif
