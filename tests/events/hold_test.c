/* hold_test.c: a store that went back to a backup: its timers wait until each log that it had read was read once to its
 * end, however long its producer is away; meanwhile its tasks run. On a simulated clock.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "judge.h"

enum { LONG_MS = 600000, MANY = BATCH + 100, CROWD = 20000, COMMITS = 50 };

/* What is on stderr of what run does. */
static void read_log(void (*run)(struct scene *s), struct scene *s, char *text, size_t size)
{
    int     was = dup(STDERR_FILENO), into = memfd_create("stderr", 0);
    ssize_t got;

    dup2(into, STDERR_FILENO);
    run(s);
    dup2(was, STDERR_FILENO);
    got = pread(into, text, size - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    close(was);
    close(into);
}

static void check_consumer(struct scene *s, bool restored, bool waits_for)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;
    maru_call                         *call = serving_call(&s->judge);

    if (CHECK_INT(maru_event_inbox_list_consumers(s->judge.client, call, &request, &response), MARU_OK)) {
        CHECK_INT(response->consumers[0]->restored, restored);
        CHECK_INT(response->consumers[0]->waits_for, waits_for);
    }
    maru_call_end(call);
}

static void wait_away(struct scene *s)
{
    scene_pass(s, LONG_MS);
}

static void wait_little(struct scene *s)
{
    scene_pass(s, 2000);
}

/* ---- what never read a log ---- */

static void test_fresh(struct scene *s)
{
    test_begin("a new store knows of no news that it lost: its timers wait for nobody for long");
    judge_start(s, NOBODY);
    judge_set(s, "verdict/fresh");
    scene_pass(s, AWAY_MS);
    CHECK_INT(judge_wait(s, "verdict/fresh"), -1);
    judge_stop(s);
    test_begin("also where it read some of a log");
    say_news(s, MANY);
    judge_start(s, s->teller.s.url);
    judge_set(s, "verdict/some");
    while (atomic_load(&s->heard) < BATCH && maru_sim_step(s->sim))
        ;
    teller_stop(&s->teller);
    check_consumer(s, false, false);
    scene_pass(s, AWAY_MS + DUE_MS);
    CHECK_INT(judge_wait(s, "verdict/some"), BATCH);
    if (teller_again(s))
        scene_pass(s, AWAY_MS);
    CHECK_INT(atomic_load(&s->heard), s->said);
}

/* ---- one that went back ---- */

static void go_back(struct scene *s, const char *name, int news)
{
    judge_sleep(s, name, LITTLE_MS);
    judge_go_back(s);
    if (news > 0)
        say_news(s, news);
}

static const char WAITS[] = "timers wait for news of teller: its log is read to its end first, since this store went "
                            "back to a backup";

static void test_told(struct scene *s)
{
    char  text[16384];
    char *told;

    test_begin("the log says for whom, once, and ListConsumers does");
    read_log(wait_away, s, text, sizeof text);
    CHECK(!judge_has(s, "verdict/back"));
    check_consumer(s, true, true);
    if (CHECK((told = strstr(text, WAITS)) != NULL))
        CHECK(strstr(told + 1, WAITS) == NULL);
    CHECK(strstr(text, "timers wait for no news any more") == NULL);
}

static void test_restored(struct scene *s)
{
    char text[16384];

    test_begin("a store that went back to a backup: its timers wait for as long as a producer is away");
    go_back(s, "verdict/back", 1);
    judge_start(s, NOBODY);
    test_told(s);
    test_begin("also after a start, until all was read once");
    teller_stop(&s->teller);
    judge_stop(s);
    judge_start(s, s->teller.s.url);
    wait_away(s);
    CHECK(!judge_has(s, "verdict/back"));
    test_begin("and the log says that they wait no more");
    teller_again(s);
    read_log(wait_little, s, text, sizeof text);
    CHECK_CONTAINS(text, "timers wait for no news any more");
    check_consumer(s, false, false);
    CHECK_INT(judge_wait(s, "verdict/back"), s->said);
    test_begin("and then no more");
    judge_sleep(s, "verdict/after", LITTLE_MS);
    judge_start(s, NOBODY);
    CHECK_INT(judge_wait(s, "verdict/after"), s->said);
    judge_stop(s);
    judge_start(s, s->teller.s.url);
    wait_little(s);
}

static void test_part(struct scene *s)
{
    test_begin("what was read of a log but its end is not enough");
    go_back(s, "verdict/part", MANY);
    judge_start(s, s->teller.s.url);
    while (atomic_load(&s->heard) < s->said - MANY + BATCH && maru_sim_step(s->sim))
        ;
    teller_stop(&s->teller);
    CHECK_INT(atomic_load(&s->heard), s->said - MANY + BATCH);
    wait_away(s);
    CHECK(!judge_has(s, "verdict/part"));
    check_consumer(s, true, true);
    if (teller_again(s))
        CHECK_INT(judge_wait(s, "verdict/part"), s->said);
}

