/* inventory_test.c: what inventory answers, over real calls. */
#include "testing.h"

#include "check.h"

static void test_receive(struct fixture *f)
{
    Inventory__ReceiveGoodsResponse *response;
    Inventory__Stock                *found;

    teller_case(&f->t, "a product that was never received has none, and that is no error");
    found = get(f, "products/tea");
    CHECK_STR(found->product, "products/tea");
    CHECK_INT(found->on_hand, 0);
    CHECK_INT(found->movements, 0);
    teller_case(&f->t, "what comes in is on hand, each product once, in the order it came");
    CHECK_INT(receive(f, "tea:5 cup:1 tea:7", "paper 1", &response), MARU_OK);
    CHECK_INT(response->n_stock, 2);
    CHECK_STR(response->stock[0]->product, "products/tea");
    CHECK_INT(response->stock[0]->on_hand, 12);
    CHECK_INT(response->stock[0]->available, 12);
    CHECK_INT(response->stock[0]->received, 12);
    CHECK_INT(response->stock[0]->movements, 1);
    CHECK_STR(response->stock[1]->product, "products/cup");
    found = get(f, "products/tea");
    CHECK_INT(found->on_hand, 12);
    teller_case(&f->t, "a repeat of a request id receives once");
    CHECK_INT(maru_call_set_request_id(f->t.call, "till-1"), MARU_OK);
    CHECK_INT(receive(f, "tea:1", "paper 2", &response), MARU_OK);
    CHECK_INT(receive(f, "tea:1", "paper 2", &response), MARU_OK);
    CHECK_INT(response->stock[0]->on_hand, 13);
    CHECK_STR(stock(f, "tea"), "13 there, 0 reserved");
}

static void test_adjust(struct fixture *f)
{
    Inventory__Stock *found;

    teller_case(&f->t, "what is found or lost is adjusted, down to nothing");
    have(f, "tea:5");
    CHECK_INT(adjust(f, "products/tea", -5, "broken", &found), MARU_OK);
    CHECK_INT(found->on_hand, 0);
    CHECK_INT(found->adjusted, -5);
    CHECK_INT(adjust(f, "products/cup", 3, "found behind the shelf", &found), MARU_OK);
    CHECK_INT(found->on_hand, 3);
    teller_case(&f->t, "more than there is can't be lost, and nothing changes");
    refused(f, adjust(f, "products/cup", -4, "lost", &found), MARU_FAILED_PRECONDITION,
            "delta: products/cup has 3 on hand, 0 of them reserved: want at least -3, got -4");
    CHECK_STR(stock(f, "cup"), "3 there, 0 reserved");
}

static maru_status movements(struct fixture *f, int size, const char *token, Inventory__ListMovementsResponse **page)
{
    Inventory__ListMovementsRequest request = INVENTORY__LIST_MOVEMENTS_REQUEST__INIT;

    request.product = (char *)"products/tea";
    request.page_size = size;
    request.page_token = (char *)token;
    return inventory_list_movements(f->t.s.client, f->t.call, &request, page);
}

static const char *ledger(struct fixture *f, int size)
{
    Inventory__ListMovementsResponse *page;
    const char                       *text = "", *token = "";

    do {
        if (!CHECK_INT(movements(f, size, token, &page), MARU_OK))
            return "?";
        for (size_t i = 0; i < page->n_movements; i++)
            text = maru_printf(f->t.call, "%s%llu %+lld=%lld (%s)\n", text,
                               (unsigned long long)page->movements[i]->number, (long long)page->movements[i]->delta,
                               (long long)page->movements[i]->on_hand, page->movements[i]->reference);
        token = page->next_page_token;
    } while (token[0] != '\0');
    return text;
}

static void test_ledger(struct fixture *f)
{
    static const char                *wanted = "1 +5=5 (opening)\n2 -1=4 (broken)\n3 +2=6 (found)\n4 +9=15 (opening)\n";
    Inventory__ListMovementsResponse *page;
    Inventory__Stock                 *found;

    teller_case(&f->t, "the ledger tells every movement of a product, in order, whatever the pages");
    have(f, "te:1 tea:5 tea2:1 teas:1");
    CHECK_INT(adjust(f, "products/tea", -1, "broken", &found), MARU_OK);
    CHECK_INT(adjust(f, "products/tea", 2, "found", &found), MARU_OK);
    have(f, "tea:9");
    CHECK_STR(ledger(f, 0), wanted);
    CHECK_STR(ledger(f, 1), wanted);
    CHECK_STR(ledger(f, 3), wanted);
    CHECK_STR(ledger(f, 4), wanted);
    teller_case(&f->t, "a page token that is none is refused");
    refused(f, movements(f, 0, "x", &page), MARU_INVALID_ARGUMENT, "page_token: want the next_page_token");
    refused(f, movements(f, 0, "-1", &page), MARU_INVALID_ARGUMENT, "page_token");
    refused(f, movements(f, 0, "99999999999999999999", &page), MARU_INVALID_ARGUMENT, "page_token");
    refused(f, movements(f, 0, "18446744073709551615", &page), MARU_INVALID_ARGUMENT, "page_token");
    CHECK_INT(movements(f, 0, "4", &page), MARU_OK);
    CHECK_INT(page->n_movements, 0);
}

