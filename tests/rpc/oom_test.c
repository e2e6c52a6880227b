/* oom_test.c: memory is out at the n-th allocation of a whole life (runtime, server, client, a call, the end of all),
 * for every n, once and for a while: nothing crashes or leaks, what could not be started says so, and a call ends with
 * a status. When there is memory again, calls are answered again.
 */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "rpc/echo.h"
#include "rpc/wrapped.h"

enum { CALL_MS = 500, NESTED = 2 };

/* A back, a front that calls it, and a client of the front, in one runtime; what could not be made is NULL. */
typedef struct life {
    maru_runtime       *rt;
    maru_server        *servers[NESTED];
    struct echo_service svc[NESTED];
    maru_client        *client;
    maru_error          error;
} life;

static void say_failed(const maru_error *error)
{
    CHECK_INT(error->code, MARU_RESOURCE_EXHAUSTED);
    CHECK(*error->text != 0);
}

static bool start_server(life *l, int i, const char *url)
{
    maru_server_options options = {.name = "echo"};

    return maru_server_new(l->rt, &options, &l->servers[i], &l->error) == MARU_OK &&
           echo_serve(l->servers[i], &echo_table, &l->svc[i], &l->error) == MARU_OK &&
           maru_server_listen(l->servers[i], url, &l->error) == MARU_OK;
}

static bool start(life *l, char urls[NESTED][128])
{
    maru_client_options options = {.backoff_first_ms = 5, .backoff_max_ms = 20};

    *l = (life){0};
    return maru_runtime_new(NULL, &l->rt, &l->error) == MARU_OK && start_server(l, 0, urls[0]) &&
           start_server(l, 1, urls[1]) &&
           maru_client_new(l->rt, urls[0], &options, &l->svc[1].next, &l->error) == MARU_OK &&
           maru_client_new(l->rt, urls[1], &options, &l->client, &l->error) == MARU_OK;
}

static void stop(life *l)
{
    maru_client_free(l->client);
    maru_client_free(l->svc[1].next);
    for (int i = NESTED - 1; i >= 0; i--)
        maru_server_free(l->servers[i]);
    maru_runtime_free(l->rt);
}

/* The status of one call over both hops; -1 where there was no memory for it to begin with. */
static int call_once(life *l, int64_t timeout_ms)
{
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    maru_call    *call = maru_call_begin(l->rt, timeout_ms);
    int           status;

    if (call == NULL)
        return -1;
    request.text = (char *)"text";
    maru_call_add_metadata(call, "key", "value");
    status = echo_relay(l->client, call, &request, &response);
    if (status != MARU_OK)
        CHECK(*maru_call_message(call) != 0);
    maru_call_end(call);
    return status;
}

typedef struct tally {
    int not_started, no_call, ended[MARU_STATUS_COUNT];
} tally;

/* One life in which `fails` allocations from the n-th on fail; false where there were not so many. */
static bool live(long n, long fails, char urls[NESTED][128], tally *t)
{
    life l;
    bool any;

    wrapped_reset(n, fails);
    if (!start(&l, urls)) {
        say_failed(&l.error);
        t->not_started++;
    } else {
        int status = call_once(&l, CALL_MS);

        if (status < 0)
            t->no_call++;
        else if (CHECK(status < MARU_STATUS_COUNT))
            t->ended[status]++;
        any = wrapped_failed() > 0;
        wrapped_reset(0, 0);
        CHECK_INT(call_once(&l, 20000), MARU_OK);
        stop(&l);
        return any;
    }
    stop(&l);
    any = wrapped_failed() > 0;
    wrapped_reset(0, 0);
    return any;
}

static void show(const tally *t, long lives)
{
    printf("# %ld lives: %d could not be started, %d calls could not begin; calls ended with", lives, t->not_started,
           t->no_call);
    for (int i = 0; i < MARU_STATUS_COUNT; i++)
        if (t->ended[i] > 0)
            printf(" %s: %d", maru_status_name(i), t->ended[i]);
    printf("\n");
}

static void test_lives(const char *sentence, long fails, long step, char urls[NESTED][128])
{
    tally t = {0};
    long  n = 1, lives = 0;

    test_begin(sentence);
    for (; live(n, fails, urls, &t); n += step)
        lives++;
    show(&t, lives);
    CHECK(lives > 15);
    CHECK(t.not_started > 0);
    CHECK(t.ended[MARU_OK] > 0);
}

int main(void)
{
    char urls[NESTED][128];

    echo_ipc_url(urls[0], "oom-back");
    echo_ipc_url(urls[1], "oom-front");
    test_lives("any one allocation fails", 1, 1, urls);
    test_lives("any one and the nine after it fail", 10, 3, urls);
    test_lives("any one and the hundred after it fail", 100, 3, urls);
    return test_end();
}