/* As a store is that an earlier version wrote, which did not note what it had read when. */
static maru_status forget_epoch(maru_txn *txn, void *arg)
{
    MaruEvents__Inbox *inbox;
    maru_status        status = maru_get(txn, &events_inbox, maru_key_text("teller"), (ProtobufCMessage **)&inbox);

    if (status != MARU_OK)
        return status;
    inbox->own_epoch = 0;
    return maru_put(txn, &events_inbox, maru_key_text("teller"), &inbox->base);
}

static void test_older(struct scene *s)
{
    test_begin("a backup that an earlier version made: its timers wait as well");
    judge_write(s, forget_epoch, NULL);
    go_back(s, "verdict/older", 1);
    judge_start(s, NOBODY);
    wait_away(s);
    CHECK(!judge_has(s, "verdict/older"));
    check_consumer(s, true, true);
    judge_stop(s);
    judge_start(s, s->teller.s.url);
    CHECK_INT(judge_wait(s, "verdict/older"), s->said);
    test_begin("a store that an earlier version wrote waits for one answer, once");
    judge_write(s, forget_epoch, NULL);
    judge_sleep(s, "verdict/upgrade", LITTLE_MS);
    judge_start(s, s->teller.s.url);
    CHECK_INT(judge_wait(s, "verdict/upgrade"), s->said);
    check_consumer(s, false, false);
}

/* ---- tasks meanwhile ---- */

static maru_status set_crowd(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;
    char        name[32];
    maru_status status = MARU_OK;

    for (int i = 0; i < CROWD && status == MARU_OK; i++) {
        snprintf(name, sizeof name, "crowd/%d", i);
        status = maru_timer_set(txn, "judge", name, maru_txn_wall_clock(txn), &nothing.base);
    }
    return status;
}

static maru_status set_one(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;

    return maru_timer_set(txn, "judge", arg, maru_txn_wall_clock(txn), &nothing.base);
}

static maru_status set_toil_first(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;

    return maru_timer_set(txn, "toil", "first", 0, &nothing.base);
}

static maru_status set_toil_now(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;

    return maru_timer_set(txn, "toil", "now", maru_txn_wall_clock(txn), &nothing.base);
}

/* One is due whenever the job looks. */
static void keep_busy(struct scene *s)
{
    for (int i = 0; i < 20; i++) {
        judge_write(s, set_toil_now, NULL);
        scene_pass(s, 100);
    }
}

static void test_tasks(struct scene *s)
{
    char text[16384];

    test_begin("where only tasks are due nothing is said to wait");
    judge_stop(s);
    judge_go_back(s);
    judge_start(s, NOBODY);
    wait_away(s);
    read_log(keep_busy, s, text, sizeof text);
    CHECK(strstr(text, "timers wait") == NULL);
    check_consumer(s, true, false);
    CHECK(atomic_load(&s->begun) > 1);
    wait_away(s);
    atomic_store(&s->begun, 0);
}

/* Until the index was just walked through. */
static void wait_walked(struct scene *s)
{
    int64_t at = s->events->hold_walk_at;

    while (s->events->hold_walk_at == at && maru_sim_step(s->sim))
        ;
}

static void test_crowd(struct scene *s)
{
    int64_t at;
    char    name[32];

    test_begin("of many timers that wait not all are looked at for each that is set");
    go_back(s, "verdict/crowd", 0);
    judge_start(s, NOBODY);
    wait_away(s);
    judge_write(s, set_crowd, NULL);
    wait_walked(s);
    at = s->events->hold_walk_at;
    for (int i = 0; i < COMMITS; i++) {
        snprintf(name, sizeof name, "more/%d", i);
        judge_write(s, set_one, name);
        scene_pass(s, 1);
    }
    CHECK_INT(s->events->hold_walk_at, at);
    test_begin("and a task among them begins at once, or nearly so");
    judge_write(s, set_toil_first, NULL);
    scene_pass(s, 1);
    CHECK_INT(atomic_load(&s->begun), 1);
    judge_write(s, set_toil_now, NULL);
    scene_pass(s, 250);
    CHECK_INT(atomic_load(&s->begun), 2);
    CHECK(!judge_has(s, "verdict/crowd"));
}

int main(void)
{
    struct scene s;

    if (!scene_open(&s, true))
        return 1;
    test_fresh(&s);
    test_restored(&s);
    test_part(&s);
    test_older(&s);
    test_tasks(&s);
    test_crowd(&s);
    scene_close(&s);
    return test_end();
}
