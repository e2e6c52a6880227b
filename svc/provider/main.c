/* main.c: the payment provider as a program: its store and its methods, put together. */
#include "maru/app.h"
#include "maru/log.h"

#include <inttypes.h>

#include "provider.h"
#include "store.h"

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct provider_service *svc = user;
    uint64_t                 seed;
    maru_status              status;

    svc->store = context->store;
    if ((status = provider_begin(svc, context->runtime, &seed, error)) != MARU_OK)
        return status;
    maru_runtime_log(context->runtime, MARU_LOG_INFO, "faults are drawn from seed %" PRIu64, seed);
    return provider_serve(context->server, &provider_methods, svc, error);
}

int main(int argc, char **argv)
{
    struct provider_service svc;
    const maru_app          app = {
                 .name = "provider",
                 .version = "1.0.0",
                 .summary = "a payment provider, simulated: someone else's ledger, and someone else's faults",
                 .tables = provider_tables,
                 .store_version = PROVIDER_STORE_VERSION,
                 .timers = provider_timers,
                 .start = start,
                 .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
