/* client.c: a channel to one target: it keeps a connection, and lets calls wait for it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "client/backoff.h"
#include "client/client_impl.h"
#include "client/contract.h"
#include "client/link.h"
#include "maru/shown.h"

static void connect_now(maru_client *client);

static int64_t later(const maru_client *client, int64_t ms)
{
    return rt_now(client->rt) + ms * (int64_t)MARU_NS_PER_MS;
}

/* The waiting list: calls for which there is no room now, in order. */

static void waiting_add(maru_client *client, outgoing *o)
{
    o->next = NULL;
    o->at = client->waiting_end;
    *client->waiting_end = o;
    client->waiting_end = &o->next;
}

static void waiting_remove(maru_client *client, outgoing *o)
{
    if (o->at == NULL)
        return;
    *o->at = o->next;
    if (o->next != NULL)
        o->next->at = o->at;
    else
        client->waiting_end = o->at;
    o->at = NULL;
}

/* The end of a call. */

void client_look_over(maru_client *client)
{
    gate *g = client->closed_gate;

    if (!client->closing || g == NULL || client->calls > 0 || client->all != NULL || client->dialing ||
        !unary_all_told(client))
        return;
    client->closed_gate = NULL;
    gate_open(g);
}

void client_ended(outgoing *o, maru_status status, const char *message, const char *origin, const frame *reply)
{
    maru_client *client = o->client;

    rt_timer_clear(client->rt, &o->timer);
    call_child_remove(&o->child);
    waiting_remove(client, o);
    client->calls--;
    o->finish(o, status, message, origin, reply);
    client_look_over(client);
}

/* Nobody waits any more: time, or the caller. */
static void give_up(outgoing *o, maru_status status, const char *message)
{
    if (o->link != NULL)
        link_abandon(o->link, o, message);
    client_ended(o, status, message, "", NULL);
}

static void deadline_passed(wheel_timer *timer)
{
    outgoing    *o = (outgoing *)((char *)timer - offsetof(outgoing, timer));
    maru_client *client = o->client;
    char         words[512];

    if (o->link != NULL)
        snprintf(words, sizeof words, "%s: no answer from %.200s within the deadline", o->path, client->target);
    else if (client->link != NULL && !link_usable(client->link))
        snprintf(words, sizeof words,
                 "%s: %.200s does not answer: a connection stands, and nothing came on it within the deadline", o->path,
                 client->target);
    else if (client->link != NULL)
        snprintf(words, sizeof words, "%s: no room for another call to %.200s within the deadline", o->path,
                 client->target);
    else
        snprintf(words, sizeof words, "%s: no connection to %.200s within the deadline%s%.120s", o->path,
                 client->target, *client->trouble == 0 ? "" : ": ", client->trouble);
    give_up(o, MARU_DEADLINE_EXCEEDED, words);
}

static void cancelled(call_child *child)
{
    outgoing *o = (outgoing *)((char *)child - offsetof(outgoing, child));
    char      words[256];

    snprintf(words, sizeof words, "%s: cancelled: %s", o->path, o->call->base->why);
    give_up(o, MARU_CANCELLED, words);
}

/* The beginning of one. */

static void transmit(maru_client *client, outgoing *o)
{
    maru_error  error;
    maru_status status = contract_check(client, o, &error);

    if (status == MARU_OK)
        status = link_send(client->link, o, &error);
    if (status != MARU_OK)
        client_ended(o, status, error.text, "", NULL);
}

static void send_waiting(maru_client *client)
{
    while (client->waiting != NULL && client->link != NULL && link_room(client->link)) {
        outgoing *o = client->waiting;

        waiting_remove(client, o);
        transmit(client, o);
    }
}

/* Why it cannot even wait; OK where it can. */
static maru_status refused(maru_client *client, outgoing *o, char *words, size_t size)
{
    if (client->closing)
        return snprintf(words, size, "%s: the client is closed", o->path), MARU_CANCELLED;
    if (o->call->base->cancelled)
        return snprintf(words, size, "%s: cancelled: %s", o->path, o->call->base->why), MARU_CANCELLED;
    if (o->call->deadline <= rt_glance(client->rt))
        return snprintf(words, size, "%s: the deadline had passed before it was sent to %.200s", o->path,
                        client->target),
               MARU_DEADLINE_EXCEEDED;
    if (client->calls > client->options.max_calls)
        return snprintf(words, size, "calls in flight or waiting for %.200s: limit %zu (max_calls)", client->target,
                        client->options.max_calls),
               MARU_RESOURCE_EXHAUSTED;
    return MARU_OK;
}

