/* call.c: see maru/call.h. What a call knows and says; nothing here does I/O. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena_impl.h"
#include "base/utf8.h"
#include "runtime/call_impl.h"
#include "runtime/fiber.h"
#include "runtime/rt.h"
#include "runtime/wait.h"

enum { ROOT_BUDGET = 256 << 20, REQUEST_ID_MAX = 128, METADATA_MAX = 64 };

void call_init(maru_call *call, maru_runtime *rt, maru_arena *arena, int64_t deadline)
{
    *call = (maru_call){.deadline = deadline, .rt = rt, .arena = arena};
    call->base = call;
    call->caller = call->subject = call->request_id = call->traceparent = "";
    call->message = call->origin = call->why = "";
}

maru_call *maru_call_begin(maru_runtime *rt, int64_t timeout_ms)
{
    maru_call  *call = malloc(sizeof *call);
    maru_arena *arena = maru_arena_new(ROOT_BUDGET);

    if (call == NULL || arena == NULL) {
        free(call);
        if (arena != NULL)
            maru_arena_free(arena);
        return NULL;
    }
    call_init(call, rt, arena, timeout_ms == 0 ? MARU_NO_DEADLINE : call_later(rt_now(rt), timeout_ms));
    return call;
}

void maru_call_end(maru_call *call)
{
    if (call == NULL)
        return;
    maru_arena_free(call->arena);
    free(call);
}

/* Memory. */

/* A handler that is ended has calls by callback perhaps: their done may write into its frames, and they hold on to its
 * call. So it waits where it is until the last of them was told. They are cancelled by an event: a done runs beside a
 * handler, never inside of one. */
typedef struct ending {
    strand_event cancel;
    wait         wait;
    maru_call   *base;
} ending;

static void cancel_rest(strand_event *event)
{
    ending    *e = (ending *)event;
    maru_call *base = e->base;

    call_cancel(base, "its handler ran out of memory");
    call_callback_over(base);
}

static void end_callbacks(maru_call *base)
{
    ending e = {.cancel = {.run = cancel_rest}, .base = base};

    if (base->by_callback == 0)
        return;
    wait_begin(&e.wait, base);
    base->ending = &e.wait;
    call_callback_begun(base); /* the event, which lies in this frame too */
    strand_post(rt_strand(base->rt), &e.cancel);
    wait_block(&e.wait);
}

void call_callback_begun(maru_call *base)
{
    base->by_callback++;
}

void call_callback_over(maru_call *base)
{
    assert(base->by_callback > 0);
    if (--base->by_callback == 0 && base->ending != NULL)
        wait_wake(base->ending);
}

/* Only the handler itself is ended, and once: not what runs beside it with its call, a done. */
static bool can_end(const maru_call *base)
{
    return base->fiber != NULL && base->fiber == rt_fiber(base->rt);
}

static void say_ran_out(maru_call *base)
{
    base->message = base->arena->crowded
                        ? "out of memory: the limit of all calls together (max_memory_total) is reached"
                        : "out of memory for this call: its arena's budget (max_memory) is used up";
    base->origin = "";
}

static void *ran_out(maru_call *base)
{
    if (base->fiber == NULL)
        return say_ran_out(base), NULL;
    if (!can_end(base))
        return NULL; /* a done's: the words are its handler's */
    while (base->inside != NULL)
        base->inside->leave(base->inside);
    end_callbacks(base);
    say_ran_out(base); /* the last word, whatever a done said */
    fiber_unwind(base->fiber);
}

void *maru_alloc(maru_call *call, size_t size)
{
    void *at = maru_arena_alloc(call->base->arena, size);

    return at != NULL ? at : ran_out(call->base);
}

char *maru_strdup(maru_call *call, const char *text)
{
    char *copy = maru_arena_strdup(call->base->arena, text);

    return copy != NULL ? copy : ran_out(call->base);
}

char *maru_printf(maru_call *call, const char *format, ...)
{
    va_list args;
    char   *text;

    va_start(args, format);
    text = maru_arena_vprintf(call->base->arena, format, args);
    va_end(args);
    return text != NULL ? text : ran_out(call->base);
}

