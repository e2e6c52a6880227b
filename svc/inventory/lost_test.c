/* lost_test.c: the ledger is a chain, and where a record of the store is gone, as a repair puts a damaged one aside, no
 * other is written in a movement's place.
 */
#include <errno.h>

#include "testing.h"

enum { NUMBER_BYTES = 8 };

/* ---- what is done to the store ---- */

static const maru_table *table_of(int number)
{
    return inventory_tables[number - 1];
}

static maru_key key_of(maru_txn *txn, const char *product, uint64_t number)
{
    size_t   size = strlen(product) + 1;
    uint8_t *data = maru_txn_alloc(txn, size + NUMBER_BYTES);

    memcpy(data, product, size);
    for (int i = 0; i < NUMBER_BYTES; i++)
        data[size + (size_t)i] = (uint8_t)(number >> (56 - 8 * i));
    return (maru_key){.data = data, .size = size + NUMBER_BYTES};
}

static maru_status lose_stock(maru_txn *txn, void *product)
{
    return maru_delete(txn, table_of(1), maru_key_text(product));
}

static maru_status lose_first(maru_txn *txn, void *product)
{
    return maru_delete(txn, table_of(2), key_of(txn, product, 1));
}

static maru_status lose_second(maru_txn *txn, void *product)
{
    return maru_delete(txn, table_of(2), key_of(txn, product, 2));
}

static maru_status lose_reservation(maru_txn *txn, void *order)
{
    return maru_delete(txn, table_of(3), maru_key_text(order));
}

/* The second movement left one more than it did. */
static maru_status leave_more(maru_txn *txn, void *product)
{
    Inventory__Movement *movement;
    maru_key             key = key_of(txn, product, 2);
    maru_status          status = maru_get(txn, table_of(2), key, (ProtobufCMessage **)&movement);

    if (status != MARU_OK)
        return status;
    movement->on_hand++;
    return maru_put(txn, table_of(2), key, &movement->base);
}

static void change(struct fixture *f, maru_txn_fn fn, const char *name)
{
    CHECK_INT(maru_store_write(f->t.s.store, f->t.call, fn, (void *)name), MARU_OK);
}

/* "1 RECEIVED +5 =5, 2 ADJUSTED -1 =4" */
static const char *ledger(struct fixture *f)
{
    Inventory__ListMovementsRequest   request = INVENTORY__LIST_MOVEMENTS_REQUEST__INIT;
    Inventory__ListMovementsResponse *page;
    const char                       *text = "";

    request.product = (char *)"products/tea";
    if (!CHECK_INT(inventory_list_movements(f->t.s.client, f->t.call, &request, &page), MARU_OK))
        return "";
    for (size_t i = 0; i < page->n_movements; i++) {
        const Inventory__Movement *m = page->movements[i];

        text =
            maru_printf(f->t.call, "%s%s%d %s %+lld =%lld", text, i == 0 ? "" : ", ", (int)m->number,
                        protobuf_c_enum_descriptor_get_value(&inventory__movement_kind__descriptor, (int)m->kind)->name,
                        (long long)m->delta, (long long)m->on_hand);
    }
    return text;
}

/* ---- the chain ---- */

static void test_chain(struct fixture *f)
{
    Inventory__ReceiveGoodsResponse *response;
    Inventory__Stock                *found;

    teller_case(&f->t, "a movement that would not begin where the last one ended is refused, and the ledger stays");
    have(f, "tea:5");
    have(f, "tea:2");
    change(f, leave_more, "products/tea");
    refused(f, receive(f, "tea:1", "", &response), MARU_DATA_LOSS,
            "products/tea: 7 on hand, but 8 by the last movement of its ledger");
    refused(f, adjust(f, "products/tea", -1, "lost", &found), MARU_DATA_LOSS, "but 8 by the last movement");
    CHECK_STR(ledger(f), "1 RECEIVED +5 =5, 2 RECEIVED +2 =8");
    teller_case(&f->t, "so is one whose last is missing");
    change(f, lose_second, "products/tea");
    refused(f, receive(f, "tea:1", "", &response), MARU_DATA_LOSS, "products/tea: movement 2 is missing in the ledger");
    CHECK_STR(ledger(f), "1 RECEIVED +5 =5");
}

