/* link.h: one connection of a client, with the table of calls in flight on it. Strand only.
 *
 * Request ids count up and skip those that live; an id is retired only by its reply, also where nobody waits for it any
 * more (its call was cancelled or ran out of time), so that no late reply lands on a new call.
 */
#ifndef MARU_LINK_H
#define MARU_LINK_H

#include "client/outgoing.h"
#include "conn/conn.h"

typedef struct link link;

/* What a link tells its channel. */
typedef struct link_events {
    /* The peer said its hello, or is a plain nng socket; again where it was taken for one, and its hello came late. */
    void (*usable)(maru_client *client, link *l);
    void (*room)(maru_client *client, link *l); /* another call may be sent */
    /* No new calls on it. why: who says so, and its words. */
    void (*going_away)(maru_client *client, link *l, const char *why);
    void (*closed)(maru_client *client, link *l, const char *why); /* all calls on it have ended; it is gone */
} link_events;

typedef struct link_options {
    const char *target; /* for words; lives as long as the link */
    bool        ipc;
    size_t      max_message;
    int64_t     ping_ms;
} link_options;

/* link_new takes over stream, and lists the link in *list until it is closed. NULL where memory is out. */
link *link_new(maru_runtime *rt, maru_stream *stream, const link_options *options, const link_events *events,
               maru_client *client, link **list);

/* link_usable is whether the peer has said who it is: a process that hangs is connected to all the same, by its kernel.
 */
bool link_usable(const link *l);
/* link_room is whether one more call may be sent now. */
bool link_room(const link *l);
/* link_max_request is the most bytes of a request that the peer takes; SIZE_MAX: it is not known. */
size_t link_max_request(const link *l);
/* link_send sends o, whose link it becomes. RESOURCE_EXHAUSTED where the request is above the peer's limit (error
 * says). */
maru_status link_send(link *l, outgoing *o, maru_error *error);
/* link_abandon leaves the call's id to its reply, and tells the peer that nobody waits. */
void link_abandon(link *l, outgoing *o, const char *why);
/* link_finish closes once the last reply came; link_close_all closes a list at once: calls in flight end with CANCELLED
 * and why. */
void link_finish(link *l);
void link_close_all(link *list, const char *why);
/* The fingerprint that the peer's hello gave for a service; 0 where it gave none. */
uint64_t link_fingerprint(const link *l, const char *service);
/* The name the peer gave itself, "" where it gave none. */
const char *link_peer(const link *l);

#endif
