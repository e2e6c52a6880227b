/* checkup.c: sends a service grpc.health.v1's Check, and passes the answer to the libuv loop. */
#include "checkup.h"

#include <stdio.h>

#include "grpc/health/v1/health.maru.h"

/* On the strand: leaves the answer for the loop. */
static void on_answer(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    const GrpcHealth__HealthCheckResponse *answer = (const GrpcHealth__HealthCheckResponse *)response;
    checkup                               *c = arg;

    c->serving = status == MARU_OK && answer->status == GRPC_HEALTH__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    if (status != MARU_OK)
        snprintf(c->words, sizeof c->words, "%s: %s", maru_status_name(status), maru_status_words(status, message));
    else
        snprintf(c->words, sizeof c->words, "%s", c->serving ? "" : "it says that it does not serve yet");
    atomic_store(&c->arrived, true);
    uv_async_send(&c->answered);
}

static void on_loop(uv_async_t *async)
{
    checkup *c = async->data;

    if (!atomic_exchange(&c->arrived, false) || c->call == NULL)
        return; /* forgotten meanwhile */
    maru_call_end(c->call);
    c->call = NULL;
    c->done(c->arg, c->serving, c->words);
}

int checkup_open(checkup *c, uv_loop_t *loop, maru_runtime *runtime, checkup_done done, void *arg)
{
    *c = (checkup){.runtime = runtime, .done = done, .arg = arg};
    c->answered.data = c;
    return uv_async_init(loop, &c->answered, on_loop);
}

maru_status checkup_ask(checkup *c, const char *url, maru_error *error)
{
    static const GrpcHealth__HealthCheckRequest whole = GRPC_HEALTH__HEALTH_CHECK_REQUEST__INIT;
    maru_client_options                         options = {.backoff_first_ms = 20, .backoff_max_ms = 500};
    maru_status                                 status = MARU_OK;

    if (c->client == NULL)
        status = maru_client_new(c->runtime, url, &options, &c->client, error);
    if (status != MARU_OK)
        return status;
    if ((c->call = maru_call_begin(c->runtime, CHECKUP_TIMEOUT_MS)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "health: out of memory");
    maru_health_check_async(c->client, c->call, &whole, on_answer, c);
    return MARU_OK;
}

void checkup_forget(checkup *c)
{
    if (c->client != NULL)
        maru_client_free(c->client); /* the question under way is answered CANCELLED before this returns */
    if (c->call != NULL)
        maru_call_end(c->call);
    atomic_store(&c->arrived, false);
    c->client = NULL;
    c->call = NULL;
}

void checkup_close(checkup *c)
{
    checkup_forget(c);
    uv_close((uv_handle_t *)&c->answered, NULL);
}
