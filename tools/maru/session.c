/* session.c: opens runtime and client to one target, and links its descriptors into a pool. */
#include "session.h"

#include <string.h>

#include "maru/reflection.maru.h"
#include "running.h"

maru_status session_open(session *s, const char *data, const char *target, int64_t timeout_ms, maru_error *error)
{
    maru_client_options options = {.backoff_first_ms = 50, .backoff_max_ms = 1000, .max_message = SESSION_ARENA / 4};
    maru_status         status;

    *s = (session){.timeout_ms = timeout_ms};
    if ((status = running_target(data, target, &s->timeout_ms, s->url, error)) != MARU_OK ||
        (status = maru_runtime_new(NULL, &s->runtime, error)) != MARU_OK)
        return status;
    if ((s->arena = maru_arena_new(SESSION_ARENA)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    return maru_client_new(s->runtime, s->url, &options, &s->client, error);
}

void session_close(session *s)
{
    if (s->client != NULL)
        maru_client_free(s->client);
    if (s->runtime != NULL)
        maru_runtime_free(s->runtime);
    if (s->arena != NULL)
        maru_arena_free(s->arena);
    *s = (session){0};
}

maru_status session_fail(maru_call *call, maru_status status, maru_error *error)
{
    const char *words = maru_call_message(call), *from = maru_call_origin(call);

    if (from[0] == '\0')
        return maru_error_set(error, status, "%s", words);
    return maru_error_set(error, status, "%s%s(from %s)", words, words[0] != '\0' ? " " : "", from);
}

/* Whatever is wrong with them is the service's fault, not that of who asks. */
static maru_status link_files(session *s, const MaruReflection__GetFilesResponse *files, schema_pool **pool,
                              maru_error *error)
{
    char        words[sizeof error->text];
    maru_status status = MARU_OK;

    if ((*pool = schema_pool_new(s->arena)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    for (size_t i = 0; i < files->n_files && status == MARU_OK; i++)
        status = schema_pool_add(*pool, files->files[i].data, files->files[i].len, error);
    if (status == MARU_OK)
        status = schema_pool_link(*pool, error);
    if (status == MARU_OK || status == MARU_RESOURCE_EXHAUSTED)
        return status;
    memcpy(words, error->text, sizeof words);
    return maru_error_set(error, MARU_INTERNAL, "the descriptors that the service gives: %s", words);
}

maru_status session_schema(session *s, const char *service, schema_pool **pool, maru_error *error)
{
    MaruReflection__GetFilesRequest   ask = MARU_REFLECTION__GET_FILES_REQUEST__INIT;
    MaruReflection__GetFilesResponse *files;
    maru_call                        *call = maru_call_begin(s->runtime, s->timeout_ms);
    maru_status                       status;

    if (call == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    ask.service = (char *)service;
    status = maru_reflection_get_files(s->client, call, &ask, &files);
    status = status == MARU_OK ? link_files(s, files, pool, error) : session_fail(call, status, error);
    maru_call_end(call);
    return status;
}
