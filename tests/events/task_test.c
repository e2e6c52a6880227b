/* task_test.c: what becomes of tasks that run when they are not wanted any more, or are wanted anew; and what is said
 * of those that fail.
 *
 * A patient one waits for longer than any case does: what a case sees of its end is its being cancelled.
 */
#include <sys/mman.h>

#include "kit.h"
#include "test.h"

enum { PLACES = 64, PATIENCE_MS = 3600000 };

struct works {
    struct serving s;
    maru_events   *events;
    atomic_int     patient;  /* of those that run now */
    atomic_int     begun;    /* patient ones, in all */
    atomic_int     last_why; /* with which one of them ended */
    atomic_int     quick;    /* runs of quick ones */
    atomic_int     failures; /* so many more of them fail */
};

static maru_status be_patient(void *svc, maru_call *call, const char *name, const ProtobufCMessage *payload)
{
    struct works *w = svc;
    maru_status   status;

    atomic_fetch_add(&w->begun, 1);
    atomic_fetch_add(&w->patient, 1);
    status = maru_sleep(call, PATIENCE_MS);
    atomic_store(&w->last_why, status);
    atomic_fetch_sub(&w->patient, 1);
    return status;
}

static maru_status be_quick(void *svc, maru_call *call, const char *name, const ProtobufCMessage *payload)
{
    struct works *w = svc;

    atomic_fetch_add(&w->quick, 1);
    if (atomic_load(&w->failures) == 0)
        return MARU_OK;
    return maru_fail(call, atomic_fetch_sub(&w->failures, 1) > 2 ? MARU_NOT_FOUND : MARU_ABORTED, "as wanted");
}

struct setting {
    const char *kind, *name;
    bool        clear;
};

static maru_status set_in_txn(maru_txn *txn, void *arg)
{
    const struct setting *set = arg;
    Tell__Added           nothing = TELL__ADDED__INIT;

    if (set->clear)
        return maru_timer_clear(txn, set->kind, set->name);
    return maru_timer_set(txn, set->kind, set->name, 0, &nothing.base);
}

/* Clears itself, and goes on as if nobody had to know. */
static maru_status clear_itself(void *svc, maru_call *call, const char *name, const ProtobufCMessage *payload)
{
    struct works  *w = svc;
    struct setting own = {.kind = "own", .name = name, .clear = true};
    maru_status    status = maru_store_write(w->s.store, call, set_in_txn, &own);

    return status == MARU_OK ? be_patient(svc, call, name, payload) : status;
}

static const maru_task tasks[] = {{"patient", &tell__added__descriptor, 2 * PATIENCE_MS, 0, be_patient},
                                  {"quick", &tell__added__descriptor, 0, 5, be_quick},
                                  {"own", &tell__added__descriptor, 2 * PATIENCE_MS, 0, clear_itself},
                                  {NULL, NULL, 0, 0, NULL}};

static bool start(struct works *w)
{
    maru_events_options options = {.runtime = w->s.runtime,
                                   .server = w->s.server,
                                   .store = w->s.store,
                                   .service = "works",
                                   .tasks = tasks,
                                   .svc = w};

    return maru_events_open(&options, &w->events, &w->s.error) == MARU_OK && serving_listen(&w->s);
}

static void stop(struct works *w)
{
    maru_events_rest(w->events);
    maru_client_free(w->s.client);
    maru_server_free(w->s.server);
    w->s.client = NULL;
    w->s.server = NULL;
    maru_events_free(w->events);
    serving_stop(&w->s);
}

static void set(struct works *w, struct setting set)
{
    maru_call *call = serving_call(&w->s);

    CHECK_INT(maru_store_write(w->s.store, call, set_in_txn, &set), MARU_OK);
    maru_call_end(call);
}

static const char *numbered(char name[static 16], int i)
{
    snprintf(name, 16, "n/%d", i);
    return name;
}

/* Until a count is what is wanted, for 20 s. */
static bool becomes(struct works *w, const atomic_int *count, int want)
{
    maru_call *call = serving_call(&w->s);

    while (atomic_load(count) != want && maru_sleep(call, 2) == MARU_OK)
        ;
    maru_call_end(call);
    return CHECK_INT(atomic_load(count), want);
}

static void test_cleared(struct works *w)
{
    char name[16];

    test_begin("a task that is cleared while it runs is cancelled, and its place is another's at once");
    for (int i = 0; i < PLACES; i++)
        set(w, (struct setting){"patient", numbered(name, i), false});
    if (!becomes(w, &w->patient, PLACES))
        return;
    set(w, (struct setting){"quick", "behind", false});
    CHECK_INT(w->quick, 0);
    set(w, (struct setting){"patient", numbered(name, 0), true});
    becomes(w, &w->quick, 1);
    CHECK_INT(w->last_why, MARU_CANCELLED);
    test_begin("all others go on");
    CHECK_INT(w->patient, PLACES - 1);
    CHECK_INT(w->begun, PLACES);
}

static void test_again(struct works *w)
{
    char name[16];

    test_begin("one that is set again while it runs is cancelled, and runs again");
    set(w, (struct setting){"patient", numbered(name, 1), false});
    becomes(w, &w->begun, PLACES + 1);
    becomes(w, &w->patient, PLACES - 1);
    test_begin("all that are cleared at once are cancelled at once");
    for (int i = 0; i < PLACES; i++)
        set(w, (struct setting){"patient", numbered(name, i), true});
    becomes(w, &w->patient, 0);
    CHECK_INT(w->begun, PLACES + 1);
}

static void test_own(struct works *w)
{
    test_begin("one that clears itself is no other");
    set(w, (struct setting){"own", "hand", false});
    becomes(w, &w->begun, PLACES + 2);
    becomes(w, &w->patient, 0);
    CHECK_INT(w->last_why, MARU_CANCELLED);
}

static void test_forgotten(struct works *w)
{
    test_begin("those that were cancelled so do not come back with the next start");
    stop(w);
    CHECK(serving_start(&w->s) && start(w));
    set(w, (struct setting){"quick", "after", false});
    becomes(w, &w->quick, 2);
    CHECK_INT(w->begun, PLACES + 2);
}

static int times(const char *text, const char *part)
{
    int count = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

static void test_failing(struct works *w)
{
    char text[4096] = "";
    int  was, into, ran = w->quick;

    test_begin("a task that fails is logged when it begins to, and when it fails otherwise; not each time");
    was = dup(STDERR_FILENO);
    into = memfd_create("stderr", 0);
    dup2(into, STDERR_FILENO);
    w->failures = 5;
    set(w, (struct setting){"quick", "ill", false});
    becomes(w, &w->quick, ran + 6);
    dup2(was, STDERR_FILENO);
    CHECK(pread(into, text, sizeof text - 1, 0) > 0);
    close(was);
    close(into);
    CHECK_INT(times(text, "level=warn"), 2);
    CHECK_INT(times(text, "module=events msg=\"task quick/ill: NOT_FOUND: as wanted; it is tried again\""), 1);
    CHECK_INT(times(text, "module=events msg=\"task quick/ill: ABORTED: as wanted; it is tried again\""), 1);
}

int main(void)
{
    struct works w = {.patient = 0};

    if (!serving_open(&w.s, "works", kit_tables, 1) || !start(&w))
        return 1;
    test_cleared(&w);
    test_again(&w);
    test_own(&w);
    test_forgotten(&w);
    test_failing(&w);
    stop(&w);
    serving_close(&w.s);
    return test_end();
}