/* ---- a stock that is gone ---- */

/* 12 came, 2 of one order left, 1 was found, 3 of another are reserved. */
static void fill(struct fixture *f)
{
    Inventory__Stock *found;

    have(f, "tea:12 cup:4");
    submit(f, "orders/1", "tea:2");
    confirm(f, "orders/1", "tea:2");
    teller_settle(&f->t);
    dispatch(f, "orders/1");
    teller_settle(&f->t);
    CHECK_INT(adjust(f, "products/tea", 1, "found", &found), MARU_OK);
    submit(f, "orders/2", "cup:1 tea:3");
    teller_settle(&f->t);
    CHECK_STR(stock(f, "tea"), "11 there, 3 reserved");
}

static void test_again(struct fixture *f)
{
    Inventory__ReceiveGoodsResponse *response;
    Inventory__Stock                *found;

    teller_case(&f->t, "a stock that is gone is made again of its ledger and of what is reserved");
    fill(f);
    change(f, lose_stock, "products/tea");
    found = get(f, "products/tea");
    CHECK_INT(found->received, 12);
    CHECK_INT(found->shipped, 2);
    CHECK_INT(found->adjusted, 1);
    CHECK_INT(found->on_hand, 11);
    CHECK_INT(found->reserved, 3);
    CHECK_INT(found->available, 8);
    CHECK_INT(found->movements, 3);
    teller_case(&f->t, "what comes in then is its next movement, and none is written over");
    CHECK_INT(receive(f, "tea:7", "", &response), MARU_OK);
    CHECK_STR(stock(f, "tea"), "18 there, 3 reserved");
    CHECK_STR(ledger(f), "1 RECEIVED +12 =12, 2 SHIPPED -2 =10, 3 ADJUSTED +1 =11, 4 RECEIVED +7 =18");
    teller_case(&f->t, "orders go on with it: one that was reserved leaves, one that comes is kept");
    change(f, lose_stock, "products/tea");
    confirm(f, "orders/2", "cup:1 tea:3");
    submit(f, "orders/3", "tea:15");
    teller_settle(&f->t);
    dispatch(f, "orders/2");
    teller_settle(&f->t);
    CHECK_STR(stock(f, "tea"), "15 there, 15 reserved");
    CHECK_STR(stock(f, "cup"), "3 there, 0 reserved");
}

static void test_not_whole(struct fixture *f)
{
    Inventory__ReceiveGoodsResponse *response;
    Inventory__GetStockRequest       request = INVENTORY__GET_STOCK_REQUEST__INIT;
    Inventory__Stock                *found;

    teller_case(&f->t, "of a ledger that is not whole it is not made, and nothing comes to it");
    fill(f);
    change(f, lose_stock, "products/tea");
    change(f, lose_first, "products/tea");
    refused(f, receive(f, "tea:7", "", &response), MARU_DATA_LOSS,
            "products/tea: its stock is gone, and can't be made again of its ledger and of what is reserved: movement "
            "2, which leaves 10 on hand, does not follow movement 0, which left 0: put back a backup of inventory");
    CHECK_STR(ledger(f), "2 SHIPPED -2 =10, 3 ADJUSTED +1 =11");
    request.product = (char *)"products/tea";
    refused(f, inventory_get_stock(f->t.s.client, f->t.call, &request, &found), MARU_DATA_LOSS, "its stock is gone");
    teller_case(&f->t, "nor where less would be on hand than is reserved: the end of its ledger is gone");
    have(f, "coffee:1");
    have(f, "coffee:2");
    submit(f, "orders/3", "coffee:3");
    teller_settle(&f->t);
    change(f, lose_stock, "products/coffee");
    CHECK_STR(stock(f, "coffee"), "3 there, 3 reserved");
    change(f, lose_stock, "products/coffee");
    change(f, lose_second, "products/coffee");
    refused(f, receive(f, "coffee:7", "", &response), MARU_DATA_LOSS,
            "reserved: products/coffee: want 3, 1 are available");
}

