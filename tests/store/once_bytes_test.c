/* once_bytes_test.c: large replies of exactly-once calls lose their bytes, oldest first, where all of them together are
 * more than the store keeps; that they were given stays known, until they are too old. */
#include "asking.h"

enum { LARGE = 1000, KEPT = 10, DAY_MS = 24 * 3600 * 1000 };

static const char *id_of(const char *what, int number, char into[static 32])
{
    snprintf(into, 32, "%s %d", what, number);
    return into;
}

static void fill(asking *c, const char *what, int count, size_t filler)
{
    char id[32];

    for (int i = 0; i < count; i++)
        CHECK_INT(ask(c, id_of(what, i, id), "body", filler, false).status, MARU_OK);
}

static void left(asking *c, const char *id)
{
    outcome o = ask(c, id, "body", LARGE, false);

    CHECK_INT(o.status, MARU_FAILED_PRECONDITION);
    CHECK_INT(o.runs, 0);
    CHECK_CONTAINS(o.words, "this was done, and is not done again; but its reply of 1003 bytes is not kept any more");
    CHECK_CONTAINS(o.words, id);
}

static void whole(asking *c, const char *id, size_t bytes)
{
    outcome o = ask(c, id, "body", LARGE, false);

    CHECK_INT(o.status, MARU_OK);
    CHECK_INT(o.runs, 0);
    CHECK_INT(o.bytes, bytes);
}

static void shedding(asking *c)
{
    char    id[32];
    outcome o;

    fill(c, "small", 50, 200);
    fill(c, "large", 3 * KEPT, LARGE);
    fill(c, "after", 1, 1); /* what a commit adds is looked at by the next */

    test_begin("the newest large replies answer again, the others are known to have been given");
    for (int i = 0; i < 3 * KEPT; i++)
        i < 2 * KEPT ? left(c, id_of("large", i, id)) : whole(c, id_of("large", i, id), LARGE + 3);

    test_begin("small ones stay whole");
    for (int i = 0; i < 50; i++)
        whole(c, id_of("small", i, id), 203);

    test_begin("that another request had the id is seen without the bytes, too");
    o = ask(c, "large 0", "other", LARGE, false);
    CHECK_INT(o.status, MARU_ALREADY_EXISTS);
    CHECK_INT(o.runs, 0);

    test_begin("a write that fails counts for nothing");
    for (int i = 0; i < 2 * KEPT; i++)
        CHECK_INT(ask(c, "fails", "body", LARGE, true).status, MARU_ABORTED);
    whole(c, id_of("large", 2 * KEPT, id), LARGE + 3);
}

static void many_at_once(asking *c)
{
    char id[32];

    test_begin("one that is larger than all others pushes them out, and stays until there are others");
    CHECK_INT(ask(c, "huge", "body", (KEPT - 1) * (LARGE + 3), false).status, MARU_OK);
    fill(c, "after huge", 1, 1);
    whole(c, "huge", (KEPT - 1) * (LARGE + 3) + 3);
    for (int i = 2 * KEPT; i < 3 * KEPT - 1; i++)
        left(c, id_of("large", i, id));
}

static void unanswerable(asking *c)
{
    size_t  before = records(c);
    outcome o;

    test_begin("an answer that can't be sent fails the write: nothing is kept of it, and it can be asked for again");
    c->reply_most = LARGE + 2;
    o = ask(c, "too large", "body", LARGE, false);
    CHECK_INT(o.status, MARU_RESOURCE_EXHAUSTED);
    CHECK_STR(o.words, "reply: 1003 bytes, limit 1002 (max_message)");
    CHECK_INT(o.bytes, 0);
    CHECK_INT(records(c), before);
    o = ask(c, "too large", "body", LARGE - 1, false);
    CHECK_INT(o.status, MARU_OK);
    CHECK_INT(o.runs, 1);
    CHECK_INT(o.bytes, LARGE + 2);
    c->reply_most = 0;
}

static void aging(asking *c)
{
    char id[32];

    test_begin("all of it goes when it is too old, whole or not, and what comes then is counted from nothing");
    c->ahead_ms = 8 * (int64_t)DAY_MS;
    for (int i = 0; i < 3; i++) {
        CHECK_INT(ask(c, "fails", "body", LARGE, true).status, MARU_ABORTED); /* what it removed is there again */
        CHECK_INT(ask(c, "", "", 0, false).status, MARU_OK);
    }
    CHECK_INT(records(c), 2); /* whose store it is, and a sum of 0 */
    fill(c, "large", KEPT, LARGE);
    fill(c, "after", 1, 1);
    for (int i = 0; i < KEPT; i++)
        whole(c, id_of("large", i, id), LARGE + 3);
}

/* The child's: fills the store that is at path, and dies. */
static int fill_and_die(asking *c)
{
    c->ahead_ms = 9 * (int64_t)DAY_MS; /* later than all that is there */
    fill(c, "killed", 3 * KEPT, LARGE);
    fill(c, "last words", 1, 1);
    if (test_state.all_failed == 0)
        kill(getpid(), SIGKILL);
    return 1;
}

static void killed(asking *c, maru_store_options *options)
{
    const char *args[] = {options->path, NULL};
    kit_child   child = kit_spawn(args);
    int         status = kit_end(&child);
    char        id[32];

    test_begin("the same after a kill, when the journal has brought it back");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    c->store = kit_open(c->rt, options);
    for (int i = 0; i < 3 * KEPT; i++)
        i < 2 * KEPT ? left(c, id_of("killed", i, id)) : whole(c, id_of("killed", i, id), LARGE + 3);
    maru_store_close(c->store);
}

int main(int argc, char **argv)
{
    char              *path = argc > 1 ? argv[1] : kit_folder(), id[32];
    maru_store_options options = kit_options(path);
    asking             c;

    options.once_keep_bytes = KEPT * (LARGE + 3);
    ask_begin(&c);
    c.store = kit_open(c.rt, &options);
    if (argc > 1)
        return fill_and_die(&c);
    shedding(&c);
    maru_store_close(c.store);

    test_begin("the same after a restart: what is kept, and how much that is");
    c.store = kit_open(c.rt, &options);
    left(&c, id_of("large", 2 * KEPT - 1, id));
    whole(&c, id_of("large", 2 * KEPT, id), LARGE + 3);
    fill(&c, "one more", 1, LARGE);
    fill(&c, "after that", 1, 1);
    left(&c, id_of("large", 2 * KEPT, id));
    whole(&c, id_of("large", 2 * KEPT + 1, id), LARGE + 3);
    many_at_once(&c);
    unanswerable(&c);
    aging(&c);
    maru_store_close(c.store);
    killed(&c, &options);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    return test_end();
}
