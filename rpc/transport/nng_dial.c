/* nng_dial.c: connecting: one address after the other (contract: maru/seam.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "transport/nng_impl.h"

enum { TRIES_MAX = 3 }; /* for a name: as it is, IPv4, IPv6 */

typedef struct dialing {
    nng_stream_dialer *dialers[TRIES_MAX];
    nng_aio           *aio;
    maru_accepted      done;
    void              *arg;
    pthread_mutex_t    mutex; /* of what is below: a callback and nng_dialing_cancel */
    bool               cancelled;
    int                tries, tries_max;
    int                error;     /* of the tries so far */
    char               path[256]; /* of an ipc socket; "": none */
    size_t             room;      /* for a URL */
    char               urls[];    /* of the tries, each in its room */
} dialing;

/* Whether nobody answered the lookup of a name, or a server failed at it: no connect was made. Not where nobody has the
 * name: nng says then what it says of an address that can't be reached, NNG_EADDRINVAL. */
static bool is_lookup_failed(const dialing *d)
{
    int failed = nng_aio_result(d->aio);

    return d->tries_max > 1 && (failed == NNG_EAGAIN || nng_is_of_lookup(failed));
}

/* For nng it is a refusal too where the socket is not there. */
static int dial_errno(const dialing *d)
{
    int error = nng_errno_of(nng_aio_result(d->aio));

    if (is_lookup_failed(d))
        return EADDRNOTAVAIL;
    if (error == ECONNREFUSED && *d->path != 0 && access(d->path, F_OK) != 0 && errno == ENOENT)
        return ENOENT;
    return error;
}

/* Makes the next try: 0, or nng's error. Where it was made d is its callback's, at once or as soon as the mutex is let
 * go. */
static int dial_try(dialing *d)
{
    int failed = nng_stream_dialer_alloc(&d->dialers[d->tries], d->urls + (size_t)d->tries * d->room);

    if (failed == 0)
        nng_stream_dialer_dial(d->dialers[d->tries++], d->aio);
    return failed;
}

static bool is_localhost(const char *url)
{
    return strncasecmp(url, "tcp://localhost:", 16) == 0;
}

/* Of a name's addresses nng takes the first, and no other: where a machine has ::1 for localhost and the server listens
 * on 127.0.0.1, that is never it. So the first of each family is tried too. What the first try said is what the caller
 * is told, but that there was no such address. A lookup that failed is not made again at once: it can have
 * taken long. */
static bool dial_again(dialing *d, int error)
{
    if (d->error == 0 || d->error == EADDRNOTAVAIL)
        d->error = error;
    if (d->cancelled || d->tries >= d->tries_max)
        return false;
    if (is_lookup_failed(d) && !is_localhost(d->urls))
        return false;
    return dial_try(d) == 0;
}

static void dial_callback(void *arg)
{
    dialing     *d = arg;
    maru_stream *stream = NULL;
    int          error;
    bool         again;

    pthread_mutex_lock(&d->mutex); /* whoever made this try is out of d then */
    error = dial_errno(d);
    again = error != 0 && dial_again(d, error);
    if (error != 0 && !again)
        error = d->error;
    pthread_mutex_unlock(&d->mutex);
    if (again)
        return;
    if (error == 0 && (stream = nng_stream_take(nng_aio_get_output(d->aio, 0))) == NULL)
        error = ENOMEM;
    d->done(d->arg, error, stream);
}

void nng_dialing_release(void *handle)
{
    dialing *d = handle;

    if (d->aio != NULL)
        nng_aio_reap(d->aio);
    for (int i = 0; i < TRIES_MAX; i++)
        if (d->dialers[i] != NULL)
            nng_stream_dialer_free(d->dialers[i]);
    pthread_mutex_destroy(&d->mutex);
    free(d);
}

/* Whether url has a name for a host, and no address. */
static bool is_named(const char *url)
{
    char           host[INET_ADDRSTRLEN] = "";
    size_t         size = (size_t)(strrchr(url, ':') - url) - 6;
    struct in_addr address;

    if (nng_ipc_path(url) != NULL || url[6] == '[')
        return false;
    if (size < sizeof host)
        memcpy(host, url + 6, size);
    return inet_pton(AF_INET, host, &address) != 1;
}

/* localhost needs no lookup; and nng's, of one family (with AI_ADDRCONFIG), finds none where only loopback is up. */
static void note_urls(dialing *d, const char *url)
{
    char *four = d->urls + d->room, *six = four + d->room;

    snprintf(d->urls, d->room, "%s", url);
    if (d->tries_max == 1)
        return;
    snprintf(four, d->room, is_localhost(url) ? "tcp://127.0.0.1%s" : "tcp4%s", url + (is_localhost(url) ? 15 : 3));
    snprintf(six, d->room, is_localhost(url) ? "tcp://[::1]%s" : "tcp6%s", url + (is_localhost(url) ? 15 : 3));
}

void *nng_dialing_start(void *self, const char *url, maru_accepted done, void *arg, maru_error *error)
{
    dialing *d;
    int      failed;
    size_t   room = strlen(url) + 2; /* tcp4 is one more than tcp */

    (void)self;
    if (nng_check_url(url, error) != MARU_OK)
        return NULL;
    if ((d = calloc(1, sizeof *d + TRIES_MAX * room)) == NULL) {
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", url);
        return NULL;
    }
    *d = (dialing){.done = done, .arg = arg, .tries_max = is_named(url) ? TRIES_MAX : 1, .room = room};
    pthread_mutex_init(&d->mutex, NULL);
    note_urls(d, url);
    snprintf(d->path, sizeof d->path, "%s", nng_ipc_path(url) != NULL ? nng_ipc_path(url) : "");
    if ((failed = nng_aio_alloc(&d->aio, dial_callback, d)) != 0 || (failed = dial_try(d)) != 0) {
        maru_error_set(error, failed == NNG_ENOMEM ? MARU_RESOURCE_EXHAUSTED : MARU_INVALID_ARGUMENT, "%s: %s", url,
                       nng_strerror(failed));
        nng_dialing_release(d);
        return NULL;
    }
    return d;
}

void nng_dialing_cancel(void *handle)
{
    dialing *d = handle;

    pthread_mutex_lock(&d->mutex);
    d->cancelled = true; /* where it is between two tries nng has nothing to cancel */
    pthread_mutex_unlock(&d->mutex);
    nng_aio_cancel(d->aio);
}
