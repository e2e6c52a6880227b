/* writer.h: the one thread that writes a store, for many callers at once (group commit).
 *
 * It takes all jobs that wait (WRITER_BATCH at most), runs each in a nested transaction of its own, appends what they
 * changed to the journal and flushes that, commits, and only then completes them, all in one event on the strand. (In a
 * store that is shared there is no journal, and the commit flushes.) A job whose deadline has passed when its turn
 * comes is not run. Where the record or the commit fails because there is no room, all of them get that, and the next
 * batch is tried as ever. Where it fails otherwise, the process ends: nobody could say what is on the disk.
 */
#ifndef MARU_WRITER_H
#define MARU_WRITER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/store.h"
#include "runtime/strand.h"
#include "runtime/wait.h"
#include "store/trouble.h"
#include "store/txn.h"

enum { WRITER_BATCH = 512 };

/* One write, on the stack of whoever waits for it. */
typedef struct write_job {
    struct write_job *next;
    strand_event      event; /* of the batch, in its first job */
    wait              waiting;
    maru_call        *base;
    int64_t           deadline;
    maru_txn_fn       fn;
    void             *arg;
    bool              once;
    maru_status       status;
    maru_txn          txn;
} write_job;

typedef struct writer {
    maru_store     *store;
    pthread_t       thread;
    pthread_mutex_t mutex;
    pthread_cond_t  work;
    write_job      *first, **last;
    size_t          waiting; /* admitted and not yet taken */
    size_t          max;
    bool            sleeping;
    bool            closing;
    bool            simulated; /* no thread: batches run on the strand, as events */
    bool            writing;   /* simulated: a batch runs */
    strand_event    turn;      /* simulated: posted where jobs are queued */
    unsigned        commits;   /* the writer's own, like: */
    trouble         trouble;
} writer;

/* writer_start makes the thread; 0 or an errno. */
int writer_start(writer *w, maru_store *store, size_t max_queue);

/* writer_admit reserves a place: OK, RESOURCE_EXHAUSTED where all are taken, UNAVAILABLE where it is closing. After OK
 * writer_push must follow; it can't fail. The job is the writer's until its wait is woken. */
maru_status writer_admit(writer *w);
void        writer_push(writer *w, write_job *job);

bool writer_is_me(const writer *w);

/* writer_stop runs what is queued, and joins. */
void writer_stop(writer *w);

#endif
