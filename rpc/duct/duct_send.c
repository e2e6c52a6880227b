/* duct_send.c: the output of a duct. What is said in a turn is collected, and sent in one write at its end. */
#include <stdio.h>
#include <string.h>

#include "duct/duct_impl.h"

static void on_sent_thread(void *arg, int error, size_t bytes)
{
    duct *d = arg;

    d->send_error = error;
    d->send_bytes = bytes;
    strand_post(rt_strand(d->rt), &d->send_event);
}

static void send_more(duct *d)
{
    d->sending = true;
    duct_transport(d)->send(d->stream, d->going.bytes + d->gone, d->going.size - d->gone, on_sent_thread, d);
}

static void relieve(duct *d)
{
    if (!d->full || duct_unsent(d) > d->options.max_output / 4)
        return;
    d->full = false;
    if (!d->finishing)
        rt_timer_clear(d->rt, &d->slow);
    if (d->options.pause)
        duct_read(d);
    d->calls->relieved(d);
}

/* All that was going has gone. */
static void sent_all(duct *d)
{
    buffer_empty(&d->going);
    duct_count(d);
    d->gone = 0;
    if (d->out.size > 0)
        rt_output_want(d->rt, &d->output);
    else if (d->finishing)
        duct_close(d, d->why);
    else if (d->calls->sent != NULL)
        d->calls->sent(d);
    relieve(d);
}

void duct_on_sent(strand_event *event)
{
    duct *d = (duct *)((char *)event - offsetof(duct, send_event));

    d->sending = false;
    if (d->send_error != 0 && !d->closing)
        duct_close(d, strerror(d->send_error));
    if (d->closing) {
        duct_close_if_still(d);
        return;
    }
    d->gone += d->send_bytes;
    if (d->gone < d->going.size)
        send_more(d);
    else
        sent_all(d);
}

/* What the socket takes at once needs no callback. */
static void send_now(duct *d)
{
    while (d->gone < d->going.size) {
        int64_t n = duct_transport(d)->send_now(d->stream, d->going.bytes + d->gone, d->going.size - d->gone);

        if (n < 0)
            duct_close(d, strerror((int)-n));
        if (n <= 0)
            return;
        d->gone += (size_t)n;
    }
}

static void flush_output(duct *d)
{
    buffer empty = d->going;

    if (d->sending || d->out.size == 0)
        return;
    d->going = d->out;
    d->out = empty;
    d->gone = 0;
    if (duct_transport(d)->send_now != NULL)
        send_now(d);
    if (d->closing)
        return;
    if (d->gone < d->going.size)
        send_more(d);
    else
        sent_all(d);
}

/* The end of the turn: what was said is sent, and the next read begins. */
void duct_flush(rt_output *output)
{
    duct *d = (duct *)output;

    if (!d->closing)
        flush_output(d);
    if (d->wants_more && !d->closing)
        duct_read_again(d);
}

/* The words are for who reads too slowly; one that finishes has its reason already. */
void duct_slow_fired(wheel_timer *timer)
{
    duct *d = (duct *)((char *)timer - offsetof(duct, slow));
    char  why[160];

    snprintf(why, sizeof why, "the peer reads too slowly: %zu bytes unsent, limit %zu for %lld ms", duct_unsent(d),
             d->options.max_output, (long long)d->options.slow_ms);
    duct_blame(d, why);
}

static void watch_output(duct *d)
{
    if (d->full || duct_unsent(d) <= d->options.max_output)
        return;
    d->full = true;
    if (d->options.slow_ms > 0 && !d->finishing)
        rt_timer_set(d->rt, &d->slow, duct_later(d, d->options.slow_ms));
}

uint8_t *duct_room(duct *d, size_t size)
{
    uint8_t *at;

    if (!duct_is_open(d)) /* what is said after the last word would keep a duct from ever ending */
        return NULL;
    if (!buffer_room(&d->out, size)) {
        duct_blame(d, "out of memory for output");
        return NULL;
    }
    if (!duct_count(d))
        return NULL;
    at = d->out.bytes + d->out.size;
    d->out.size += size;
    rt_output_want(d->rt, &d->output);
    watch_output(d);
    return at;
}
