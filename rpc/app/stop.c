/* stop.c: holds the signals that stop a process, and runs the libuv loop that waits for them. */
#include "app/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <uv.h>

#include "app/wishes.h"

static const int stop_signals[] = {SIGTERM, SIGINT, SIGHUP};

enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

typedef struct stopper {
    const stop_plan *plan;
    uv_loop_t        loop;
    uv_signal_t      signals[STOP_SIGNALS];
    uv_async_t       stopped;
    uv_timer_t       limit;
    uv_thread_t      thread;
    bool             stopping;
    wishes           wishes;
} stopper;

static void signals_mask(int how)
{
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < STOP_SIGNALS; i++)
        sigaddset(&set, stop_signals[i]);
    pthread_sigmask(how, &set, NULL);
}

void signals_hold(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* ulimit -f: a write that is too long fails, as on a full disk */
    signals_mask(SIG_BLOCK);
}

bool signals_leave_hangup(void)
{
    struct sigaction now;

    return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void signals_end(void (*at_once)(int number))
{
    for (int i = 0; i < STOP_SIGNALS; i++)
        if (stop_signals[i] != SIGHUP || !signals_leave_hangup())
            signal(stop_signals[i], at_once);
}

void signals_release(void)
{
    signals_mask(SIG_UNBLOCK);
}

/* Whether anybody reads the words or not: stderr may be why it does not stop. */
void signals_end_at_once(const char *format, ...)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    va_list       args;

    va_start(args, format);
    if (poll(&out, 1, 0) != 0)
        vfprintf(stderr, format, args);
    va_end(args);
    _exit(1);
}

bool signals_waiting(void)
{
    sigset_t pending;
    bool     one = false;

    sigpending(&pending);
    for (int i = 0; i < STOP_SIGNALS; i++)
        one = one || (sigismember(&pending, stop_signals[i]) == 1 &&
                      (stop_signals[i] != SIGHUP || !signals_leave_hangup())); /* the kernel keeps it all the same */
    return one;
}

int signals_look(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < STOP_SIGNALS; i++)
        if (stop_signals[i] != SIGHUP || !signals_leave_hangup())
            sigaddset(&set, stop_signals[i]);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void run_stop(void *arg)
{
    stopper *s = arg;

    s->plan->stop(s->plan->arg);
    uv_async_send(&s->stopped);
}

static void on_stopped(uv_async_t *async)
{
    uv_stop(async->loop);
}

static void on_limit(uv_timer_t *timer)
{
    stopper *s = timer->data;

    signals_end_at_once("%s: did not stop within %" PRId64 " s; ended as it was\n", s->plan->name,
                        s->plan->limit_ms / 1000);
}

static void on_signal(uv_signal_t *handle, int number)
{
    stopper *s = handle->data;
    wish     told = wishes_take(&s->wishes, number, s->stopping, (int64_t)(uv_hrtime() / 1000000));

    if (told == WISH_SAME)
        return;
    if (told == WISH_SECOND)
        signals_end_at_once("%s: a second signal (%s); ended at once\n", s->plan->name, strsignal(number));
    s->stopping = true;
    uv_timer_start(&s->limit, on_limit, (uint64_t)s->plan->limit_ms, 0);
    if (uv_thread_create(&s->thread, run_stop, s) != 0)
        signals_end_at_once("%s: no thread to stop with; ended as it was\n", s->plan->name);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stopper_close(stopper *s)
{
    uv_walk(&s->loop, close_handle, NULL);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
}

/* 0, or one of libuv's errors. What its first loop opens: two pipes, an epoll and an eventfd; for the one of them that
 * belongs to all loops libuv 1.44 aborts the process where it cannot have it. */
static int look_for_room(void)
{
    enum { FILES = 6 };
    int fds[FILES], count = 0, fault = 0;

    while (count < FILES && fault == 0)
        if ((fds[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
            count++;
        else
            fault = uv_translate_sys_error(errno);
    while (count > 0)
        close(fds[--count]);
    return fault;
}

static int stopper_open(stopper *s)
{
    int fault = look_for_room();

    if (fault != 0 || (fault = uv_loop_init(&s->loop)) != 0)
        return fault;
    if ((fault = uv_async_init(&s->loop, &s->stopped, on_stopped)) == 0)
        fault = uv_timer_init(&s->loop, &s->limit);
    s->limit.data = s;
    for (int i = 0; i < STOP_SIGNALS && fault == 0; i++) {
        fault = uv_signal_init(&s->loop, &s->signals[i]);
        if (fault == 0 && (stop_signals[i] != SIGHUP || !signals_leave_hangup()))
            fault = uv_signal_start(&s->signals[i], on_signal, stop_signals[i]);
        s->signals[i].data = s;
    }
    if (fault != 0)
        stopper_close(s);
    return fault;
}

int stop_wait(const stop_plan *plan, maru_error *error)
{
    stopper     s = {.plan = plan};
    int         fault = stopper_open(&s);
    maru_status begun;

    if (fault != 0) {
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "signals: %s", uv_strerror(fault));
        return 1;
    }
    if ((begun = plan->begin(plan->arg, error)) == MARU_OK) {
        signals_release();
        uv_run(&s.loop, UV_RUN_DEFAULT);
        signals_hold(); /* what has stopped needs no telling, and is not to be ended by it */
        uv_thread_join(&s.thread);
    }
    stopper_close(&s);
    return begun == MARU_OK ? 0 : 1;
}
