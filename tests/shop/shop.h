/* shop.h: a shop of real processes in a folder of its own, for tests that order, break and ask. What a check prints,
 * and every wait's end, is the test's: these say on stderr what went wrong, and return false.
 */
#ifndef MARU_TEST_SHOP_H
#define MARU_TEST_SHOP_H

#include "../cli/proc.h"
#include "../soak/shopper.h"
#include "../soak/verdict.h"
#include "maru/store.h"
#include "shop/checkout.pb-c.h"
#include "shop/provider.pb-c.h"

enum { SHOP_ORDERS = 64, SHOP_WAIT_MS = 40000 };

typedef struct shop {
    fleet          fleet;
    market         market;
    verdict_folder folder;
} shop;

/* shop_open starts all services with products in stock and a provider without faults. bin: the folder of the programs;
 * commands of shop_run find maru there, and the shop's data. shop_close after it, whatever it says. */
bool shop_open(shop *s, const char *bin);
bool shop_close(shop *s, bool well);

/* shop_buy is one customer. The order's name, "" where there is none; it lives as long as the shop. */
const char *shop_buy(shop *s, plan way);

bool        shop_cancel(shop *s, const char *order);
maru_status shop_ask_cancel(shop *s, const char *order); /* the same, by its status */

/* How the provider misbehaves from now on. */
bool shop_provider(shop *s, bool down);
bool shop_faults(shop *s, const Provider__Faults *faults);

/* shop_wait looks until the order is in that state, for at most SHOP_WAIT_MS. */
bool                 shop_wait(shop *s, const char *order, Checkout__OrderState state);
Checkout__OrderState shop_state(shop *s, const char *order);

/* shop_change writes into the store of a ship that does not run: fn with arg, in one transaction. tables: those of the
 * service that fn gets at, NULL-terminated; the library's own are there too. */
bool shop_change(shop *s, fleet_ship ship, const maru_table *const *tables, maru_txn_fn fn, void *arg);
/* The same of a service by its name. */
bool shop_change_of(shop *s, const char *service, const maru_table *const *tables, maru_txn_fn fn, void *arg);

/* shop_run runs a line of the shell, in which maru is the shop's own. proc_free after it. */
proc shop_run(shop *s, const char *line);

/* shop_until runs it again and again until its output has part in it, for at most SHOP_WAIT_MS. text is the last
 * output, up to size; true where it has part. */
bool shop_until(shop *s, const char *line, const char *part, char *text, size_t size);

/* The same until its stdout has part in it: of what others may not have heard of yet. Only an end whose stdout has
 * early in it, or which could not ask all (INCOMPLETE), is asked again; any other, and any other status than that one,
 * is wrong at once. */
bool shop_ends(shop *s, const char *line, int status, const char *part, const char *early);

#endif
