/* maru/app.h: the main() of a service: flags, configuration, signals, runtime, store, server, and their order.
 *
 *   int main(int argc, char **argv) { return maru_app_main(&cart_app, argc, argv); }
 *
 * Every service then understands --listen URL, --data DIR, --peer NAME=URL, --config FILE, --print-config, --help,
 * --version. SIGTERM and SIGINT stop accepting, finish what is in flight within 10 s, and close the store. Exit status:
 * 0 a clean stop, 1 could not run, 2 wrong usage.
 */
#ifndef MARU_APP_H
#define MARU_APP_H

#include "maru/client.h"
#include "maru/decls.h"
#include "maru/events.h"
#include "maru/http.h"
#include "maru/runtime.h"
#include "maru/server.h"
#include "maru/store.h"

MARU_BEGIN_DECLS

typedef struct maru_app maru_app;

/* What a service's start gets: everything is open and lives until after stop. */
typedef struct maru_app_context {
    maru_runtime *runtime;
    maru_server  *server;
    maru_store   *store; /* NULL where the service has no tables */
} maru_app_context;

/* A setting of the service's own, beside those that all have: --NAME VALUE, MARU_NAME, `name = value` in a file. */
typedef struct maru_app_flag {
    const char *name, *value; /* "http", "HOST:PORT" */
    const char *fallback;     /* NULL: not set */
    const char *help;
    /* Returns NULL where text is a value, else what was wanted: "HOST:PORT". NULL: UTF-8 without control characters is.
     */
    const char *(*check)(const char *text);
} maru_app_flag;

struct maru_app {
    const char              *name;    /* "cart" */
    const char              *version; /* of the service: "1.0.0" */
    const char              *summary; /* one line for --help */
    const maru_table *const *tables;  /* NULL: no store */
    uint32_t                 store_version;
    maru_migrate             migrate;
    const char *const       *peers;     /* NULL-terminated names of the services that it calls */
    bool                     any_peers; /* it calls whatever --peer names, beside those */
    bool                     http;      /* it serves HTTP: it has the settings http-... (maru_app_http_options) */
    const maru_app_flag     *flags;     /* its own; the last has no name. NULL: none */
    /* What it does about events (maru/events.h); each may be NULL. They need tables (without any the
     * start fails); the producers that consumers name
     * are peers too, whether or not they stand in peers. Tasks get user as svc, and transactions as their settings. */
    const maru_consumer *consumers;
    const maru_timer    *timers;
    const maru_task     *tasks;
    /* Puts the service's handlers on the server. svc is user. */
    maru_status (*start)(const maru_app_context *context, void *user, maru_error *error);
    void (*stop)(void *user);
    /* Where else it listens, for the ready line; NULL past the last. NULL: nowhere. */
    const char *(*address)(void *user, size_t index);
    void *user;
};

/* maru_app_peer is the client of a service named in peers. The app owns it. */
maru_client *maru_app_peer(const maru_app_context *context, const char *name);

/* maru_app_peer_at is the same by index, of all of them; NULL past the last. */
maru_client *maru_app_peer_at(const maru_app_context *context, size_t index, const char **name);
/* maru_app_setting is the value of a flag of the service's own, NULL where it is not set. Lives as long as the app. */
const char *maru_app_setting(const maru_app_context *context, const char *name);

/* maru_app_http_options are the limits that the settings http-... say, for an HTTP server of the service's own. */
maru_http_options maru_app_http_options(const maru_app_context *context);

/* maru_app_main runs the service until it is told to stop, and returns main's exit status. Blocks. app must live until
 * it returns. */
int maru_app_main(const maru_app *app, int argc, char **argv);

MARU_END_DECLS

#endif
