/* bench_events.c: how fast a consumer that was off catches up: bench_events [EVENTS]. No test; prints one line, as
 * tests/bench/run reads it: events_per_s=N events=N seconds=N.
 *
 * The events are about a thousand aggregates; each takes effect in a record of its own, and moves the cursor with it.
 */
#include <stdlib.h>

#include "kit.h"
#include "number.h"

enum { EVENTS = 100000, AGGREGATES = 1000, A_WRITE = 100 };

static bool fill(struct teller *t, int events)
{
    char aggregate[32];

    for (int i = 0; i < events; i += A_WRITE) {
        snprintf(aggregate, sizeof aggregate, "sums/%d", i / A_WRITE % AGGREGATES);
        if (teller_write(t, (struct kit_add){.aggregate = aggregate, .number = 1, .times = A_WRITE}) != MARU_OK)
            return false;
    }
    return true;
}

static bool catch_up(struct summer *s, maru_call *call, uint64_t events)
{
    MaruEvents__Consumer *state;

    while ((state = summer_state(s, call)) != NULL && state->sequence < events)
        if (maru_sleep(call, 5) != MARU_OK)
            return false;
    return state != NULL;
}

int main(int argc, char **argv)
{
    uint64_t      number = EVENTS;
    int           events;
    struct teller t;
    struct summer s;
    maru_call    *call;
    int64_t       began;
    double        seconds;

    if (argc > 1 && !number_read(argv[1], A_WRITE, INT32_MAX, &number)) {
        fprintf(stderr, "bench_events: want a number of events from %d, got \"%.60s\"\n", A_WRITE, argv[1]);
        return 2;
    }
    events = (int)number;
    if (!teller_open(&t) || !fill(&t, events) || !summer_open(&s, t.s.url))
        return 1;
    call = maru_call_begin(s.s.runtime, 0);
    began = maru_call_now(call);
    if (!catch_up(&s, call, (uint64_t)events / A_WRITE * A_WRITE))
        return 1;
    seconds = (double)(maru_call_now(call) - began) / 1e9;
    printf("events_per_s=%.0f events=%d seconds=%.2f\n", events / seconds, events, seconds);
    maru_call_end(call);
    summer_close(&s);
    teller_close(&t);
    return 0;
}