void client_submit(outgoing *o)
{
    maru_client *client = o->client;
    char         words[512];
    maru_status  status;

    client->calls++;
    o->timer = (wheel_timer){.fire = deadline_passed};
    o->child = (call_child){.cancel = cancelled};
    o->at = NULL;
    o->link = NULL;
    if ((status = refused(client, o, words, sizeof words)) != MARU_OK) {
        client_ended(o, status, words, "", NULL);
        return;
    }
    if (o->call->deadline != MARU_NO_DEADLINE)
        rt_timer_set(client->rt, &o->timer, o->call->deadline);
    call_child_add(o->call, &o->child);
    if (client->waiting == NULL && client->link != NULL && link_room(client->link))
        transmit(client, o);
    else
        waiting_add(client, o);
}

/* The connection. */

static void connect_later(maru_client *client)
{
    uint32_t random;

    rt_random(client->rt, &random, sizeof random);
    rt_timer_set(client->rt, &client->retry, later(client, backoff_next(&client->backoff, random)));
}

/* A connection that lasted is followed by another at once; one that did not counts as a failure to connect. */
static void connect_again(maru_client *client)
{
    int64_t least = client->options.backoff_first_ms * (int64_t)MARU_NS_PER_MS;

    if (client->usable_at == 0 || rt_now(client->rt) - client->usable_at < least) {
        connect_later(client);
        return;
    }
    backoff_reset(&client->backoff);
    connect_now(client);
}

static void retry_fired(wheel_timer *timer)
{
    connect_now((maru_client *)((char *)timer - offsetof(maru_client, retry)));
}

static void tell_watcher(const maru_client *client, bool connected)
{
    if (client->watch != NULL)
        client->watch(client->watcher, connected);
}

static void on_usable(maru_client *client, link *l)
{
    bool again = client->usable_at != 0;

    if (client->link != l)
        return;
    client->serial++;
    if (!again)
        client->usable_at = rt_now(client->rt);
    *client->trouble = 0;
    send_waiting(client);
    if (!again)
        tell_watcher(client, true);
}

static void on_room(maru_client *client, link *l)
{
    if (client->link == l)
        send_waiting(client);
}

/* The calls in flight end on the old connection; new ones get a new one. */
static void on_going_away(maru_client *client, link *l, const char *why)
{
    if (client->link == l) {
        client->link = NULL;
        snprintf(client->trouble, sizeof client->trouble, "%s", why);
        tell_watcher(client, false);
        connect_again(client);
    }
    link_finish(l);
}

static void on_link_closed(maru_client *client, link *l, const char *why)
{
    if (client->link == l) {
        client->link = NULL;
        snprintf(client->trouble, sizeof client->trouble, "%s", why);
        tell_watcher(client, false);
        if (!client->closing)
            connect_again(client);
    }
    client_look_over(client);
}

static const link_events events = {
    .usable = on_usable, .room = on_room, .going_away = on_going_away, .closed = on_link_closed};

static void take_stream(maru_client *client, maru_stream *stream)
{
    link_options options = {.target = client->target,
                            .ipc = client->ipc,
                            .max_message = client->options.max_message,
                            .ping_ms = client->options.ping_ms};

    client->link = link_new(client->rt, stream, &options, &events, client, &client->all);
    client->usable_at = 0;
    if (client->link == NULL) {
        snprintf(client->trouble, sizeof client->trouble, "out of memory");
        connect_later(client);
    }
}

static void refuse_stream(maru_client *client, maru_stream *stream)
{
    rt_seam(client->rt)->transport->close(stream);
    rt_seam(client->rt)->transport->release(stream);
}

/* What the transport says, where its own words would say less. */
static const char *dial_words(int error)
{
    if (error == ENOENT)
        return "no such socket";
    return error == EADDRNOTAVAIL ? "unknown host, or no address that can be reached from here" : strerror(error);
}

static void on_dialed(strand_event *event)
{
    maru_client *client = (maru_client *)((char *)event - offsetof(maru_client, dialed));

    rt_seam(client->rt)->transport->dial_release(client->dial);
    client->dialing = false;
    if (client->closing) {
        if (client->dial_error == 0)
            refuse_stream(client, client->stream);
        client_look_over(client);
    } else if (client->dial_error == 0) {
        take_stream(client, client->stream);
    } else {
        snprintf(client->trouble, sizeof client->trouble, "%s", dial_words(client->dial_error));
        connect_later(client);
    }
}

