/* edge.c: settles whether maru up starts the edge, on which address, and with which peers. */
#include "edge.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/paths.h"
#include "base/host_port.h"
#include "maru/http.h"
#include "transport/port_owner.h"

enum { ADDRESS_MAX = 128, WHY_MAX = 128 };

bool edge_unwanted(const edge_plan *plan)
{
    return plan->address != NULL && strcmp(plan->address, "none") == 0;
}

bool edge_wanted(const edge_plan *plan)
{
    return plan->address != NULL && !edge_unwanted(plan);
}

const char *edge_check_address(const char *text)
{
    if (strcmp(text, "none") == 0 || maru_http_check_address(text) == NULL)
        return NULL;
    if (host_port_check(text, 0) == HOST_PORT_NO_HOST)
        return "HOST:PORT with a host (* is every address of this machine), or none";
    return "HOST:PORT with a port of 0..65535 (an IPv6 address in brackets), or none";
}

/* Bound for a moment, as the edge will do: 0 or the errno. */
static int try_bind(const struct addrinfo *at)
{
    int one = 1, fault = 0, fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, at->ai_addr, at->ai_addrlen) != 0)
        fault = errno;
    close(fd);
    return fault;
}

/* Whether the edge could listen there: "" or why not, of which used is one reason. */
static void look(const char *address, bool *used, char why[static WHY_MAX])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *list = NULL;
    char            host[ADDRESS_MAX], url[ADDRESS_MAX + 8];
    const char     *colon = strrchr(address, ':');
    int             fault;

    *used = false;
    *why = 0;
    snprintf(host, sizeof host, "%.*s", (int)(colon - address) - 2 * (*address == '['), address + (*address == '['));
    if ((fault = getaddrinfo(host, colon + 1, &hints, &list)) != 0) {
        snprintf(why, WHY_MAX, ": %s", gai_strerror(fault));
        return;
    }
    if ((fault = try_bind(list)) == EADDRINUSE) {
        *used = true;
        snprintf(url, sizeof url, "tcp://%.100s", address);
        port_owner(url, why, WHY_MAX);
    } else if (fault != 0) {
        snprintf(why, WHY_MAX, ": %s", strerror(fault));
    }
    freeaddrinfo(list);
}

static const char *address_of(const edge_plan *plan)
{
    return plan->address != NULL ? plan->address : EDGE_DEFAULT;
}

/* The edge can't listen there. */
static void put_words(const edge_plan *plan, bool used, const char *why, char words[static EDGE_WORDS])
{
    const char *in_use = used ? " is in use" : "";

    if (plan->address != NULL)
        snprintf(words, EDGE_WORDS, "%s: %.100s%s%s", plan->where, plan->address, in_use, why);
    else
        snprintf(words, EDGE_WORDS, "%s%s%s: no edge is run; --edge HOST:PORT gives it another address", EDGE_DEFAULT,
                 in_use, why);
}

bool edge_refused(const edge_plan *plan, char words[static EDGE_WORDS])
{
    char why[WHY_MAX];
    bool used;

    look(address_of(plan), &used, why);
    put_words(plan, used, why, words);
    return used || *why != 0;
}

static void take_out(found_service *found, size_t *count, size_t at)
{
    memmove(found + at, found + at + 1, (--*count - at) * sizeof *found);
}

static char *word(const char *name, const char *between, const char *rest)
{
    char *made = NULL;

    return asprintf(&made, "%s%s%s", name, between, rest) < 0 ? NULL : made;
}

static bool add(char **words, size_t *count, char *made)
{
    words[*count] = made;
    return words[(*count)++] != NULL;
}

static maru_status give_words(const edge_plan *plan, const rundir *dir, const found_service *found, size_t count,
                              found_service *edge, maru_error *error)
{
    const found_service *peers = plan->named && count > 1 ? found : plan->all;
    size_t               peer_count = peers == found ? count : plan->all_count, used = 0;
    char                 path[PATH_MAX], **words = calloc(2 * peer_count + 3, sizeof *words);
    maru_status          status = MARU_OK;
    bool                 good = words != NULL;

    edge->more = words;
    good = good && add(words, &used, word("--http", "", "")) && add(words, &used, word(address_of(plan), "", ""));
    for (size_t i = 0; i < peer_count && good && status == MARU_OK; i++) {
        if (strcmp(peers[i].name, EDGE_NAME) == 0)
            continue;
        status = paths_in_run(dir->run, peers[i].name, NULL, ".sock", path, error);
        good = add(words, &used, word("--peer", "", "")) && add(words, &used, word(peers[i].name, "=ipc://", path));
    }
    return good ? status : maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
}

maru_status edge_settle(const edge_plan *plan, const rundir *dir, found_service *found, size_t *count,
                        char note[static EDGE_WORDS], maru_error *error)
{
    char   why[WHY_MAX];
    size_t at = 0;
    bool   used;

    *note = 0;
    while (at < *count && strcmp(found[at].name, EDGE_NAME) != 0)
        at++;
    if (at == *count)
        return edge_wanted(plan)
                   ? maru_error_set(error, MARU_NOT_FOUND, "%s: no program says that it is the edge", plan->where)
                   : MARU_OK;
    if (edge_unwanted(plan)) {
        take_out(found, count, at);
        return MARU_OK;
    }
    look(address_of(plan), &used, why);
    if (!used && *why == 0)
        return give_words(plan, dir, found, *count, &found[at], error);
    put_words(plan, used, why, note);
    if (plan->address != NULL) {
        maru_error_set(error, used ? MARU_ALREADY_EXISTS : MARU_INVALID_ARGUMENT, "%s", note);
        *note = 0;
        return error->code;
    }
    take_out(found, count, at);
    return MARU_OK;
}

void edge_forget(found_service *found, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (char **at = found[i].more; at != NULL && *at != NULL; at++)
            free(*at);
        free(found[i].more);
        found[i].more = NULL;
    }
}

void edge_stay(found_service *edge, const char *urls)
{
    const char *http = strstr(urls, "http://");
    char       *address;

    if (edge->more == NULL || http == NULL)
        return;
    http += strlen("http://");
    if ((address = strndup(http, strcspn(http, " "))) == NULL)
        return;
    free(edge->more[1]);
    edge->more[1] = address;
}
