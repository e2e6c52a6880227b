/* child.c: decides when a supervised process is started, started again, told to stop, or killed. */
#include "child.h"

#include <stddef.h>
#include <string.h>

static const char *const state_names[CHILD_STATES] = {
#define X(state, name) [CHILD_##state] = name,
    CHILD_STATE_TABLE(X)
#undef X
};

const char *child_state_name(child_state state)
{
    return state_names[state];
}

child_state child_state_parse(const char *name)
{
    child_state state = 0;

    while (state < CHILD_STATES && strcmp(state_names[state], name) != 0)
        state++;
    return state;
}

child child_new(int64_t now_ms)
{
    return (child){.state = CHILD_WAITING, .next_ms = now_ms, .backoff_ms = CHILD_BACKOFF_FIRST_MS};
}

child_action child_due(child *c, int64_t now_ms)
{
    if (now_ms < c->next_ms)
        return CHILD_NOTHING;
    c->next_ms = INT64_MAX;
    if (c->state == CHILD_WAITING)
        return CHILD_START;
    return c->state == CHILD_STOPPING ? CHILD_KILL : CHILD_NOTHING;
}

void child_started(child *c, int64_t now_ms)
{
    c->state = CHILD_STARTING;
    c->started_ms = now_ms;
    c->next_ms = INT64_MAX;
}

void child_ready(child *c)
{
    if (c->state != CHILD_STARTING)
        return;
    c->state = CHILD_READY;
    c->was_ready = true;
}

void child_ended(child *c, int64_t now_ms)
{
    bool ran = c->state == CHILD_STARTING || c->state == CHILD_READY;

    if (c->state == CHILD_STOPPING || c->state == CHILD_ENDED) {
        c->state = CHILD_ENDED;
        c->next_ms = INT64_MAX;
        return;
    }
    if (ran && now_ms - c->started_ms >= CHILD_BACKOFF_RESET_MS)
        c->backoff_ms = CHILD_BACKOFF_FIRST_MS;
    c->state = CHILD_WAITING;
    c->next_ms = now_ms + c->backoff_ms;
    c->restarts++;
    c->backoff_ms = c->backoff_ms * 2 > CHILD_BACKOFF_MAX_MS ? CHILD_BACKOFF_MAX_MS : c->backoff_ms * 2;
}

bool child_stop(child *c, int64_t now_ms)
{
    bool runs = c->state == CHILD_STARTING || c->state == CHILD_READY;

    if (c->state == CHILD_STOPPING || c->state == CHILD_ENDED)
        return false;
    c->state = runs ? CHILD_STOPPING : CHILD_ENDED;
    c->next_ms = runs ? now_ms + CHILD_STOP_MS : INT64_MAX;
    return runs;
}
