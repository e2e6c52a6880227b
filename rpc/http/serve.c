/* serve.c: one request, from its turn to its answer; and the head of one whose client asks whether to go on. */
#include "http/http_impl.h"

#include "runtime/fiber.h"

static void begin_call(http_session *s, maru_arena *arena)
{
    const maru_http_server *server = s->server;

    call_init(&s->call, server->rt, arena, rt_look(server->rt) + server->options.call_ms * MARU_NS_PER_MS);
    s->call.caller = s->caller;
    s->response = (maru_http_response){.status = 200};
}

/* Where the body never came, what else comes may be it: it is no request. */
static void answer(http_session *s)
{
    bool whole = s->parse.done;
    bool close = !whole || !s->parse.keep_alive || s->server->draining || http_session_is_last(s);

    http_session_answer(s, &s->response, close);
    rt_arena_give(s->server->rt, s->call.arena);
    if (whole)
        http_session_next(s, close);
    else
        http_session_linger(s);
}

/* The session may be gone when it returns. */
static void end(http_session *s, void (*step)(http_session *s))
{
    void (*release)(void *held) = s->response.release;
    void *held = s->response.held;

    if (duct_is_open(&s->duct))
        step(s);
    else
        rt_arena_give(s->server->rt, s->call.arena);
    if (release != NULL)
        release(held);
    duct_unref(&s->duct);
}

static void finish(http_session *s)
{
    http_account(s);
    end(s, answer);
}

static void go_on(http_session *s)
{
    rt_arena_give(s->server->rt, s->call.arena);
    http_session_go_on(s);
}

static void read_request(http_session *s)
{
    maru_http_header *headers;

    s->call.fiber = rt_fiber(s->server->rt);
    headers = maru_alloc(&s->call, s->parse.field_count * sizeof *headers);
    http_parse_request(&s->parse, s->duct.in.bytes + s->start, headers, &s->request);
}

static void handle(void *arg)
{
    http_session *s = arg;

    read_request(s);
    s->server->handler(s->server->arg, &s->call, &s->request, &s->response);
    finish(s);
}

static void screen(void *arg)
{
    http_session *s = arg;

    read_request(s);
    if (s->server->options.screen(s->server->arg, &s->call, &s->request, &s->response))
        end(s, go_on);
    else
        finish(s);
}

/* What the handler had filled lies in the arena that is used up. */
static void unwound(void *arg)
{
    static const char words[] = "{\"code\":8,\"message\":\"out of memory for this request\",\"details\":[]}";
    http_session     *s = arg;

    s->response = (maru_http_response){.status = 503,
                                       .type = "application/json",
                                       .body = {.at = words, .size = sizeof words - 1},
                                       .release = s->response.release,
                                       .held = s->response.held};
    finish(s);
}

bool http_run_one(rt_source *source)
{
    http_session *s = (http_session *)((char *)source - offsetof(http_session, source));
    maru_arena   *arena;
    void (*run)(void *arg) = s->state == SESSION_ASKED ? screen : handle;

    s->state = SESSION_RUNNING;
    if (!duct_is_open(&s->duct)) {
        duct_unref(&s->duct);
        return false;
    }
    if ((arena = rt_arena_take(s->server->rt, s->server->options.max_memory)) == NULL) {
        duct_close(&s->duct, "out of memory for a request");
        duct_unref(&s->duct);
        return false;
    }
    arena_join(arena, &s->server->memory);
    begin_call(s, arena);
    if (fiber_start(rt_fibers(s->server->rt), run, unwound, s) == 0)
        return false;
    maru_http_fail(&s->call, &s->response, 503, MARU_RESOURCE_EXHAUSTED, "no more fibers: limit max_fibers, or memory",
                   "");
    finish(s);
    return false;
}

static maru_status status_of(int http)
{
    switch (http) {
    case 408:
        return MARU_DEADLINE_EXCEEDED;
    case 501:
    case 505:
        return MARU_UNIMPLEMENTED;
    case 413:
    case 414:
    case 431:
        return MARU_RESOURCE_EXHAUSTED;
    default:
        return MARU_INVALID_ARGUMENT;
    }
}

void http_refuse(http_session *s, int status, const char *why)
{
    maru_arena *arena = rt_arena_take(s->server->rt, 1 << 20);

    if (arena == NULL) {
        duct_close(&s->duct, "out of memory for a refusal");
        return;
    }
    begin_call(s, arena);
    maru_http_fail(&s->call, &s->response, status, status_of(status), why, "");
    s->began = rt_seen(s->server->rt);
    http_account(s);
    http_session_answer(s, &s->response, true);
    rt_arena_give(s->server->rt, arena);
    http_session_linger(s);
}