static void test_reads(struct fixture *f)
{
    Inventory__BatchGetStockRequest   request = INVENTORY__BATCH_GET_STOCK_REQUEST__INIT;
    Inventory__BatchGetStockResponse *response;
    char *names[] = {(char *)"products/tea", (char *)"products/coffee", (char *)"products/tea", (char *)"products/cup"};

    teller_case(&f->t, "a read that meets a stock that is gone puts it: the next needs no ledger");
    have(f, "tea:5");
    have(f, "tea:2");
    change(f, lose_stock, "products/tea");
    CHECK_STR(stock(f, "tea"), "7 there, 0 reserved");
    change(f, lose_first, "products/tea");
    CHECK_STR(stock(f, "tea"), "7 there, 0 reserved");
    teller_case(&f->t, "so does one of many, whichever are gone and however often they are named");
    have(f, "coffee:4");
    have(f, "cup:1");
    change(f, lose_stock, "products/coffee");
    change(f, lose_stock, "products/cup");
    request.products = names;
    request.n_products = 4;
    if (!CHECK_INT(inventory_batch_get_stock(f->t.s.client, f->t.call, &request, &response), MARU_OK) ||
        !CHECK_INT(response->n_stock, 4))
        return;
    CHECK_INT(response->stock[0]->on_hand, 7);
    CHECK_INT(response->stock[1]->on_hand, 4);
    CHECK_INT(response->stock[2]->on_hand, 7);
    CHECK_INT(response->stock[3]->on_hand, 1);
    change(f, lose_first, "products/coffee");
    CHECK_STR(stock(f, "coffee"), "4 there, 0 reserved");
}

/* ---- a disk that is full ---- */

static struct disk {
    maru_seam   seam;
    atomic_bool full;
    atomic_int  appends; /* batches that were to be written */
} disk;

static int append_fault(void *self, const char *step)
{
    (void)self;
    if (strcmp(step, "append") != 0)
        return 0;
    atomic_fetch_add(&disk.appends, 1);
    return atomic_load(&disk.full) ? ENOSPC : 0;
}

static maru_status batch(struct fixture *f, char **names, size_t count, Inventory__BatchGetStockResponse **response)
{
    Inventory__BatchGetStockRequest request = INVENTORY__BATCH_GET_STOCK_REQUEST__INIT;

    request.products = names;
    request.n_products = count;
    return inventory_batch_get_stock(f->t.s.client, f->t.call, &request, response);
}

static void test_full(struct fixture *f)
{
    char *names[] = {(char *)"products/tea", (char *)"products/bad", (char *)"products/cup", (char *)"products/none",
                     (char *)"products/bad"};
    Inventory__BatchGetStockResponse *response;
    int                               before;

    disk.seam = *maru_seam_real();
    disk.seam.disk_fault = append_fault;
    f->t.s.seam = &disk.seam;
    if (!CHECK(teller_again(&f->t) && serve(f)))
        return;
    teller_case(&f->t, "where the disk is full a stock that is gone is told nevertheless");
    have(f, "tea:5 cup:2 bad:1");
    have(f, "bad:1");
    for (size_t i = 0; i < 3; i++)
        change(f, lose_stock, names[i]);
    atomic_store(&disk.full, true);
    CHECK_STR(stock(f, "tea"), "5 there, 0 reserved");
    CHECK_STR(stock(f, "cup"), "2 there, 0 reserved");
    atomic_store(&disk.full, false);
    teller_case(
        &f->t,
        "all of a batch are put in one write; one whose ledger is not whole is in nobody's way but who asks for it");
    change(f, lose_first, "products/bad");
    before = atomic_load(&disk.appends);
    refused(f, batch(f, names, 5, &response), MARU_DATA_LOSS, "products/bad: its stock is gone");
    CHECK_INT(atomic_load(&disk.appends) - before, 1);
    change(f, lose_first, "products/tea");
    change(f, lose_first, "products/cup");
    names[1] = (char *)"products/tea";
    if (!CHECK_INT(batch(f, names, 4, &response), MARU_OK) || !CHECK_INT(response->n_stock, 4))
        return;
    CHECK_INT(response->stock[0]->on_hand, 5);
    CHECK_INT(response->stock[2]->on_hand, 2);
    CHECK_INT(response->stock[3]->on_hand, 0);
}