maru_arena *maru_call_arena(maru_call *call)
{
    return call->base->arena;
}

static maru_call *view_of(maru_call *call)
{
    maru_call *view = maru_alloc(call, sizeof *view);

    if (view != NULL)
        *view = (maru_call){.base = call->base, .deadline = call->deadline, .key = call->key};
    return view;
}

maru_call *maru_within(maru_call *call, int64_t ms)
{
    maru_call *view = view_of(call);
    int64_t    latest = call_later(maru_call_now(call), ms);

    if (view == NULL)
        return call;
    if (latest < view->deadline)
        view->deadline = latest;
    return view;
}

maru_call *maru_keyed(maru_call *call, const char *key)
{
    maru_call *view = view_of(call);

    if (view == NULL)
        return call;
    view->key = maru_strdup(call, key);
    return view;
}

/* Failure. */

maru_status maru_fail(maru_call *call, maru_status status, const char *format, ...)
{
    maru_call *base = call->base;
    va_list    args;
    char      *text;

    va_start(args, format);
    text = maru_arena_vprintf(base->arena, format, args);
    va_end(args);
    base->message = text != NULL ? utf8_one_line(text) : "out of memory for the words of an error";
    base->origin = "";
    return status;
}

void call_say(maru_call *call, const char *message, const char *origin)
{
    maru_call *base = call->base;
    char      *text = maru_arena_strdup(base->arena, message);

    base->message = text != NULL ? utf8_one_line(text) : "out of memory for the words of an error";
    text = origin == NULL || *origin == 0 ? NULL : maru_arena_strdup(base->arena, origin);
    base->origin = text != NULL ? utf8_one_line(text) : "";
}

const char *maru_call_message(const maru_call *call)
{
    return call->base->message;
}

const char *maru_call_origin(const maru_call *call)
{
    return call->base->origin;
}

/* Time. */

int64_t maru_call_now(const maru_call *call)
{
    return rt_now(call->base->rt);
}

int64_t maru_call_wall_clock(const maru_call *call)
{
    return rt_wall(call->base->rt);
}

void maru_call_random(const maru_call *call, void *into, size_t size)
{
    rt_random(call->base->rt, into, size);
}

int64_t maru_call_deadline(const maru_call *call)
{
    return call->deadline;
}

int64_t maru_call_left_ms(const maru_call *call)
{
    int64_t left;

    if (call->deadline == MARU_NO_DEADLINE)
        return INT64_MAX;
    left = call->deadline - maru_call_now(call);
    return left <= 0 ? 0 : left / MARU_NS_PER_MS;
}

maru_status maru_call_check(maru_call *call)
{
    if (call->base->cancelled)
        return maru_fail(call, MARU_CANCELLED, "cancelled: %s", call->base->why);
    if (call->deadline != MARU_NO_DEADLINE && maru_call_now(call) >= call->deadline)
        return maru_fail(call, MARU_DEADLINE_EXCEEDED, "the deadline has passed");
    return MARU_OK;
}

/* Cancellation. */

void call_child_add(maru_call *call, call_child *child)
{
    child->next = call->base->children;
    child->link = &call->base->children;
    if (child->next != NULL)
        child->next->link = &child->next;
    call->base->children = child;
}

void call_child_remove(call_child *child)
{
    if (child->link == NULL)
        return;
    *child->link = child->next;
    if (child->next != NULL)
        child->next->link = child->link;
    child->link = NULL;
}

void call_cancel(maru_call *call, const char *why)
{
    maru_call *base = call->base;

    if (base->cancelled)
        return;
    base->cancelled = true;
    base->why = why;
    while (base->children != NULL) {
        call_child *child = base->children;

        call_child_remove(child);
        child->cancel(child);
    }
}

/* Who and what. */

const char *maru_call_caller(const maru_call *call)
{
    return call->base->caller;
}

const char *maru_call_subject(const maru_call *call)
{
    return call->base->subject;
}

const char *maru_call_request_id(const maru_call *call)
{
    return call->base->request_id;
}

