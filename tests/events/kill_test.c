/* kill_test.c: a producer and a consumer that are killed with -9, again and again, and two processes that share a
 * consumer's store: at the end every event was in effect once, and in its order.
 *
 *   events_kill [KILLS [SEED]]
 *
 * The teller counts up a number for each of some aggregates, and emits it, in one transaction, on a timer. The summer
 * takes a number only where it is the one after the last: else it notes what came instead. Each is a process of its own
 * (child.h). Half of the kills come at any moment, half at a step of its store that the victim is told when it starts.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "app/faults.h"
#include "child.h"
#include "kit.h"
#include "random.h"
#include "test.h"

enum {
    AGGREGATES = 3,
    KILLS = 40,
    KILLS_SHARED = 12,
    TELL_MS = 8,
    CALL_MS = 30000,
    LIFE_MOST_MS = 30,
    DOOM_MOST_MS = 3000
};

/* ---- what the children do ---- */

typedef struct role {
    bool tells; /* go on */
} role;

static void aggregate_name(int i, char name[static 16])
{
    snprintf(name, 16, "sums/%d", i);
}

static maru_status load(maru_txn *txn, const char *name, Tell__Sum **sum)
{
    maru_status status = maru_get(txn, &kit_sums, maru_key_text(name), (ProtobufCMessage **)sum);

    if (status != MARU_NOT_FOUND)
        return status;
    *sum = maru_txn_alloc(txn, sizeof **sum);
    tell__sum__init(*sum);
    return MARU_OK;
}

static maru_status tell_next(maru_txn *txn, const char *name)
{
    Tell__Added added = TELL__ADDED__INIT;
    Tell__Sum  *sum;
    maru_status status = load(txn, name, &sum);

    if (status != MARU_OK)
        return status;
    added.number = ++sum->count;
    status = maru_put(txn, &kit_sums, maru_key_text(name), &sum->base);
    return status == MARU_OK ? maru_emit(txn, name, &added.base) : status;
}

/* On a timer, which is set again in the same transaction. */
static maru_status tell(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    const role *r = maru_txn_settings(txn);
    maru_status status = MARU_OK;
    char        aggregate[16];

    for (int i = 0; i < AGGREGATES && status == MARU_OK && r->tells; i++) {
        aggregate_name(i, aggregate);
        status = tell_next(txn, aggregate);
    }
    return status == MARU_OK && r->tells
               ? maru_timer_set(txn, "tell", name, maru_txn_wall_clock(txn) + TELL_MS * MARU_NS_PER_MS, payload)
               : status;
}

static maru_status begin_to_tell(maru_txn *txn, void *arg)
{
    static const Tell__Noted nothing = TELL__NOTED__INIT;

    return maru_timer_set(txn, "tell", "next", 1, &nothing.base);
}

static maru_status take_next(maru_txn *txn, const maru_event *event)
{
    int64_t     number = ((const Tell__Added *)event->payload)->number;
    Tell__Sum  *sum;
    maru_status status = load(txn, event->aggregate, &sum);

    if (status != MARU_OK)
        return status;
    if (number != sum->count + 1 && sum->seen[0] == '\0')
        sum->seen = maru_arena_printf(maru_txn_arena(txn), "%s after %" PRId64 " came %" PRId64, event->aggregate,
                                      sum->count, number);
    sum->count = number;
    sum->total++;
    return maru_put(txn, &kit_sums, maru_key_text(event->aggregate), &sum->base);
}

static const maru_timer    tell_timers[] = {{"tell", &tell__noted__descriptor, tell}, {NULL, NULL, NULL}};
static const maru_consumer take_consumers[] = {{"teller", &tell__added__descriptor, take_next}, {NULL, NULL, NULL}};

typedef struct child {
    maru_runtime *runtime;
    maru_store   *store;
    maru_server  *server;
    maru_client  *teller; /* of a summer */
    maru_events  *events;
    faults        faults;
    role          role;
} child;

static bool open_child(child *c, const char *service, const char *path, bool shared, maru_error *error)
{
    maru_runtime_options runtime = {.seam = NULL};
    maru_store_options store = {.path = path, .service = service, .version = 1, .tables = kit_tables, .shared = shared};
    maru_server_options server = {.name = service};

    if (faults_read(&c->faults, getenv("MARU_FAULTS"), service, error))
        runtime.seam = &c->faults.seam;
    return error->code == MARU_OK && maru_runtime_new(&runtime, &c->runtime, error) == MARU_OK &&
           maru_store_open(c->runtime, &store, &c->store, error) == MARU_OK &&
           maru_server_new(c->runtime, &server, &c->server, error) == MARU_OK;
}

static bool start_child(child *c, const char *service, const char *url, const char *teller, maru_error *error)
{
    maru_client_options client = {.backoff_first_ms = 2, .backoff_max_ms = 20};
    maru_events_options options = {.runtime = c->runtime,
                                   .server = c->server,
                                   .store = c->store,
                                   .service = service,
                                   .settings = &c->role,
                                   .producer = kit_producer};

    if (*teller == '\0')
        options.timers = tell_timers;
    else if (maru_client_new(c->runtime, teller, &client, &c->teller, error) != MARU_OK)
        return false;
    else
        options.consumers = take_consumers;
    options.arg = c->teller;
    return maru_events_open(&options, &c->events, error) == MARU_OK &&
           maru_server_listen(c->server, url, error) == MARU_OK;
}