/* ---- a damaged movement ---- */

/* Wherever the words are in the file, since older copies of pages stay: the service is stopped. */
static void spoil(struct fixture *f, const char *words)
{
    char  *path = strdup(maru_printf(f->t.call, "%s/data.mdb", f->t.s.path)), *bytes = NULL, *at;
    size_t size = 0, times = 0;
    FILE  *file;

    teller_stop(&f->t);
    file = fopen(path, "r+");
    free(path);
    if (!CHECK(file != NULL))
        return;
    fseek(file, 0, SEEK_END);
    size = (size_t)ftell(file);
    bytes = malloc(size);
    rewind(file);
    CHECK_INT(fread(bytes, 1, size, file), size);
    for (at = bytes; (at = memmem(at, size - (size_t)(at - bytes), words, strlen(words))) != NULL; times++)
        *at++ ^= 1;
    rewind(file);
    CHECK_INT(fwrite(bytes, 1, size, file), size);
    fclose(file);
    free(bytes);
    CHECK(times > 0);
    CHECK(teller_again(&f->t) && serve(f));
}

static void test_unrelated(struct fixture *f)
{
    Inventory__ReceiveGoodsResponse *response;

    teller_case(&f->t, "a damaged movement is in the way of its own product's ledger");
    have(f, "aloe:1 zest:1"); /* around them: the records beside a stock that is looked for are sound */
    CHECK_INT(receive(f, "tea:5", "to be spoilt", &response), MARU_OK);
    spoil(f, "to be spoilt");
    CHECK_STR(stock(f, "tea"), "5 there, 0 reserved");
    refused(f, receive(f, "tea:1", "", &response), MARU_DATA_LOSS, "movements: the record at");
    change(f, lose_stock, "products/tea");
    refused(f, receive(f, "tea:1", "", &response), MARU_DATA_LOSS, "movements: the record at");
    teller_case(&f->t, "and of no other's that begins beside it");
    CHECK_STR(stock(f, "sencha"), "0 there, 0 reserved");
    CHECK_INT(receive(f, "sencha:2", "", &response), MARU_OK);
    CHECK_STR(stock(f, "sencha"), "2 there, 0 reserved");
    CHECK_STR(stock(f, "tea-2"), "0 there, 0 reserved");
    have(f, "tea-2:3");
    CHECK_STR(stock(f, "tea-2"), "3 there, 0 reserved");
}

/* ---- a reservation that is gone ---- */

static void test_live(struct fixture *f)
{
    Inventory__ListReservationsRequest   request = INVENTORY__LIST_RESERVATIONS_REQUEST__INIT;
    Inventory__ListReservationsResponse *page;

    teller_case(&f->t, "of the live reservations all are listed but one that is gone");
    have(f, "tea:12");
    submit(f, "orders/1", "tea:1");
    submit(f, "orders/2", "tea:2");
    submit(f, "orders/3", "tea:3");
    teller_settle(&f->t);
    change(f, lose_reservation, "orders/2");
    request.live_only = 1;
    if (!CHECK_INT(inventory_list_reservations(f->t.s.client, f->t.call, &request, &page), MARU_OK) ||
        !CHECK_INT(page->n_reservations, 2))
        return;
    CHECK_STR(page->reservations[0]->order, "orders/1");
    CHECK_STR(page->reservations[1]->order, "orders/3");
}

int main(void)
{
    run(test_chain);
    run(test_again);
    run(test_not_whole);
    run(test_reads);
    run(test_full);
    run(test_unrelated);
    run(test_live);
    return test_end();
}
