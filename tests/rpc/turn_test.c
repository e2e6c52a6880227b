/* turn_test.c: a turn of the strand begins with the handlers whose wait has ended, and goes on with new calls. On
 * virtual time.
 */
#include "test.h"

#include <stdlib.h>

#include "rpc/simworld.h"

enum { CALLS = 4 };

/* What happened, in the order in which it did. */
typedef struct story {
    maru_sim *sim;
    int       begun;
    char      words[64];
} story;

static void note(story *s, char what)
{
    s->words[strlen(s->words)] = what;
}

/* The first handler waits for 5 ms, the others take 10 ms each: as long as many turns. */
static void visit(struct echo_service *svc, maru_call *call)
{
    story *s = svc->visitor;

    if (s->begun++ == 0) {
        note(s, 'w');
        CHECK_INT(maru_sleep(call, 5), MARU_OK);
        note(s, 'W');
    } else {
        note(s, 'n');
        maru_sim_spend(s->sim, 10 * MS);
    }
}

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    (void)message;
    (void)response;
    CHECK_INT(status, MARU_OK);
    ++*(int *)arg;
}

int main(void)
{
    world         w;
    story         s;
    maru_client  *client;
    maru_call    *call;
    Echo__Message request = ECHO__MESSAGE__INIT;
    int           ended = 0;

    test_begin("a handler whose wait is over goes on before the first new call of the next turn");
    world_start(&w, 0, NULL);
    s = (story){.sim = w.sim};
    w.node.svc.visitor = &s;
    w.node.svc.visit = visit;
    client = echo_client(w.node.rt, URL);
    call = maru_call_begin(w.node.rt, 0);
    for (int i = 0; i < CALLS; i++)
        echo_echo_async(client, call, &request, on_end, &ended);
    pass(w.sim, SECOND);
    CHECK_INT(ended, CALLS);
    CHECK_STR(s.words, "wnWnn");
    maru_call_end(call);
    maru_client_free(client);
    world_stop(&w);
    return test_end();
}
