/* duct.c: life and death of a duct, and its input. See duct.h. */
#include <stdio.h>
#include <string.h>

#include "duct/duct_impl.h"

/* Life and death. */

/* Input that the owner looks at stays. */
static void drop_buffers(duct *d)
{
    if (!d->pinned)
        buffer_drop(&d->in);
    buffer_drop(&d->out);
    buffer_drop(&d->going);
    d->gone = 0;
    duct_count(d);
}

void duct_unref(duct *d)
{
    if (--d->refs > 0)
        return;
    d->pinned = false;
    drop_buffers(d);
    d->calls->gone(d);
}

void duct_close_if_still(duct *d)
{
    if (!d->closing || d->closed || d->receiving || d->sending)
        return;
    d->closed = true;
    rt_timer_clear(d->rt, &d->slow);
    rt_output_forget(d->rt, &d->output);
    duct_transport(d)->release(d->stream);
    d->stream = NULL;
    drop_buffers(d); /* before: with its last connection the owner of options.memory may go */
    d->calls->closed(d, d->why);
    duct_unref(d);
}

static void on_close(strand_event *event)
{
    duct *d = (duct *)((char *)event - offsetof(duct, close_event));

    duct_close_if_still(d);
    duct_unref(d);
}

static void note_why(duct *d, const char *why)
{
    size_t size = strlen(why);

    size = size < sizeof d->why ? size : sizeof d->why - 1;
    memmove(d->why, why, size);
    d->why[size] = 0;
}

/* `closed` never runs from within: the last callback brings it, or this event where none is under way. */
void duct_close(duct *d, const char *why)
{
    if (d->closing)
        return;
    d->closing = true;
    if (!d->finishing)
        note_why(d, why);
    duct_transport(d)->close(d->stream);
    if (!d->receiving && !d->sending)
        strand_post(rt_strand(d->rt), &duct_ref(d)->close_event);
}

void duct_blame(duct *d, const char *why)
{
    d->blamed |= duct_is_open(d);
    duct_close(d, why);
}

void duct_finish_within(duct *d, const char *why, int64_t ms)
{
    if (d->closing)
        return;
    if (duct_unsent(d) == 0) {
        duct_close(d, why);
        return;
    }
    if (!d->finishing || duct_later(d, ms) < d->finish_by) {
        d->finish_by = duct_later(d, ms);
        rt_timer_set(d->rt, &d->slow, d->finish_by);
    }
    if (!d->finishing)
        note_why(d, why);
    d->finishing = true;
}

void duct_finish(duct *d, const char *why)
{
    duct_finish_within(d, why, d->options.slow_ms);
}

/* Memory. */

static size_t beyond(const buffer *b)
{
    return b->room > BUFFER_KEPT ? b->room - BUFFER_KEPT : 0;
}

bool duct_count(duct *d)
{
    size_t bytes = beyond(&d->in) + beyond(&d->out) + beyond(&d->going);
    char   why[160];

    if (bytes == d->counted)
        return true; /* without a look at memory: it may be gone by now */
    if (bytes < d->counted) {
        memory_share_give(d->options.memory, d->counted - bytes);
    } else if (!memory_share_take(d->options.memory, bytes - d->counted)) {
        snprintf(why, sizeof why, "its buffers: limit %zu for all connections together (max_buffer_total)",
                 d->options.memory->limit);
        duct_blame(d, why);
        return false;
    }
    d->counted = bytes;
    return true;
}

/* Reading. */

static void on_received_thread(void *arg, int error, size_t bytes)
{
    duct *d = arg;

    d->recv_error = error;
    d->recv_bytes = bytes;
    strand_post(rt_strand(d->rt), &d->recv_event);
}

/* A read that filled all its room says that more was there: the next gets twice the room, up to BUFFER_KEPT. A message
 * that is longer than the room gets twice the room too. */
static size_t room_wanted(const duct *d, size_t last_room)
{
    if (d->in.size == d->in.room)
        return 1;
    return d->recv_bytes == last_room && d->in.room < BUFFER_KEPT ? 2 * d->in.room - d->in.size : 1;
}

static bool make_room(duct *d)
{
    if (d->pinned && d->in.size == d->in.room)
        return false;
    if (!d->pinned && !buffer_room(&d->in, room_wanted(d, d->recv_room))) {
        duct_blame(d, "out of memory for input");
        return false;
    }
    if (!duct_count(d))
        return false;
    d->recv_room = d->in.room - d->in.size;
    d->receiving = true;
    return true;
}

void duct_receive(duct *d)
{
    if (make_room(d))
        duct_transport(d)->recv(d->stream, d->in.bytes + d->in.size, d->recv_room, on_received_thread, d);
}

/* A busy peer's next bytes are often there by the time the turn ends: taken at once they cost no wake-up of nng's
 * threads, of which a read by callback takes two. An idle connection's never are, and the attempt would cost two system
 * calls for nothing. */
void duct_read_again(duct *d)
{
    int64_t n;

    d->wants_more = false;
    if (!d->eager || duct_transport(d)->recv_now == NULL) {
        duct_receive(d);
        return;
    }
    if (!make_room(d))
        return;
    if ((n = duct_transport(d)->recv_now(d->stream, d->in.bytes + d->in.size, d->recv_room)) == 0)
        duct_transport(d)->recv(d->stream, d->in.bytes + d->in.size, d->recv_room, on_received_thread, d);
    else
        on_received_thread(d, n < 0 ? (int)-n : 0, n < 0 ? 0 : (size_t)n);
}

void duct_read(duct *d)
{
    if (d->receiving || d->wants_more || d->closing || d->ended || (d->full && d->options.pause))
        return;
    d->wants_more = true;
    rt_output_want(d->rt, &d->output);
}

void duct_took(duct *d, size_t bytes)
{
    if (bytes == 0)
        return;
    memmove(d->in.bytes, d->in.bytes + bytes, d->in.size - bytes);
    d->in.size -= bytes;
    if (d->in.size > 0)
        return;
    buffer_empty(&d->in);
    duct_count(d);
}

/* Whether the peer is gone can't be told from the end of its half, unless it was reset: so who can answer does, and
 * finds out by writing. */
static void end_input(duct *d)
{
    if (d->recv_error != 0 && d->recv_error != EPIPE) {
        duct_close(d, strerror(d->recv_error));
    } else if (d->calls->ended != NULL) {
        d->ended = true;
        d->calls->ended(d);
    } else {
        duct_close(d, "closed by the peer");
    }
}

static void on_received(strand_event *event)
{
    duct *d = (duct *)((char *)event - offsetof(duct, recv_event));

    d->receiving = false;
    if (!d->closing && (d->recv_error != 0 || d->recv_bytes == 0))
        end_input(d);
    else if (!d->closing) {
        d->in.size += d->recv_bytes;
        d->calls->input(d, d->recv_bytes);
    }
    if (d->closing)
        duct_close_if_still(d);
    else
        duct_read(d);
}

void duct_open(duct *d, maru_runtime *rt, maru_stream *stream, const duct_options *options, const duct_calls *calls)
{
    *d = (duct){.output = {.flush = duct_flush},
                .rt = rt,
                .stream = stream,
                .calls = calls,
                .options = *options,
                .refs = 1,
                .recv_event = {.run = on_received},
                .send_event = {.run = duct_on_sent},
                .close_event = {.run = on_close},
                .slow = {.fire = duct_slow_fired}};
    if (d->options.transport == NULL)
        d->options.transport = rt_seam(rt)->transport;
}