static void end_child(child *c)
{
    maru_events_rest(c->events);
    if (c->teller != NULL)
        maru_client_free(c->teller);
    maru_server_free(c->server);
    maru_events_free(c->events);
    maru_store_close(c->store);
    maru_runtime_free(c->runtime);
}

/* child SERVICE STORE URL TELLER HOW: TELLER is "" for the teller itself; HOW has 't' where it tells, 's' where it
 * shares. Says 'o' when it is open, and ends when its input does. */
static int be_child(char **argv)
{
    child      c = {.role = {.tells = strchr(argv[6], 't') != NULL}};
    maru_error error;
    maru_call *call;
    char       byte = 'o';

    if (!open_child(&c, argv[2], argv[3], strchr(argv[6], 's') != NULL, &error) ||
        !start_child(&c, argv[2], argv[4], argv[5], &error)) {
        fprintf(stderr, "%s: %s\n", argv[2], error.text);
        return 1;
    }
    if (c.role.tells) {
        call = maru_call_begin(c.runtime, CALL_MS);
        maru_store_write(c.store, call, begin_to_tell, NULL);
        maru_call_end(call);
    }
    if (write(1, &byte, 1) != 1)
        return 1;
    while (read(0, &byte, 1) > 0)
        ;
    end_child(&c);
    return 0;
}

/* ---- the parent ---- */

enum { TELLER, SUMMER, SUMMER_TOO, WHO };

typedef struct scene {
    char      folder[64];
    char      url[WHO][128], store[WHO][128];
    kit_child children[WHO];
    int       count; /* of children: 3 where two share a store */
    rng       random;
    unsigned  dooms;
    unsigned  kills[2]; /* at any moment; by its own hand */
} scene;

static const char *service_of(int who)
{
    return who == TELLER ? "teller" : "summer";
}

/* Until it is open; false where it ended before. */
static bool start(scene *s, int who, const char *doom, bool tells)
{
    char        how[3] = {0};
    const char *args[] = {
        "child", service_of(who), s->store[who], s->url[who], who == TELLER ? "" : s->url[TELLER], how, NULL};

    snprintf(how, sizeof how, "%s%s", who == TELLER && tells ? "t" : "", s->count == WHO && who != TELLER ? "s" : "");
    setenv("MARU_FAULTS", doom, 1);
    s->children[who] = kit_spawn(args);
    unsetenv("MARU_FAULTS");
    return kit_hear(&s->children[who]) == 'o';
}

