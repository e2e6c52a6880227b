/* trouble.c: writes that do not come about, in the log (contract: trouble.h). */
#include "store/trouble.h"

#include <lmdb.h>

#include "runtime/rt.h"
#include "store/fault.h"
#include "store/store_impl.h"

static size_t last_txn(const maru_store *store)
{
    MDB_envinfo about;

    mdb_env_info(store->env.mdb, &about);
    return about.me_last_txnid;
}

static void say(const maru_store *store, const char *step, int rc)
{
    if (fault_is_full(rc))
        fault_log(rt_log(store->rt), store->path, "%s: writes are refused until there is room", fault_words(rc));
    else
        fault_log(rt_log(store->rt), store->path, "no write succeeds: %s: %s", step, fault_words(rc));
}

/* That a batch had nothing to commit (all its functions said no, say) is no news. */
void trouble_note(trouble *t, maru_store *store, const char *step, int rc)
{
    int64_t now;

    if (rc == t->rc || (rc == 0 && last_txn(store) == t->stuck))
        return;
    if (rc == 0) {
        t->rc = 0;
        log_write(rt_log(store->rt), LOG_STORE, MARU_LOG_INFO, LOG_FIELDS({"path", store->path, 0}),
                  "writes succeed again");
        return;
    }
    if ((now = rt_now(store->rt)) < t->quiet_until)
        return;
    *t = (trouble){.rc = rc, .stuck = last_txn(store), .quiet_until = now + TROUBLE_QUIET_NS};
    say(store, step, rc);
}