const char *maru_call_method(const maru_call *call)
{
    return call->base->method == NULL ? "" : call->base->method->path;
}

static bool printable(const char *text)
{
    for (; *text != 0; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

/* Where there is no memory, what was kept stays; a handler does not come back (ran_out). */
static maru_status keep(maru_call *call, const char *text, const char **kept)
{
    const char *copy = maru_strdup(call, text);

    if (copy == NULL)
        return MARU_RESOURCE_EXHAUSTED;
    *kept = copy;
    return MARU_OK;
}

bool call_request_id_fits(const char *id)
{
    return *id != 0 && strlen(id) <= REQUEST_ID_MAX && printable(id);
}

maru_status maru_call_set_request_id(maru_call *call, const char *id)
{
    if (!call_request_id_fits(id))
        return maru_fail(call, MARU_INVALID_ARGUMENT,
                         "request id: want 1..%d characters of printable ASCII, got %zu bytes", REQUEST_ID_MAX,
                         strlen(id));
    return keep(call, id, &call->base->request_id);
}

/* size lowercase hex digits that are not all 0. */
static bool trace_id(const char *at, size_t size)
{
    return strspn(at, "0123456789abcdef") >= size && strspn(at, "0") < size;
}

bool call_traceparent_fits(const char *t)
{
    return strlen(t) == 55 && strncmp(t, "00-", 3) == 0 && trace_id(t + 3, 32) && t[35] == '-' &&
           trace_id(t + 36, 16) && t[52] == '-' && strspn(t + 53, "0123456789abcdef") == 2;
}

maru_status maru_call_set_traceparent(maru_call *call, const char *traceparent)
{
    if (!call_traceparent_fits(traceparent))
        return MARU_INVALID_ARGUMENT;
    return keep(call, traceparent, &call->base->traceparent);
}

void maru_call_begin_trace(maru_call *call)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char     random[24];
    char              text[] = "00-00000000000000000000000000000000-0000000000000000-01";
    size_t            at = 3;

    if (*call->base->traceparent != 0)
        return;
    rt_random_id(call->base->rt, random, sizeof random);
    random[0] |= 1; /* neither is all zeros */
    random[16] |= 1;
    for (size_t i = 0; i < sizeof random; i++) {
        at += i == 16;
        text[at++] = hex[random[i] >> 4];
        text[at++] = hex[random[i] & 15];
    }
    (void)keep(call, text, &call->base->traceparent); /* without a trace it is made all the same */
}

const char *maru_call_metadata(const maru_call *call, const char *key)
{
    for (const call_pair *pair = call->base->metadata; pair != NULL; pair = pair->next)
        if (strcmp(pair->key, key) == 0)
            return pair->value;
    return NULL;
}

static bool metadata_key(const char *key)
{
    return *key != 0 && key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == 0;
}

bool call_metadata_fits(const char *key, const char *value)
{
    return metadata_key(key) && printable(value);
}

maru_status maru_call_add_metadata(maru_call *call, const char *key, const char *value)
{
    call_pair *pair, **end = &call->base->metadata;
    int        count = 0;

    if (!metadata_key(key))
        return maru_fail(call, MARU_INVALID_ARGUMENT, "metadata key: want a-z 0-9 - _ ., got \"%s\"", key);
    if (!printable(value))
        return maru_fail(call, MARU_INVALID_ARGUMENT, "metadata %s: want printable ASCII", key);
    for (; *end != NULL; end = &(*end)->next)
        if (++count >= METADATA_MAX)
            return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "metadata: at most %d pairs a call", METADATA_MAX);
    if ((pair = maru_alloc(call, sizeof *pair)) == NULL)
        return MARU_RESOURCE_EXHAUSTED;
    *pair = (call_pair){0};
    if (keep(call, key, &pair->key) != MARU_OK || keep(call, value, &pair->value) != MARU_OK)
        return MARU_RESOURCE_EXHAUSTED;
    *end = pair;
    return MARU_OK;
}

maru_runtime *maru_call_runtime(const maru_call *call)
{
    return call->base->rt;
}

fiber *maru_call_fiber(const maru_call *call)
{
    return call->base->fiber;
}