static const char *all_stock(struct fixture *f, int size)
{
    Inventory__ListStockRequest   request = INVENTORY__LIST_STOCK_REQUEST__INIT;
    Inventory__ListStockResponse *page;
    const char                   *text = "";

    request.page_size = size;
    do {
        if (!CHECK_INT(inventory_list_stock(f->t.s.client, f->t.call, &request, &page), MARU_OK))
            return "?";
        CHECK(page->n_stock <= (size_t)(size == 0 ? 50 : size));
        for (size_t i = 0; i < page->n_stock; i++)
            text = maru_printf(f->t.call, "%s%s ", text, page->stock[i]->product + strlen("products/"));
        request.page_token = page->next_page_token;
    } while (request.page_token[0] != '\0');
    return text;
}

static void test_lists(struct fixture *f)
{
    Inventory__BatchGetStockRequest   batch = INVENTORY__BATCH_GET_STOCK_REQUEST__INIT;
    Inventory__BatchGetStockResponse *some;
    char *names[] = {(char *)"products/c", (char *)"products/none", (char *)"products/a", (char *)"products/c"};

    teller_case(&f->t, "all stock comes in order of product, whatever the pages");
    CHECK_STR(all_stock(f, 0), "");
    have(f, "c:3 a:1 b:2 aa:4");
    CHECK_STR(all_stock(f, 0), "a aa b c ");
    CHECK_STR(all_stock(f, 1), "a aa b c ");
    CHECK_STR(all_stock(f, 4), "a aa b c ");
    teller_case(&f->t, "a batch comes in the order asked, and what was never received has none");
    batch.products = names;
    batch.n_products = 4;
    CHECK_INT(inventory_batch_get_stock(f->t.s.client, f->t.call, &batch, &some), MARU_OK);
    CHECK_INT(some->n_stock, 4);
    CHECK_INT(some->stock[0]->on_hand, 3);
    CHECK_STR(some->stock[1]->product, "products/none");
    CHECK_INT(some->stock[1]->on_hand, 0);
    CHECK_INT(some->stock[2]->on_hand, 1);
    CHECK_INT(some->stock[3]->on_hand, 3);
    batch.n_products = 0;
    CHECK_INT(inventory_batch_get_stock(f->t.s.client, f->t.call, &batch, &some), MARU_OK);
    CHECK_INT(some->n_stock, 0);
}

static maru_status receive_dot(maru_txn *txn, void *product)
{
    Inventory__Stock *stock;
    maru_status       status = store_stock(txn, product, &stock);

    stock->on_hand = stock->available = stock->received = 2;
    return status != MARU_OK
               ? status
               : store_move(
                     txn, stock,
                     &(struct store_move){.kind = INVENTORY__MOVEMENT_KIND__RECEIVED, .delta = 2, .reference = "old"});
}

/* A store of before such names were refused. */
static void test_dots(struct fixture *f)
{
    Inventory__ReceiveGoodsResponse *response;
    Inventory__Stock                *found;

    teller_case(&f->t, "no product named . or .. is received or found for the first time");
    refused(f, receive(f, "a:1 .:1", "paper", &response), MARU_INVALID_ARGUMENT,
            "goods: product: want products/ID with an ID other than . and .., got \"products/.\"");
    refused(f, adjust(f, "products/..", 1, "found", &found), MARU_INVALID_ARGUMENT,
            "product: want products/ID with an ID other than . and .., got \"products/..\"");
    CHECK_STR(all_stock(f, 0), "");
    teller_case(&f->t, "what has such a name since before is read, listed whatever the pages, and goes on");
    CHECK_INT(maru_store_write(f->t.s.store, f->t.call, receive_dot, (void *)"products/."), MARU_OK);
    CHECK_INT(maru_store_write(f->t.s.store, f->t.call, receive_dot, (void *)"products/.."), MARU_OK);
    have(f, "a:1 .:1");
    CHECK_STR(all_stock(f, 1), ". .. a ");
    CHECK_STR(stock(f, "."), "3 there, 0 reserved");
    CHECK_INT(adjust(f, "products/..", -2, "gone", &found), MARU_OK);
    CHECK_INT(adjust(f, "products/..", 1, "found", &found), MARU_OK);
}

