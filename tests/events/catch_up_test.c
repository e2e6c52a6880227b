/* catch_up_test.c: a consumer that was off catches up by few reads and few commits: what makes it fast, counted and not
 * timed (tests/bench/run events is for time).
 *
 * Between the two stands a server that counts the reads, and asks the real log.
 */
#include "kit.h"
#include "test.h"

enum { EVENTS = 4000, A_WRITE = 100, ABOUT = 20, READ_LEAST = 200 /* events a read and a commit, on average */ };

struct maru_event_log_service {
    maru_client *teller;
    atomic_int   reads;
};

struct scene {
    struct teller                 teller;
    struct serving                counter;
    struct maru_event_log_service log;
    maru_seam                     seam; /* the summer's: counts commits */
    atomic_int                    commits;
    struct summer                 summer;
};

static maru_status read_log(struct maru_event_log_service *svc, maru_call *call, const MaruEvents__ReadRequest *request,
                            MaruEvents__ReadResponse *response)
{
    MaruEvents__ReadResponse *real;
    maru_status               status = maru_event_log_read(svc->teller, call, request, &real);

    if (status == MARU_OK) {
        *response = *real;
        atomic_fetch_add(&svc->reads, response->n_events > 0);
    }
    return status;
}

static const maru_event_log_handlers log_methods = {.read = read_log};

/* From the writer's thread. */
static int count_commit(void *self, const char *step)
{
    struct scene *s = self;

    atomic_fetch_add(&s->commits, strcmp(step, "commit") == 0);
    return 0;
}

static bool open_scene(struct scene *s)
{
    *s = (struct scene){.seam = *maru_seam_real()};
    s->seam.self = s;
    s->seam.disk_fault = count_commit;
    if (!teller_open(&s->teller) || !serving_open(&s->counter, "counter", NULL, 0) ||
        !serving_open_in(&s->summer.s, &s->seam, "summer", kit_tables, 1))
        return false;
    return maru_client_new(s->counter.runtime, s->teller.s.url, NULL, &s->log.teller, &s->counter.error) == MARU_OK &&
           maru_event_log_serve(s->counter.server, &log_methods, &s->log, &s->counter.error) == MARU_OK &&
           serving_listen(&s->counter);
}

static void test_catch_up(struct scene *s)
{
    maru_call *call;
    char       aggregate[32];
    bool       there = true;
    int        opened;

    test_begin(
        "what was missed is taken in by some reads and commits for hundreds of events each, not by one an event");
    for (int i = 0; i < EVENTS / A_WRITE; i++) {
        snprintf(aggregate, sizeof aggregate, "sums/%d", i % ABOUT);
        CHECK_INT(teller_write(&s->teller, (struct kit_add){.aggregate = aggregate, .number = 1, .times = A_WRITE}),
                  MARU_OK);
    }
    opened = s->commits;
    CHECK(summer_start(&s->summer, s->counter.url));
    call = serving_call(&s->summer.s);
    for (int i = 0; i < ABOUT && there; i++) {
        snprintf(aggregate, sizeof aggregate, "sums/%d", i);
        there = CHECK(summer_wait(&s->summer, call, aggregate, EVENTS / ABOUT) != NULL);
    }
    maru_call_end(call);
    CHECK_INT(s->summer.runs, EVENTS);
    printf("# %d events: %d reads, %d commits\n", EVENTS, (int)s->log.reads, s->commits - opened);
    CHECK(s->log.reads > 0 && s->log.reads <= EVENTS / READ_LEAST);
    CHECK(s->commits - opened > 0 && s->commits - opened <= EVENTS / READ_LEAST);
}

int main(void)
{
    struct scene s;

    if (!open_scene(&s))
        return 1;
    test_catch_up(&s);
    summer_close(&s.summer);
    maru_client_free(s.log.teller);
    serving_close(&s.counter);
    teller_close(&s.teller);
    return test_end();
}
