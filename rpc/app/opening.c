/* opening.c: ends a process that is told to stop and never comes back from opening. See opening.h. */
#include "app/opening.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/oserror.h"
#include "app/stop.h"

/* A signalfd that is only looked at takes no signal away: it can be read while one waits. */
static void *watch(void *arg)
{
    const opening *o = arg;
    struct pollfd  fds[] = {{.fd = o->over, .events = POLLIN}, {.fd = o->told, .events = POLLIN}};

    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    if (fds[0].revents == 0 && poll(fds, 1, (int)o->limit_ms) == 0)
        signals_end_at_once("%s: told to stop while it opened, which has not ended within %" PRId64
                            " s; ended as it was\n",
                            o->name, o->limit_ms / 1000);
    return NULL;
}

static void close_both(const opening *o)
{
    if (o->told >= 0)
        close(o->told);
    if (o->over >= 0)
        close(o->over);
}

maru_status opening_begin(opening *o, const char *name, int64_t limit_ms, maru_error *error)
{
    *o = (opening){.name = name, .limit_ms = limit_ms, .told = signals_look(), .over = eventfd(0, EFD_CLOEXEC)};
    if (o->told >= 0 && o->over >= 0 && (errno = pthread_create(&o->watch, NULL, watch, o)) == 0)
        return MARU_OK;
    close_both(o);
    return os_error(error, "signals");
}

void opening_end(opening *o)
{
    eventfd_write(o->over, 1);
    pthread_join(o->watch, NULL);
    close_both(o);
}