static void test_errors(struct fixture *f)
{
    Inventory__GetStockRequest           ask = INVENTORY__GET_STOCK_REQUEST__INIT;
    Inventory__BatchGetStockRequest      batch = INVENTORY__BATCH_GET_STOCK_REQUEST__INIT;
    Inventory__ListReservationsRequest   list = INVENTORY__LIST_RESERVATIONS_REQUEST__INIT;
    Inventory__ReceiveGoodsResponse     *received;
    Inventory__BatchGetStockResponse    *some;
    Inventory__ListReservationsResponse *reservations;
    Inventory__Stock                    *found;
    char                                 words[WORDS_MAX_BYTES + 2];

    teller_case(&f->t, "what is wrong is refused in words");
    ask.product = (char *)"tea";
    refused(f, inventory_get_stock(f->t.s.client, f->t.call, &ask, &found), MARU_INVALID_ARGUMENT,
            "product: want products/ and 1..64 of A-Z a-z 0-9 . _ -, got \"tea\"");
    refused(f, receive(f, "", "", &received), MARU_INVALID_ARGUMENT, "goods: want 1..1000, got 0");
    refused(f, receive(f, "tea:1 cup:0", "", &received), MARU_INVALID_ARGUMENT,
            "goods[1].quantity: want 1..1000000000, got 0");
    refused(f, receive(f, "tea:1 c/p:1", "", &received), MARU_INVALID_ARGUMENT, "goods[1].product: want products/");
    refused(f, adjust(f, "products/tea", 0, "why", &found), MARU_INVALID_ARGUMENT, "delta: want more or less than 0");
    refused(f, adjust(f, "products/tea", 1, "", &found), MARU_INVALID_ARGUMENT, "reason: want 1..100 bytes, got 0");
    refused(f, adjust(f, "products/tea", 1, "a\nb", &found), MARU_INVALID_ARGUMENT,
            "reason: want no control characters, got U+000A at byte 1");
    refused(f, adjust(f, "products/tea", 1, "a\xc2\x85", &found), MARU_INVALID_ARGUMENT,
            "reason: want no control characters, got U+0085 at byte 1");
    refused(f, receive(f, "tea:1", "\xe2\x80\xa8", &received), MARU_INVALID_ARGUMENT,
            "reference: want no control characters, got U+2028 at byte 0");
    memset(words, 'w', sizeof words);
    words[WORDS_MAX_BYTES + 1] = '\0';
    refused(f, receive(f, "tea:1", words, &received), MARU_INVALID_ARGUMENT, "reference: want 0..100 bytes, got 101");
    batch.products = maru_alloc(f->t.call, 1001 * sizeof(char *));
    for (batch.n_products = 0; batch.n_products < 1001; batch.n_products++)
        batch.products[batch.n_products] = (char *)"products/a";
    refused(f, inventory_batch_get_stock(f->t.s.client, f->t.call, &batch, &some), MARU_INVALID_ARGUMENT,
            "products: want at most 1000, got 1001");
    list.page_size = 1001;
    refused(f, inventory_list_reservations(f->t.s.client, f->t.call, &list, &reservations), MARU_INVALID_ARGUMENT,
            "page_size: want 0..1000, got 1001");
    list = (Inventory__ListReservationsRequest)INVENTORY__LIST_RESERVATIONS_REQUEST__INIT;
    list.order = (char *)"order/1";
    refused(f, inventory_list_reservations(f->t.s.client, f->t.call, &list, &reservations), MARU_INVALID_ARGUMENT,
            "order: want orders/");
    teller_case(&f->t, "sums past 64 bits are refused, and the whole receipt with them");
    CHECK_INT(adjust(f, "products/big", INT64_MAX, "all the tea in China", &found), MARU_OK);
    refused(f, receive(f, "tea:1 big:1", "", &received), MARU_OUT_OF_RANGE, "goods: products/big: ");
    CHECK_STR(stock(f, "tea"), "0 there, 0 reserved");
}

static void test_kept(struct fixture *f)
{
    teller_case(&f->t, "what was stored is there after a restart");
    have(f, "tea:7");
    if (!CHECK(teller_again(&f->t) && serve(f)))
        return;
    CHECK_STR(stock(f, "tea"), "7 there, 0 reserved");
    CHECK_STR(ledger(f, 0), "1 +7=7 (opening)\n");
}

int main(void)
{
    run(test_receive);
    run(test_adjust);
    run(test_ledger);
    run(test_lists);
    run(test_dots);
    run(test_errors);
    run(test_kept);
    return test_end();
}
