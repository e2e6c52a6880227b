/* host_test.c: targets whose host is a name with addresses of both families: the one that somebody listens at is found,
 * whichever comes first. The names are known here alone: this program's getaddrinfo stands before libc's.
 */
#include "test.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/echo.h"
#include "rpc/peer.h"

enum { CUT_SHORT = 100 };

static const struct {
    const char *name, *addresses[2];
} hosts[] = {
    {"six-first.test", {"::1", "127.0.0.1"}},
    {"four-first.test", {"127.0.0.1", "::1"}},
    {"four.test", {"127.0.0.1"}},
};

typedef int (*lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int look_up(const char *const addresses[2], const char *service, const struct addrinfo *hints,
                   struct addrinfo **found)
{
    lookup            of_libc = (lookup)dlsym(RTLD_NEXT, "getaddrinfo");
    struct addrinfo **end = found;

    *found = NULL;
    for (int i = 0; i < 2 && addresses[i] != NULL; i++)
        if (of_libc(addresses[i], service, hints, end) == 0) /* none of a family that is not wanted */
            while (*end != NULL)
                end = &(*end)->ai_next;
        else
            *end = NULL;
    return *found == NULL ? EAI_NONAME : 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    const char *as_it_is[2] = {name, NULL};

    for (size_t i = 0; name != NULL && i < sizeof hosts / sizeof *hosts; i++)
        if (strcmp(name, hosts[i].name) == 0)
            return look_up(hosts[i].addresses, service, hints, found);
    return look_up(as_it_is, service, hints, found);
}

/* The URL with another host. */
static const char *with_host(const char *host, const char *url, char out[static 128])
{
    snprintf(out, 128, "tcp://%s%s", host, strrchr(url, ':'));
    return out;
}

static void call_at(maru_runtime *rt, const char *url, int64_t timeout_ms, maru_status want, const char *words)
{
    maru_client  *client = echo_client(rt, url);
    maru_call    *call = maru_call_begin(rt, timeout_ms);
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    CHECK_INT(echo_echo(client, call, &request, &response), want);
    CHECK_CONTAINS(maru_call_message(call), words);
    maru_call_end(call);
    maru_client_free(client);
}

static void test_four(void)
{
    echo_node node;
    char      url[128];

    test_begin("a host is found at 127.0.0.1 where its first address is ::1");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    call_at(node.rt, with_host("six-first.test", node.url, url), PEER_WAIT_MS, MARU_OK, "");
    call_at(node.rt, with_host("four-first.test", node.url, url), PEER_WAIT_MS, MARU_OK, "");
    echo_stop(&node);
}

static void test_six(void)
{
    echo_node  node;
    char       url[128];
    maru_error error;

    test_begin("and at ::1 where its first is 127.0.0.1");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    if (maru_server_listen(node.server, "tcp://[::1]:0", &error) == MARU_OK)
        call_at(node.rt, with_host("four-first.test", maru_server_url(node.server, 1), url), PEER_WAIT_MS, MARU_OK, "");
    else
        printf("# no IPv6 here\n");
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
    call_at(node.rt, with_host("four.test", gone.url, url), 300, MARU_DEADLINE_EXCEEDED, ": Connection refused");
    call_at(node.rt, with_host("six-first.test", gone.url, url), 300, MARU_DEADLINE_EXCEEDED, ": Connection refused");
    test_begin("a client that is freed while it goes from one address to the next is gone at once");
    for (int i = 0; i < CUT_SHORT; i++)
        maru_client_free(echo_client(node.rt, url));
    echo_stop(&node);
}

int main(void)
{
    test_four();
    test_six();
    test_nobody();
    return test_end();
}
