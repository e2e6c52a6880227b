/* shop.c: see shop.h. */
#include "shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "events/tables.h"
#include "shop/checkout.maru.h"
#include "shop/provider.maru.h"

enum { CALL_MS = 10000, AGAIN_MS = 10 };

static bool set_environment(const char *bin, const char *data)
{
    char path[1200];

    snprintf(path, sizeof path, "%s:/usr/bin:/bin", bin);
    return setenv("PATH", path, 1) == 0 && setenv("MARU_DATA", data, 1) == 0;
}

bool shop_open(shop *s, const char *bin)
{
    *s = (shop){.market = {.orders = 0}};
    if (!verdict_folder_make(&s->folder, "shop", NULL) || !set_environment(bin, s->folder.path) ||
        !fleet_start(&s->fleet, bin, s->folder.path) || !market_open(&s->market, &s->fleet, SHOP_ORDERS, 1))
        return false;
    s->market.plenty = true; /* no test runs out of stock because another one before it bought */
    return market_stock(&s->market) && shop_provider(s, false);
}

bool shop_close(shop *s, bool well)
{
    bool stopped;

    if (s->market.runtime != NULL)
        market_close(&s->market);
    stopped = fleet_stop(&s->fleet);
    verdict_folder_leave(&s->folder, well && stopped);
    return stopped;
}

const char *shop_buy(shop *s, plan way)
{
    long number = s->market.next++;

    if (number >= SHOP_ORDERS) {
        fprintf(stderr, "shop: want at most %d orders\n", SHOP_ORDERS);
        return "";
    }
    market_serve(&s->market, number, way);
    return s->market.names[number];
}

static bool worked(maru_call *call, const char *what, maru_status status)
{
    if (status != MARU_OK)
        fprintf(stderr, "shop: %s: %s: %s\n", what, maru_status_name(status), maru_call_message(call));
    maru_call_end(call);
    return status == MARU_OK;
}

maru_status shop_ask_cancel(shop *s, const char *order)
{
    Checkout__CancelOrderRequest request = CHECKOUT__CANCEL_ORDER_REQUEST__INIT;
    Checkout__Order             *response;
    maru_call                   *call = maru_call_begin(s->market.runtime, CALL_MS);
    maru_status                  status;

    request.name = (char *)order;
    status = checkout_cancel_order(s->market.checkout, call, &request, &response);
    worked(call, "CancelOrder", status);
    return status;
}

bool shop_cancel(shop *s, const char *order)
{
    return shop_ask_cancel(s, order) == MARU_OK;
}

bool shop_faults(shop *s, const Provider__Faults *faults)
{
    Provider__Faults *set;
    maru_call        *call = maru_call_begin(s->market.runtime, CALL_MS);

    return worked(call, "SetFaults", provider_set_faults(s->market.provider, call, faults, &set));
}

bool shop_provider(shop *s, bool down)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;

    faults.down = down;
    return shop_faults(s, &faults);
}

Checkout__OrderState shop_state(shop *s, const char *order)
{
    Checkout__GetOrderRequest request = CHECKOUT__GET_ORDER_REQUEST__INIT;
    Checkout__Order          *response;
    maru_call                *call = maru_call_begin(s->market.runtime, CALL_MS);
    Checkout__OrderState      state = CHECKOUT__ORDER_STATE__ORDER_STATE_UNSPECIFIED;

    request.name = (char *)order;
    if (checkout_get_order(s->market.checkout, call, &request, &response) == MARU_OK)
        state = response->state;
    maru_call_end(call);
    return state;
}

bool shop_wait(shop *s, const char *order, Checkout__OrderState state)
{
    maru_call           *call = maru_call_begin(s->market.runtime, SHOP_WAIT_MS);
    Checkout__OrderState now;

    while ((now = shop_state(s, order)) != state && maru_sleep(call, AGAIN_MS) == MARU_OK)
        ;
    maru_call_end(call);
    if (now != state)
        fprintf(stderr, "shop: %s: want state %d, got %d\n", order, (int)state, (int)now);
    return now == state;
}

static maru_status change(maru_runtime *runtime, const maru_store_options *options, maru_txn_fn fn, void *arg,
                          maru_error *error)
{
    maru_store *store;
    maru_call  *call;
    maru_status status = maru_store_open(runtime, options, &store, error);

    if (status != MARU_OK)
        return status;
    tables_add(store);
    call = maru_call_begin(runtime, CALL_MS);
    status = maru_store_write(store, call, fn, arg);
    maru_error_set(error, status, "%s", maru_call_message(call));
    maru_call_end(call);
    maru_store_close(store);
    return status;
}

bool shop_change(shop *s, fleet_ship ship, const maru_table *const *tables, maru_txn_fn fn, void *arg)
{
    return shop_change_of(s, fleet_ship_name(ship), tables, fn, arg);
}

bool shop_change_of(shop *s, const char *service, const maru_table *const *tables, maru_txn_fn fn, void *arg)
{
    static const maru_table *const none[] = {NULL};
    char                           path[1024];
    maru_store_options             options = {
                    .path = path, .service = service, .version = 1, .tables = tables != NULL ? tables : none};
    maru_runtime *runtime;
    maru_error    error;
    maru_status   status = maru_runtime_new(NULL, &runtime, &error);

    snprintf(path, sizeof path, "%s/%s", s->folder.path, service);
    if (status == MARU_OK) {
        status = change(runtime, &options, fn, arg, &error);
        maru_runtime_free(runtime);
    }
    if (status != MARU_OK)
        fprintf(stderr, "shop: %s: %s: %s\n", path, maru_status_name(status), error.text);
    return status == MARU_OK;
}

proc shop_run(shop *s, const char *line)
{
    const char *words[] = {"/bin/sh", "-c", line, NULL};
    proc        p = proc_start(words, NULL);

    (void)s;
    proc_end(&p);
    return p;
}

/* INCOMPLETE: a service did not answer the audit in time, which says nothing of what it would find. */
static bool is_early(const proc *p, int status, const char *early)
{
    const char *text = p->text[PROC_OUT];

    return (p->status == status && strstr(text, early) != NULL) ||
           (p->status == 3 && strstr(text, "INCOMPLETE") != NULL);
}

bool shop_ends(shop *s, const char *line, int status, const char *part, const char *early)
{
    maru_call *call = maru_call_begin(s->market.runtime, SHOP_WAIT_MS);
    bool       ends, over;

    do {
        proc p = shop_run(s, line);

        ends = p.status == status && strstr(p.text[PROC_OUT], part) != NULL;
        over = ends || !is_early(&p, status, early) || maru_sleep(call, AGAIN_MS) != MARU_OK;
        if (over && !ends)
            fprintf(stderr, "shop: %s: want status %d and \"%s\", got %d and \"%s%s\"\n", line, status, part, p.status,
                    p.text[PROC_OUT], p.text[PROC_ERR]);
        proc_free(&p);
    } while (!over);
    maru_call_end(call);
    return ends;
}

bool shop_until(shop *s, const char *line, const char *part, char *text, size_t size)
{
    maru_call *call = maru_call_begin(s->market.runtime, SHOP_WAIT_MS);
    bool       has;

    do {
        proc p = shop_run(s, line);

        snprintf(text, size, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
        proc_free(&p);
        has = strstr(text, part) != NULL;
    } while (!has && maru_sleep(call, AGAIN_MS) == MARU_OK);
    maru_call_end(call);
    if (!has)
        fprintf(stderr, "shop: %s: want \"%s\", got \"%s\"\n", line, part, text);
    return has;
}
