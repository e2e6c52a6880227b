/* main.c: shipping as a program: its store, its methods, and those whose events it follows, put together. */
#include <stdlib.h>
#include <string.h>

#include "maru/app.h"

#include "shipping.h"
#include "store.h"

static const char *check_ms(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits >= 1 && digits <= 9 && text[digits] == '\0' ? NULL : "milliseconds, 0..999999999";
}

_Static_assert(PACK_MS == 1000 && DELIVER_MS == 2000, "the defaults that the words of the flags tell");

static const maru_app_flag flags[] = {
    {"pack-ms", "MS", NULL, "how long packing takes, where nobody says that it is done by MarkPacked (default: 1000)",
     check_ms},
    {"deliver-ms", "MS", NULL,
     "how long a parcel is on its way, where nobody says that it arrived by MarkDelivered (default: 2000)", check_ms},
    {NULL, NULL, NULL, NULL, NULL},
};

static void take_ms(const maru_app_context *context, const char *name, int64_t *ms)
{
    const char *text = maru_app_setting(context, name);

    if (text != NULL)
        *ms = atoll(text);
}

static maru_status start(const maru_app_context *context, void *user, maru_error *error)
{
    struct shipping_service *svc = user;

    svc->store = context->store;
    take_ms(context, "pack-ms", &svc->pack_ms);
    take_ms(context, "deliver-ms", &svc->deliver_ms);
    return shipping_serve(context->server, &shipping_methods, svc, error);
}

int main(int argc, char **argv)
{
    struct shipping_service svc = {.pack_ms = PACK_MS, .dispatch_ms = DISPATCH_MS, .deliver_ms = DELIVER_MS};
    const maru_app          app = {
                 .name = "shipping",
                 .version = "1.0.0",
                 .summary = "packs, dispatches and delivers what is committed",
                 .tables = shipping_tables,
                 .store_version = STORE_VERSION,
                 .consumers = shipping_consumers,
                 .timers = shipping_timers,
                 .flags = flags,
                 .start = start,
                 .user = &svc,
    };

    return maru_app_main(&app, argc, argv);
}
