/* repaired_test.c: a record of a shop's store is damaged and taken out by maru store repair: the services go on with
 * what is left, and the audit tells what is gone.
 *
 *   repaired_test BIN       BIN: the folder of the programs
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shop.h"
#include "test.h"

enum { INTO_RECORD = 40 }; /* behind its key, among what it says */

/* ---- the disk ---- */

/* One bit of a record, in each copy that LMDB left of its page. Its key is followed by a record's header. */
static int flip(int fd, const char *bytes, size_t size, const char *key)
{
    char        needle[128];
    size_t      length = (size_t)snprintf(needle, sizeof needle, "\1%s", key);
    const char *at = bytes;
    int         times = 0;

    for (; (at = memmem(at, size - (size_t)(at - bytes), needle, length)) != NULL; at++) {
        off_t where = at - bytes + (off_t)length + INTO_RECORD;
        char  byte;

        if ((size_t)where >= size || memcmp(at + length, "\1\0\0", 4) != 0)
            continue;
        byte = (char)(bytes[where] ^ 4);
        times += CHECK_INT(pwrite(fd, &byte, 1, where), 1);
    }
    return times;
}

static void spoil(shop *s, fleet_ship ship, const char *key)
{
    char        path[1024], *bytes;
    struct stat about;
    int         fd;

    snprintf(path, sizeof path, "%s/%s/data.mdb", s->folder.path, fleet_ship_name(ship));
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (!CHECK(fd >= 0) || !CHECK_INT(fstat(fd, &about), 0))
        return;
    bytes = malloc((size_t)about.st_size);
    CHECK_INT(pread(fd, bytes, (size_t)about.st_size, 0), about.st_size);
    CHECK(flip(fd, bytes, (size_t)about.st_size, key) > 0);
    free(bytes);
    close(fd);
}

/* ---- commands ---- */

static void says(shop *s, const char *line, int status, const char *part)
{
    proc p = shop_run(s, line);

    CHECK_INT(p.status, status);
    if (!CHECK_CONTAINS(p.text[PROC_OUT], part))
        fprintf(stderr, "%s: %s%s", line, p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
}

/* The service is stopped, damaged, repaired, and started again. */
static void repair(shop *s, fleet_ship ship, const char *key)
{
    char line[512], words[256];

    CHECK(fleet_halt(&s->fleet, ship));
    spoil(s, ship, key);
    snprintf(line, sizeof line, "maru store verify %s", fleet_ship_name(ship));
    snprintf(words, sizeof words, "table 1, key \"%s\"", key);
    says(s, line, 1, words);
    snprintf(line, sizeof line, "maru store repair %s \"$MARU_DATA/%s.damaged\"", fleet_ship_name(ship),
             fleet_ship_name(ship));
    says(s, line, 0, "1 dropped");
    CHECK(fleet_launch(&s->fleet, ship));
}

/* ---- what becomes of it ---- */

static const char *complete_one(shop *s)
{
    const char *order = shop_buy(s, (plan){.cancel_ms = -1});

    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
    return order;
}

static void lose_order(shop *s)
{
    const char *kept = complete_one(s), *lost = complete_one(s);
    char        words[256];

    test_begin("checkout: without an order's record all others are listed");
    repair(s, SHIP_CHECKOUT, lost);
    says(s, "maru call checkout shop.checkout.v1.CheckoutService/ListOrders -d '{\"pageSize\": 1000}'", 0, kept);
    test_begin("the audit says which is gone, and has a verdict; new orders are made and end");
    snprintf(words, sizeof words, "order-known: %s: others know it, and checkout does not: inventory says SHIPPED_OUT",
             lost);
    says(s, "maru audit --wait 20s", 1, words);
    complete_one(s);
    says(s, "maru audit --wait 20s", 1, "\naudit: NOT clean: 2 findings\n"); /* and its state, which the log has */
    snprintf(words, sizeof words, "maru order why %s", lost);
    says(s, words, 0, "\n  over  no event is owed\n");
}

static void lose_stock(shop *s)
{
    test_begin("inventory: a stock whose record is gone is made again of its ledger, which goes on");
    says(s, "maru call inventory shop.inventory.v1.InventoryService/GetStock -d '{\"product\": \"products/SOAK01\"}'",
         0, "\"movements\"");
    repair(s, SHIP_INVENTORY, "products/SOAK01");
    says(s,
         "maru call inventory shop.inventory.v1.InventoryService/ReceiveGoods -d '{\"goods\": [{\"product\": "
         "\"products/SOAK01\", \"quantity\": 7}]}'",
         0, "products/SOAK01");
    test_begin("so that the audit has nothing to say of it");
    complete_one(s);
    says(s, "maru audit --wait 20s", 1, "\naudit: NOT clean: 2 findings\n");
}

int main(int argc, char **argv)
{
    shop s;

    if (argc != 2) {
        fprintf(stderr, "repaired_test: want the folder of the programs\n");
        return 2;
    }
    test_begin("a shop starts");
    if (CHECK(shop_open(&s, argv[1]))) {
        lose_order(&s);
        lose_stock(&s);
    }
    CHECK(shop_close(&s, test_state.all_failed == 0));
    return test_end();
}
