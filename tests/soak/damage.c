/* damage.c: changes or loses records in the store of a stopped service, as a bug or a disk might. */
#include "damage.h"

#include <stdio.h>
#include <string.h>

#include "events/tables.h"
#include "shop/checkout.pb-c.h"
#include "shop/provider.pb-c.h"
#include "store/record.h"

enum { CALL_MS = 30000 };

static const maru_table orders = {1, "orders", &checkout__order_record__descriptor};
static const maru_table ledger = {4, "ledger", &provider__operation__descriptor};

/* One order costs more than its customer was told. */
static maru_status damage_order(maru_txn *txn, void *arg)
{
    maru_cursor           *cursor = maru_walk(txn, &orders, maru_key_text(""), maru_key_text(""));
    Checkout__OrderRecord *record;
    maru_key               key;
    event_key              copy;
    maru_status            status = maru_next(cursor, &key, (ProtobufCMessage **)&record);

    (void)arg;
    if (status != MARU_OK)
        return status;
    key_copy(&copy, key);
    record->order->total->minor++;
    return maru_put(txn, &orders, key_of(&copy), &record->base);
}

/* All that the provider wrote down is gone. */
static maru_status lose_ledger(maru_txn *txn, void *arg)
{
    maru_status status;
    long        lost = -1;

    (void)arg;
    do {
        maru_cursor *cursor = maru_walk(txn, &ledger, maru_key_text(""), maru_key_text(""));
        event_key    copy;
        maru_key     key;

        lost++;
        if ((status = maru_next(cursor, &key, NULL)) != MARU_OK)
            break;
        key_copy(&copy, key);
        status = maru_delete(txn, &ledger, key_of(&copy));
    } while (status == MARU_OK);
    return status == MARU_NOT_FOUND && lost > 0 ? MARU_OK : status;
}

static const struct damage {
    const char       *what;
    fleet_ship        ship;
    const maru_table *table;
    maru_txn_fn       do_it;
} damages[] = {{"order", SHIP_CHECKOUT, &orders, damage_order}, {"ledger", SHIP_PROVIDER, &ledger, lose_ledger}};

static const struct damage *find(const char *what)
{
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        if (strcmp(damages[i].what, what) == 0)
            return &damages[i];
    return NULL;
}

bool damage_is_one(const char *what)
{
    return find(what) != NULL;
}

static maru_status change_store(maru_runtime *runtime, const struct damage *d, const char *path, maru_error *error)
{
    const maru_table *const tables[] = {d->table, NULL};
    maru_store_options options = {.path = path, .service = fleet_ship_name(d->ship), .version = 1, .tables = tables};
    maru_store        *store;
    maru_call         *call;
    maru_status        status = maru_store_open(runtime, &options, &store, error);

    if (status != MARU_OK)
        return status;
    call = maru_call_begin(runtime, CALL_MS);
    status = maru_store_write(store, call, d->do_it, NULL);
    maru_error_set(error, status, "%s", maru_call_message(call));
    maru_call_end(call);
    maru_store_close(store);
    return status;
}

bool damage_do(fleet *f, const char *what)
{
    const struct damage *d = find(what);
    char                 path[1024];
    maru_runtime        *runtime;
    maru_error           error;
    maru_status          status;

    if (!fleet_halt(f, d->ship))
        return false;
    snprintf(path, sizeof path, "%s/%s", f->data, fleet_ship_name(d->ship));
    if ((status = maru_runtime_new(NULL, &runtime, &error)) == MARU_OK) {
        status = change_store(runtime, d, path, &error);
        maru_runtime_free(runtime);
    }
    if (status != MARU_OK)
        fprintf(stderr, "soak: %s: %s: %s\n", path, maru_status_name(status), error.text);
    return fleet_launch(f, d->ship) && status == MARU_OK;
}