static void on_dialed_thread(void *arg, int error, maru_stream *stream)
{
    maru_client *client = arg;

    client->dial_error = error;
    client->stream = stream;
    strand_post(rt_strand(client->rt), &client->dialed);
}

static void connect_now(maru_client *client)
{
    maru_error error;

    if (client->closing || client->dialing)
        return;
    client->dialing = true;
    client->dial = rt_seam(client->rt)
                       ->transport->dial(rt_seam(client->rt)->self, client->target, on_dialed_thread, client, &error);
    if (client->dial != NULL)
        return;
    client->dialing = false;
    snprintf(client->trouble, sizeof client->trouble, "%.150s", error.text);
    connect_later(client);
}

/* Watching. */

typedef struct watching {
    maru_client        *client;
    maru_client_changed changed;
    void               *arg;
} watching;

static void watch_begin(void *arg)
{
    const watching *w = arg;

    w->client->watch = w->changed;
    w->client->watcher = w->arg;
    tell_watcher(w->client, w->client->link != NULL && w->client->usable_at != 0);
}

void maru_client_watch(maru_client *client, maru_client_changed changed, void *arg)
{
    watching w = {.client = client, .changed = changed, .arg = arg};

    rt_on_strand(client->rt, watch_begin, &w);
}

/* Life and death. */

static void connect_first(strand_event *event)
{
    connect_now((maru_client *)((char *)event - offsetof(maru_client, begin)));
}

static void set_defaults(maru_client_options *o)
{
#define DEFAULT(field, value)                                                                                          \
    if (o->field == 0)                                                                                                 \
    o->field = (value)
    DEFAULT(max_message, 4u << 20);
    DEFAULT(max_calls, 65536);
    DEFAULT(backoff_first_ms, 1000);
    DEFAULT(backoff_max_ms, 120000);
    DEFAULT(ping_ms, 10000);
#undef DEFAULT
    if (o->ping_ms < 0)
        o->ping_ms = 0;
}

static maru_status check_target(const char *target, maru_error *error)
{
    const char *want = url_check_call(target);

    if (want == NULL)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %s", maru_shown(target).text, want);
}

maru_status maru_client_new(maru_runtime *rt, const char *target, const maru_client_options *options, maru_client **out,
                            maru_error *error)
{
    maru_client *client;
    maru_status  status;

    if (check_target(target, error) != MARU_OK)
        return MARU_INVALID_ARGUMENT;
    if ((status = rt_prepare_transport(rt, error)) != MARU_OK)
        return status;
    client = calloc(1, sizeof *client);
    if (client == NULL || (client->target = strdup(target)) == NULL) {
        free(client);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", target);
    }
    client->rt = rt;
    client->options = options == NULL ? (maru_client_options){0} : *options;
    set_defaults(&client->options);
    client->backoff = (backoff){.first_ms = client->options.backoff_first_ms, .max_ms = client->options.backoff_max_ms};
    client->ipc = strncmp(target, "ipc:", 4) == 0;
    client->waiting_end = &client->waiting;
    client->retry.fire = retry_fired;
    client->dialed.run = on_dialed;
    client->begin.run = connect_first;
    pthread_mutex_init(&client->async_mutex, NULL);
    strand_post(rt_strand(rt), &client->begin);
    *out = client;
    return MARU_OK;
}

typedef struct closing {
    maru_client *client;
    gate         gate;
} closing;

static void close_begin(void *arg)
{
    closing     *c = arg;
    maru_client *client = c->client;

    client->closing = true;
    client->closed_gate = &c->gate;
    rt_timer_clear(client->rt, &client->retry);
    while (client->waiting != NULL)
        client_ended(client->waiting, MARU_CANCELLED, "the client was closed", "", NULL);
    if (client->dialing)
        rt_seam(client->rt)->transport->dial_cancel(client->dial);
    link_close_all(client->all, "the client was closed");
    client_look_over(client);
}

const char *maru_client_target(const maru_client *client)
{
    return client->target;
}

size_t maru_client_max_request(const maru_client *client)
{
    return client->link == NULL ? SIZE_MAX : link_max_request(client->link);
}

void maru_client_free(maru_client *client)
{
    closing c = {.client = client};

    if (client == NULL)
        return;
    gate_init(&c.gate, client->rt);
    rt_on_strand(client->rt, close_begin, &c);
    gate_wait(&c.gate);
    contract_free_all(client);
    unary_free_spares(client);
    pthread_mutex_destroy(&client->async_mutex);
    free(client->target);
    free(client);
}
