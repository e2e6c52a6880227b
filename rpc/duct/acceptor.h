/* acceptor.h: the listening addresses of a server, and the streams that come in by them.
 *
 * A shortage of descriptors or memory is waited out: it never ends the accepting. Belongs to the strand, but for
 * acceptors_listen and acceptors_url, which are for the plain thread that sets the server up.
 */
#ifndef MARU_ACCEPTOR_H
#define MARU_ACCEPTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "maru/seam.h"
#include "runtime/rt.h"

struct acceptor;

typedef struct acceptors {
    maru_runtime         *rt;
    const maru_transport *transport; /* NULL: the seam's */
    void                 *self;      /* of that, for its listen */
    /* A stream came; it is the owner's. ipc: by a socket in the file system. */
    void (*accepted)(void *arg, maru_stream *stream, bool ipc);
    /* One of the addresses is gone, after acceptors_stop. */
    void (*gone)(void *arg);
    void            *arg;
    struct acceptor *first;
    bool             stopping;
} acceptors;

/* acceptors_listen serves on one more URL. The errors are those of the transport's listen. */
maru_status acceptors_listen(acceptors *all, const char *url, maru_error *error);
/* The URL as it is bound; NULL past the last. */
const char *acceptors_url(const acceptors *all, size_t index);

/* acceptors_stop closes them all; a stream that comes meanwhile still goes to accepted. Once all->first is NULL, all
 * are gone. */
void acceptors_stop(acceptors *all);

/* acceptors_refuse is for a stream that nobody wants. */
void acceptors_refuse(acceptors *all, maru_stream *stream);

#endif
