/* readers.c: the pool of read transactions (contract: readers.h). */
#include "store/readers.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/call_impl.h"

void readers_init(readers *r, store_env *env)
{
    *r = (readers){.env = env};
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->idle, NULL);
    kept_init(&r->kept, r);
}

static void end_reader(reader *one)
{
    while (one->cursors > 0)
        mdb_cursor_close(one->cursor[--one->cursors]);
    if (one->txn)
        mdb_txn_abort(one->txn);
    free(one);
}

void readers_free(readers *r)
{
    kept_free(&r->kept);
    while (r->free) {
        reader *one = r->free;

        r->free = one->next;
        end_reader(one);
    }
    pthread_cond_destroy(&r->idle);
    pthread_mutex_destroy(&r->mutex);
}

static bool within(const readers *r, const maru_call *call)
{
    if (call == NULL)
        return false;
    for (const reader *one = r->used; one; one = one->next)
        if (one->call == call)
            return true;
    return false;
}

bool readers_within(readers *r, const maru_call *call)
{
    bool is;

    if (maru_call_fiber(call) != NULL && r->kept.call == call)
        return true;
    pthread_mutex_lock(&r->mutex);
    is = within(r, call);
    pthread_mutex_unlock(&r->mutex);
    return is;
}

/* With the mutex held. */
static void enter(readers *r)
{
    while (r->growing)
        pthread_cond_wait(&r->idle, &r->mutex);
    r->active++;
}

static void leave(readers *r)
{
    if (--r->active == 0 && r->growing)
        pthread_cond_broadcast(&r->idle);
}

void readers_enter(readers *r)
{
    pthread_mutex_lock(&r->mutex);
    enter(r);
    pthread_mutex_unlock(&r->mutex);
}

void readers_leave(readers *r)
{
    pthread_mutex_lock(&r->mutex);
    leave(r);
    pthread_mutex_unlock(&r->mutex);
}

static reader *pop(readers *r)
{
    reader *one = r->free;

    if (one)
        r->free = one->next;
    return one ? one : calloc(1, sizeof *one);
}

static int enter_reader(readers *r, const maru_call *call, reader **taken)
{
    int failed = 0;

    pthread_mutex_lock(&r->mutex);
    if (within(r, call)) {
        failed = EBUSY;
    } else {
        enter(r);
        if ((*taken = pop(r)) != NULL) {
            (*taken)->call = call;
            (*taken)->next = r->used;
            r->used = *taken;
        } else {
            leave(r);
            failed = ENOMEM;
        }
    }
    pthread_mutex_unlock(&r->mutex);
    return failed;
}

static int begin(readers *r, reader *one)
{
    int failed;

    if (one->txn)
        return mdb_txn_renew(one->txn);
    failed = mdb_txn_begin(r->env->mdb, NULL, MDB_RDONLY, &one->txn);
    if (failed == MDB_READERS_FULL && env_check_readers(r->env) > 0)
        failed = mdb_txn_begin(r->env->mdb, NULL, MDB_RDONLY, &one->txn);
    return failed;
}

static void leave_reader(readers *r, reader *given)
{
    pthread_mutex_lock(&r->mutex);
    for (reader **at = &r->used; *at; at = &(*at)->next)
        if (*at == given) {
            *at = given->next;
            break;
        }
    given->call = NULL;
    given->next = r->free;
    r->free = given;
    leave(r);
    pthread_mutex_unlock(&r->mutex);
}

int readers_take(readers *r, const maru_call *call, reader **taken)
{
    int failed = enter_reader(r, call, taken);

    if (failed)
        return failed;
    while ((failed = begin(r, *taken)) != 0) {
        leave_reader(r, *taken);
        if (failed != MDB_MAP_RESIZED || (failed = readers_grow(r)) != 0 ||
            (failed = enter_reader(r, call, taken)) != 0)
            return failed;
    }
    return 0;
}

void readers_give(readers *r, reader *given)
{
    mdb_txn_reset(given->txn);
    leave_reader(r, given);
}

/* In a simulation the one thread that grows may be the one that keeps. */
static bool keeps_itself(const readers *r)
{
    return r->kept.rt != NULL && rt_seam(r->kept.rt)->executor->pump != NULL;
}

int readers_grow(readers *r)
{
    int failed = 0;

    if (keeps_itself(r))
        kept_drop(&r->kept);
    pthread_mutex_lock(&r->mutex);
    if (r->growing) { /* another does */
        while (r->growing)
            pthread_cond_wait(&r->idle, &r->mutex);
    } else {
        r->growing = true;
        while (r->active > 0)
            pthread_cond_wait(&r->idle, &r->mutex);
        failed = env_grow(r->env);
        r->growing = false;
        pthread_cond_broadcast(&r->idle);
    }
    pthread_mutex_unlock(&r->mutex);
    return failed;
}