static bool was_killed(kit_child *c)
{
    int status = kit_end(c);

    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool kill_now(scene *s, int who)
{
    kill(s->children[who].pid, SIGKILL);
    s->kills[0]++;
    return was_killed(&s->children[who]);
}

/* Until it ends by itself; false where it lives on, since nothing comes that it could die at. */
static bool has_ended(const kit_child *c)
{
    struct pollfd out = {.fd = c->out, .events = POLLIN};

    return poll(&out, 1, DOOM_MOST_MS) == 1 && kit_hear(c) == '\0';
}

/* It dies at that step, be it while it opens or later. Stores that are shared commit at once, others append. */
static bool doom(scene *s, int who)
{
    static const char *const steps[] = {"begin", "put", "flush", "done", "append", "commit"};
    size_t                   step = rng_below(&s->random, 5);
    char                     text[256];

    step += step == 4 && who != TELLER && s->count == WHO;
    snprintf(text, sizeof text, "%s %s %zu %s/doom%u", service_of(who), steps[step], 1 + rng_below(&s->random, 6),
             s->folder, s->dooms++);
    if (!kill_now(s, who))
        return false;
    if (start(s, who, text, true) && !has_ended(&s->children[who]))
        return kill_now(s, who);
    s->kills[1]++;
    return was_killed(&s->children[who]);
}

static bool kill_one(scene *s, maru_runtime *runtime)
{
    int        who = (int)rng_below(&s->random, (size_t)s->count);
    maru_call *call = maru_call_begin(runtime, CALL_MS);

    maru_sleep(call, (int64_t)rng_below(&s->random, LIFE_MOST_MS)); /* its life */
    maru_call_end(call);
    return (rng_below(&s->random, 2) == 0 ? doom(s, who) : kill_now(s, who)) && start(s, who, "", true);
}

/* ---- the end ---- */

static maru_client *client_of(maru_runtime *runtime, const char *url)
{
    maru_client *client = NULL;
    maru_error   error;

    CHECK_INT(maru_client_new(runtime, url, NULL, &client, &error), MARU_OK);
    return client;
}

static uint64_t last_of(maru_client *client, maru_call *call)
{
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *response;

    request.max = 1;
    return maru_event_log_read(client, call, &request, &response) == MARU_OK ? response->last : 0;
}

/* Until the summer has read the teller's log to its end, which nobody adds to any more. */
static bool catch_up(scene *s, maru_runtime *runtime, uint64_t *last)
{
    maru_client                       *teller = client_of(runtime, s->url[TELLER]);
    maru_client                       *summer = client_of(runtime, s->url[SUMMER]);
    maru_call                         *call = maru_call_begin(runtime, CALL_MS);
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;
    bool                               there = false;

    *last = last_of(teller, call);
    while (!there && maru_event_inbox_list_consumers(summer, call, &request, &response) == MARU_OK) {
        there = response->consumers[0]->sequence == *last;
        CHECK(response->consumers[0]->waiting == 0);
        if (!there && maru_sleep(call, 5) != MARU_OK)
            break;
    }
    maru_call_end(call);
    maru_client_free(teller);
    maru_client_free(summer);
    return there;
}

typedef struct sums {
    int64_t counts[AGGREGATES], totals[AGGREGATES], all;
    char    wrong[128];
} sums;

static maru_status read_sums(maru_txn *txn, void *arg)
{
    sums *out = arg;

    for (int i = 0; i < AGGREGATES; i++) {
        char        name[16];
        Tell__Sum  *sum;
        maru_status status;

        aggregate_name(i, name);
        if ((status = load(txn, name, &sum)) != MARU_OK)
            return status;
        out->counts[i] = sum->count;
        out->totals[i] = sum->total;
        out->all += sum->count;
        snprintf(out->wrong + strlen(out->wrong), sizeof out->wrong - strlen(out->wrong), "%s", sum->seen);
    }
    return MARU_OK;
}

static sums sums_in(const scene *s, maru_runtime *runtime, int who)
{
    maru_store_options options = {.path = s->store[who],
                                  .service = service_of(who),
                                  .version = 1,
                                  .tables = kit_tables,
                                  .shared = s->count == WHO && who != TELLER};
    maru_store        *store;
    maru_call         *call;
    maru_error         error;
    sums               out = {.all = 0};

    if (!CHECK_INT(maru_store_open(runtime, &options, &store, &error), MARU_OK)) {
        fprintf(stderr, "%s\n", error.text);
        return out;
    }
    call = maru_call_begin(runtime, CALL_MS);
    CHECK_INT(maru_store_read(store, call, read_sums, &out), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
    return out;
}

static void compare(const scene *s, maru_runtime *runtime, uint64_t last)
{
    sums told = sums_in(s, runtime, TELLER), taken = sums_in(s, runtime, SUMMER);

    CHECK(last > 0);
    CHECK_INT(told.all, last);
    CHECK_STR(taken.wrong, "");
    for (int i = 0; i < AGGREGATES; i++) {
        CHECK_INT(taken.counts[i], told.counts[i]);
        CHECK_INT(taken.totals[i], told.counts[i]);
    }
}

static bool open_scene(scene *s, int count, rng random)
{
    *s = (scene){.folder = "/tmp/maru-kill-XXXXXX", .count = count, .random = random};
    if (mkdtemp(s->folder) == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        snprintf(s->url[i], sizeof s->url[i], "ipc://%s/%d", s->folder, i);
        snprintf(s->store[i], sizeof s->store[i], "%s/%s", s->folder, service_of(i));
        if (!start(s, i, "", true))
            return false;
    }
    return true;
}

/* The rest of what was told is taken without a kill, and then all end in peace. */
static void run_scene(const char *sentence, int count, int kills, rng random)
{
    scene         s;
    maru_runtime *runtime;
    maru_error    error;
    uint64_t      last = 0;

    test_begin(sentence);
    if (!CHECK_INT(maru_runtime_new(NULL, &runtime, &error), MARU_OK))
        return;
    if (CHECK(open_scene(&s, count, random))) {
        bool well = true;

        for (int i = 0; i < kills && well; i++)
            well = CHECK(kill_one(&s, runtime));
        CHECK(kill_now(&s, TELLER) && start(&s, TELLER, "", false));
        CHECK(catch_up(&s, runtime, &last));
        for (int i = 0; i < count; i++)
            CHECK_INT(kit_end(&s.children[i]), 0);
        compare(&s, runtime, last);
        printf("# %" PRIu64 " events; killed at any moment %u, at a step of its store %u\n", last, s.kills[0],
               s.kills[1]);
    }
    maru_runtime_free(runtime);
    nftw(s.folder, serving_remove, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    int kills = argc > 1 ? atoi(argv[1]) : KILLS;
    rng random;

    if (argc == 7 && strcmp(argv[1], "child") == 0)
        return be_child(argv);
    if (argc > 2)
        setenv("MARU_SEED", argv[2], 1);
    random = rng_seeded("events_kill");
    run_scene("producer and consumer killed with -9 many times: every event is in effect once, in its order", 2, kills,
              random);
    run_scene("two processes that share a consumer's store take each event once, in its order, killed or not", WHO,
              argc > 1 ? kills : KILLS_SHARED, random);
    return test_end();
}
