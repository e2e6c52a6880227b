/* host_test.c: targets whose host is a name with addresses of both families: the one that somebody listens at is found,
 * whichever comes first. The names are known here alone: this program's getaddrinfo stands before libc's.
 */
#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rpc/echo.h"
#include "rpc/peer.h"
#include "transport/nng_impl.h"
#include "transport/nng_transport.h"

enum { CUT_SHORT = 100 };

static const struct {
    const char *name, *addresses[2];
} hosts[] = {
    {"six-first.test", {"::1", "127.0.0.1"}},
    {"four-first.test", {"127.0.0.1", "::1"}},
    {"four.test", {"127.0.0.1"}},
    {"localhost", {NULL}}, /* glibc says it of one family alone where only loopback is up: nng wants AI_ADDRCONFIG */
};

typedef int (*lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int look_up(const char *const addresses[2], const char *service, const struct addrinfo *hints,
                   struct addrinfo **found)
{
    lookup            of_libc = (lookup)dlsym(RTLD_NEXT, "getaddrinfo");
    struct addrinfo **end = found;
    struct addrinfo   want = hints != NULL ? *hints : (struct addrinfo){0};

    want.ai_flags &= ~AI_ADDRCONFIG; /* the names have both families wherever this runs */
    *found = NULL;
    for (int i = 0; i < 2 && addresses[i] != NULL; i++)
        if (of_libc(addresses[i], service, &want, end) == 0) /* none of a family that is not wanted */
            while (*end != NULL)
                end = &(*end)->ai_next;
        else
            *end = NULL;
    return *found == NULL ? EAI_NONAME : 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    const char *const four[2] = {"127.0.0.1"};

    if (name != NULL && strcmp(name, "mute.test") == 0) /* nobody answers at first */
        return hints->ai_family == AF_UNSPEC ? EAI_AGAIN : look_up(four, service, hints, found);
    if (name != NULL && strcmp(name, "lame.test") == 0) /* a server fails at first */
        return hints->ai_family == AF_UNSPEC ? EAI_FAIL : look_up(four, service, hints, found);
    for (size_t i = 0; name != NULL && i < sizeof hosts / sizeof *hosts; i++)
        if (strcmp(name, hosts[i].name) == 0)
            return look_up(hosts[i].addresses, service, hints, found);
    return ((lookup)dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hints, found);
}

/* The URL with another host. */
static const char *with_host(const char *host, const char *url, char out[static 128])
{
    snprintf(out, 128, "tcp://%s%s", host, strrchr(url, ':'));
    return out;
}

static void call_at(maru_runtime *rt, const char *host, const char *url)
{
    char          at[128];
    maru_client  *client = echo_client(rt, with_host(host, url, at));
    maru_call    *call = maru_call_begin(rt, PEER_WAIT_MS);
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK);
    maru_call_end(call);
    maru_client_free(client);
}

typedef struct outcome {
    sem_t        done;
    int          error;
    maru_stream *stream;
} outcome;

static void on_dialed(void *arg, int error, maru_stream *stream)
{
    outcome *o = arg;

    o->error = error;
    o->stream = stream;
    sem_post(&o->done);
}

/* What one attempt to connect comes to: 0, or an errno value. */
static int dial(const char *host, const char *url)
{
    outcome         o = {.error = -1};
    char            at[128];
    maru_error      error;
    void           *handle;
    struct timespec until;

    sem_init(&o.done, 0, 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PEER_WAIT_MS / 1000;
    if (!CHECK((handle = nng_transport.dial(NULL, with_host(host, url, at), on_dialed, &o, &error)) != NULL))
        return -1;
    if (!CHECK(sem_timedwait(&o.done, &until) == 0)) {
        nng_transport.dial_cancel(handle);
        sem_wait(&o.done);
    }
    nng_transport.dial_release(handle);
    if (o.stream != NULL) {
        nng_transport.close(o.stream);
        nng_transport.release(o.stream);
    }
    sem_destroy(&o.done);
    return o.error;
}

static void test_four(void)
{
    echo_node node;

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    test_begin("a host is found at 127.0.0.1 where its first address is ::1");
    call_at(node.rt, "six-first.test", node.url);
    call_at(node.rt, "four-first.test", node.url);
    test_begin("localhost is, also where no lookup of it says so");
    CHECK_INT(dial("localhost", node.url), 0);
    test_begin("where a lookup fails there is no other in the same attempt");
    CHECK_INT(dial("mute.test", node.url), EADDRNOTAVAIL);
    CHECK_INT(dial("lame.test", node.url), EADDRNOTAVAIL);
    echo_stop(&node);
}

static void test_six(void)
{
    echo_node  node;
    maru_error error;

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    test_begin("and at ::1 where its first is 127.0.0.1");
    if (maru_server_listen(node.server, "tcp://[::1]:0", &error) == MARU_OK) {
        call_at(node.rt, "four-first.test", maru_server_url(node.server, 1));
        CHECK_INT(dial("localhost", maru_server_url(node.server, 1)), 0);
    } else {
        printf("# no IPv6 here\n");
    }
    echo_stop(&node);
}

static void test_nobody(void)
{
    echo_node     node;
    peer_listener gone;
    char          url[128];

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    CHECK(peer_listen(&gone, "tcp://127.0.0.1:0"));
    peer_listener_close(&gone);
    test_begin("where nobody listens at any address it is a refusal, also when there is none of one family");
    CHECK_INT(dial("four.test", gone.url), ECONNREFUSED);
    CHECK_INT(dial("four-first.test", gone.url), ECONNREFUSED);
    CHECK_INT(dial("localhost", gone.url), ECONNREFUSED);
    test_begin("a client that is freed while it goes from one address to the next is gone at once");
    with_host("six-first.test", gone.url, url);
    for (int i = 0; i < CUT_SHORT; i++)
        maru_client_free(echo_client(node.rt, url));
    echo_stop(&node);
}

static void test_errors(void)
{
    test_begin(
        "of nng's errors that are others', getaddrinfo's are an unknown host, and those of its transports are not");
    CHECK_INT(nng_errno_of(NNG_ESYSERR + EAI_FAIL), EADDRNOTAVAIL);
    CHECK_INT(nng_errno_of(NNG_ESYSERR + ENOSPC), ENOSPC);
    CHECK_INT(nng_errno_of(NNG_ETRANERR), EIO);
    CHECK_INT(nng_errno_of(NNG_ETRANERR + 1), EIO);
}

int main(void)
{
    test_four();
    test_six();
    test_nobody();
    test_errors();
    return test_end();
}
