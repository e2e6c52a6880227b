/* contract.c: fetches and compares the peer's descriptors where fingerprints differ, and keeps the breaks found. */
#include "client/contract.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "client/client_impl.h"
#include "client/link.h"
#include "maru/reflection.maru.h"
#include "maru/schema.h"

enum { FETCH_MS = 10000, AGAIN_MS = 1000, COMPARE_BUDGET = 64 << 20 };

/* One service, as we and the peer know it. */
struct contract {
    contract           *next;
    maru_client        *client;
    const maru_service *ours;
    uint64_t            serial; /* of the hello that was looked at */
    uint64_t            theirs; /* the fingerprint that breaks belongs to; 0: as ours, or not told */
    uint64_t            logged; /* the fingerprint that the log has words of; 0: none */
    maru_call          *fetch;  /* under way; NULL: not */
    uint64_t            asked;  /* the fingerprint of the peer that it was sent to; 0: not sent yet */
    int64_t             again;  /* when to look again, since a fetch failed; 0: it did not */
    maru_arena         *arena;  /* of breaks; NULL: none */
    const schema_break *breaks;
    size_t              count;
};

static contract *contract_of(maru_client *client, const maru_service *service)
{
    contract *c = client->contracts;

    while (c != NULL && c->ours != service)
        c = c->next;
    if (c == NULL && (c = malloc(sizeof *c)) != NULL) {
        *c = (contract){.next = client->contracts, .client = client, .ours = service};
        client->contracts = c;
    }
    return c;
}

static void forget_breaks(contract *c)
{
    if (c->arena != NULL)
        maru_arena_free(c->arena);
    c->arena = NULL;
    c->breaks = NULL;
    c->count = 0;
}

/* What cannot be compared refuses nothing: the calls will tell. The log has it once for each contract of the peer. */
static void log_why(contract *c, maru_status status, const char *words)
{
    if (c->logged == c->theirs)
        return;
    c->logged = c->theirs;
    log_write(
        rt_log(c->client->rt), LOG_CLIENT, MARU_LOG_WARN, LOG_FIELDS({"peer", c->client->target, 0}),
        "%s: the peer's contract is not ours and cannot be compared with it, so that no call is refused for it: %s: "
        "%s",
        c->ours->name, maru_status_name(status), maru_status_words(status, words));
}

/* Comparing. Both pools lie in the contract's arena, as long as its breaks do. */

static const schema_service *find_service(const contract *c, schema_pool *pool, maru_error *error)
{
    const schema_service *found = NULL;

    if (schema_pool_link(pool, error) == MARU_OK && (found = schema_find_service(pool, c->ours->name)) == NULL)
        maru_error_set(error, MARU_NOT_FOUND, "the service is in none of its files");
    return found;
}

static const schema_service *our_service(const contract *c, maru_error *error)
{
    schema_pool *pool = schema_pool_new(c->arena);

    if (pool == NULL || schema_pool_add_file(pool, c->ours->file, error) != MARU_OK)
        return NULL;
    return find_service(c, pool, error);
}

static const schema_service *their_service(const contract *c, const MaruReflection__GetFilesResponse *files,
                                           maru_error *error)
{
    schema_pool *pool = schema_pool_new(c->arena);

    for (size_t i = 0; pool != NULL && i < files->n_files; i++)
        if (schema_pool_add(pool, files->files[i].data, files->files[i].len, error) != MARU_OK)
            return NULL;
    return pool == NULL ? NULL : find_service(c, pool, error);
}

static void compare(contract *c, const MaruReflection__GetFilesResponse *files)
{
    const schema_service *ours, *theirs;
    maru_error            error = {.code = MARU_RESOURCE_EXHAUSTED, .text = "out of memory"};

    forget_breaks(c);
    if ((c->arena = maru_arena_new(COMPARE_BUDGET)) == NULL || (ours = our_service(c, &error)) == NULL ||
        (theirs = their_service(c, files, &error)) == NULL ||
        schema_compat(ours, theirs, c->arena, &c->breaks, &c->count, &error) != MARU_OK) {
        forget_breaks(c);
        log_why(c, error.code, error.text);
    }
}

/* Fetching. The answer may come late, and be that of a peer before the one that is there now: it says nothing of this
 * one, and the next call looks again. A peer that does not tell is asked again after a while: it may never tell. */

static void on_files(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    contract *c = arg;

    if (status == MARU_OK && c->theirs != 0 && c->asked == c->theirs)
        compare(c, (const MaruReflection__GetFilesResponse *)response);
    else if (status != MARU_OK && (c->asked == 0 || c->asked == c->theirs)) {
        c->again = rt_now(c->client->rt) + AGAIN_MS * (int64_t)MARU_NS_PER_MS;
        /* It was asked, is there, and does not tell. */
        if (c->asked != 0 && status != MARU_UNAVAILABLE && status != MARU_CANCELLED)
            log_why(c, status, message);
    } else
        c->serial = 0;
    maru_call_end(c->fetch);
    c->fetch = NULL;
}

static void fetch(contract *c)
{
    MaruReflection__GetFilesRequest request = MARU_REFLECTION__GET_FILES_REQUEST__INIT;

    if (c->fetch != NULL || (c->fetch = maru_call_begin(c->client->rt, FETCH_MS)) == NULL)
        return;
    c->asked = 0;
    request.service = (char *)c->ours->name;
    maru_reflection_get_files_async(c->client, c->fetch, &request, on_files, c);
}

/* A fetch goes to the link that there is when its turn comes, which may be another than the one it was begun for. */
static void note_asked(const maru_client *client, const maru_call *call)
{
    for (contract *c = client->contracts; c != NULL; c = c->next)
        if (c->fetch == call)
            c->asked = link_fingerprint(client->link, c->ours->name);
}

/* Whether what is known of the peer is of one before it, or could not be told when it was asked. */
static bool is_old(const contract *c)
{
    return c->serial != c->client->serial || (c->again != 0 && rt_glance(c->client->rt) >= c->again);
}

/* Looks at a hello that is new to this contract, or once more. */
static void look(contract *c)
{
    uint64_t theirs = link_fingerprint(c->client->link, c->ours->name);

    c->serial = c->client->serial;
    c->again = 0;
    if (theirs == c->ours->fingerprint)
        theirs = 0;
    if (theirs != 0 && theirs == c->theirs && c->arena != NULL)
        return; /* compared before */
    forget_breaks(c);
    c->theirs = theirs;
    if (theirs != 0)
        fetch(c);
}

maru_status contract_check(maru_client *client, const outgoing *o, maru_error *error)
{
    contract *c;

    if (o->known == NULL)
        return MARU_OK;
    if (o->known->service == &maru_reflection_maru_service) {
        note_asked(client, o->call);
        return MARU_OK;
    }
    if ((c = contract_of(client, o->known->service)) == NULL)
        return MARU_OK;
    if (is_old(c))
        look(c);
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->breaks[i].method, o->known->name) == 0)
            return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: %s has another contract: %s", o->path,
                                  link_peer(client->link), c->breaks[i].text);
    return MARU_OK;
}

void contract_free_all(maru_client *client)
{
    while (client->contracts != NULL) {
        contract *c = client->contracts;

        client->contracts = c->next;
        forget_breaks(c);
        free(c);
    }
}
