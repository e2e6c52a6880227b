/* contract.c: fetches and compares the peer's descriptors where fingerprints differ, and keeps the breaks found. */
#include "client/contract.h"

#include <stdlib.h>
#include <string.h>

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

/* Comparing. Both pools lie in the contract's arena, as long as its breaks do. */

static const schema_service *our_service(const contract *c, maru_error *error)
{
    schema_pool *pool = schema_pool_new(c->arena);

    if (pool == NULL || schema_pool_add_file(pool, c->ours->file, error) != MARU_OK ||
        schema_pool_link(pool, error) != MARU_OK)
        return NULL;
    return schema_find_service(pool, c->ours->name);
}

static const schema_service *their_service(const contract *c, const MaruReflection__GetFilesResponse *files,
                                           maru_error *error)
{
    schema_pool *pool = schema_pool_new(c->arena);

    for (size_t i = 0; pool != NULL && i < files->n_files; i++)
        if (schema_pool_add(pool, files->files[i].data, files->files[i].len, error) != MARU_OK)
            return NULL;
    if (pool == NULL || schema_pool_link(pool, error) != MARU_OK)
        return NULL;
    return schema_find_service(pool, c->ours->name);
}

/* What cannot be compared refuses nothing: the calls will tell. */
static void compare(contract *c, const MaruReflection__GetFilesResponse *files)
{
    const schema_service *ours, *theirs;
    maru_error            error;

    forget_breaks(c);
    if ((c->arena = maru_arena_new(COMPARE_BUDGET)) == NULL)
        return;
    ours = our_service(c, &error);
    theirs = their_service(c, files, &error);
    if (ours == NULL || theirs == NULL ||
        schema_compat(ours, theirs, c->arena, &c->breaks, &c->count, &error) != MARU_OK)
        forget_breaks(c);
}

/* Fetching. The answer may come late, and be that of a peer before the one that is there now: it says nothing of this
 * one, and the next call looks again. A peer that does not tell is asked again after a while: it may never tell. */

static void on_files(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    contract *c = arg;

    (void)message;
    if (status == MARU_OK && c->theirs != 0 && c->asked == c->theirs)
        compare(c, (const MaruReflection__GetFilesResponse *)response);
    else if (status != MARU_OK && (c->asked == 0 || c->asked == c->theirs))
        c->again = rt_now(c->client->rt) + AGAIN_MS * (int64_t)MARU_NS_PER_MS;
    else
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
