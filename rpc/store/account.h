/* account.h: what a store counts: commits, and how long they took. Written by the writer alone; read by anyone. */
#ifndef MARU_STORE_ACCOUNT_H
#define MARU_STORE_ACCOUNT_H

#include "base/histogram.h"
#include "runtime/meter.h"

typedef struct store_counts {
    meter            meter;
    _Atomic uint64_t writes, failed, refused; /* done; rolled back; no place in the queue */
    histogram        batch;                   /* writes of a commit */
    histogram        commit, flush;           /* how long: all of a commit; of it, the journal's flush */
} store_counts;

struct maru_store;
void store_account_open(struct maru_store *store);
void store_account_close(struct maru_store *store);

#endif
