/* pages_test.c: ListOrders: the newest first, in pages that stay right. */
#include "testing.h"

/* The carts of all orders, page by page, each followed by a blank. between runs after the first page. */
static char *list_all(struct shop *shop, const char *customer, int size, void (*between)(struct shop *shop))
{
    Checkout__ListOrdersResponse *page;
    char                         *carts = maru_alloc(shop->checkout.call, 4096);
    size_t                        used = 0;
    const char                   *token = "";

    carts[0] = '\0';
    do {
        if (!CHECK_INT(list(shop, customer, size, token, &page), MARU_OK))
            return carts;
        for (size_t i = 0; i < page->n_orders; i++)
            used += (size_t)snprintf(carts + used, 4096 - used, "%s ", page->orders[i]->cart + strlen("carts/"));
        token = page->next_page_token;
        if (between != NULL)
            between(shop);
        between = NULL;
    } while (token[0] != '\0');
    return carts;
}

static void order_of(struct shop *shop, const char *cart, const char *customer)
{
    Checkout__Quote            *made;
    Checkout__Order            *order;
    Checkout__PlaceOrderRequest request;

    if (!CHECK_INT(quote(shop, cart, "", &made), MARU_OK))
        return;
    request = wish(cart, made->name);
    request.customer = (char *)customer;
    if (!CHECK_INT(place(shop, request, &order), MARU_OK))
        fprintf(stderr, "%s: %s\n", cart, maru_call_message(shop->checkout.call));
}

static void one_more(struct shop *shop)
{
    order_of(shop, "carts/late", "customers/minji");
}

static void test_pages(struct shop *shop)
{
    Checkout__ListOrdersResponse *page;
    char                          cart[] = "carts/a";

    begin(shop, "no orders are an empty page");
    CHECK_STR(list_all(shop, "", 0, NULL), "");
    begin(shop, "the newest come first, in pages of any size; a customer's are alone; guests' are in the list of all");
    for (cart[6] = 'a'; cart[6] <= 'g'; cart[6]++)
        order_of(shop, cart, cart[6] % 2 ? "customers/minji" : cart[6] == 'd' ? "" : "customers/minjis");
    CHECK_STR(list_all(shop, "", 0, NULL), "g f e d c b a ");
    CHECK_STR(list_all(shop, "", 3, NULL), "g f e d c b a ");
    CHECK_STR(list_all(shop, "", 7, NULL), "g f e d c b a ");
    CHECK_STR(list_all(shop, "", 1, NULL), "g f e d c b a ");
    CHECK_STR(list_all(shop, "customers/minji", 2, NULL), "g e c a ");
    CHECK_STR(list_all(shop, "customers/minjis", 0, NULL), "f b ");
    CHECK_STR(list_all(shop, "customers/none", 0, NULL), "");
    begin(shop, "an order that comes meanwhile is before all pages: none is seen twice, none missed");
    CHECK_STR(list_all(shop, "", 3, one_more), "g f e d c b a ");
    CHECK_STR(list_all(shop, "customers/minji", 1, NULL), "late g e c a ");
    begin(shop, "wrong sizes, customers and tokens are refused in words");
    refused(shop, list(shop, "", -1, "", &page), MARU_INVALID_ARGUMENT, "page_size: want 0..1000, got -1");
    refused(shop, list(shop, "", 1001, "", &page), MARU_INVALID_ARGUMENT, "page_size: want 0..1000, got 1001");
    refused(shop, list(shop, "minji", 0, "", &page), MARU_INVALID_ARGUMENT, "customer: want customers/");
    refused(shop, list(shop, "", 0, "12", &page), MARU_INVALID_ARGUMENT, "page_token: want the next_page_token");
}

static void test_large(struct shop *shop)
{
    Checkout__ListOrdersResponse *page;

    begin(shop, "a page ends before it is too large for a message, and none is lost");
    for (int i = 0; i < 5; i++)
        order_of(shop, maru_printf(shop->checkout.call, "carts/long-%d", 1000 - i), "");
    if (!CHECK_INT(list(shop, "", 0, "", &page), MARU_OK))
        return;
    CHECK(page->n_orders == 2 || page->n_orders == 3);
    CHECK(page->next_page_token[0] != '\0');
    CHECK_STR(list_all(shop, "", 0, NULL), "long-996 long-997 long-998 long-999 long-1000 ");
}

int main(void)
{
    run(test_pages, false);
    run(test_large, false);
    return test_end();
}
