/* shipping_test.c: what shipping answers, over real calls, and steps by hand. */
#include "testing.h"

static const struct shipping_service by_hand = {.pack_ms = BY_HAND, .dispatch_ms = BY_HAND, .deliver_ms = BY_HAND};

static void test_by_hand(struct fixture *f)
{
    Shipping__Shipment *found;

    teller_case(&f->t, "a parcel is packed, dispatched and delivered by hand, each once it is its turn");
    refused(f, mark(f, shipping_mark_packed, "orders/1"), MARU_NOT_FOUND, "order: no shipment of orders/1");
    commit(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/1"), "PENDING");
    refused(f, mark(f, shipping_mark_delivered, "orders/1"), MARU_FAILED_PRECONDITION,
            "order: want orders/1 to deliver, but it is PENDING");
    CHECK_INT(mark(f, shipping_mark_packed, "orders/1"), MARU_OK);
    CHECK_STR(state(f, "orders/1"), "PACKED");
    refused(f, mark(f, shipping_mark_dispatched, "orders/1"), MARU_FAILED_PRECONDITION,
            "order: orders/1 is packed, but its payment is not captured yet");
    capture(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/1"), "PACKED paid");
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentPacked");
    CHECK_INT(mark(f, shipping_mark_dispatched, "orders/1"), MARU_OK);
    CHECK_INT(get(f, "orders/1", &found), MARU_OK);
    CHECK_INT(found->state, SHIPPING__SHIPMENT_STATE__DISPATCHED);
    CHECK_INT(strlen(found->tracking), 18);
    CHECK_INT(strncmp(found->tracking, "JT", 2), 0);
    CHECK_STR(found->goods[0]->product, "products/tea");
    CHECK_INT(found->goods[0]->quantity, 2);
    CHECK_INT(mark(f, shipping_mark_delivered, "orders/1"), MARU_OK);
    CHECK_STR(state(f, "orders/1"), "DELIVERED paid");
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentPacked ShipmentDispatched ShipmentDelivered");
    teller_case(&f->t, "a repeat answers the shipment as it is, and says nothing");
    CHECK_INT(mark(f, shipping_mark_packed, "orders/1"), MARU_OK);
    CHECK_INT(mark(f, shipping_mark_dispatched, "orders/1"), MARU_OK);
    CHECK_INT(mark(f, shipping_mark_delivered, "orders/1"), MARU_OK);
    CHECK_STR(state(f, "orders/1"), "DELIVERED paid");
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentPacked ShipmentDispatched ShipmentDelivered");
    teller_case(&f->t, "what is stopped can't be packed");
    commit(f, "orders/2");
    request_cancel(f, "orders/2");
    CHECK(teller_settle(&f->t));
    refused(f, mark(f, shipping_mark_packed, "orders/2"), MARU_FAILED_PRECONDITION,
            "order: want orders/2 to pack, but it is STOPPED");
}

static void test_errors(struct fixture *f)
{
    Shipping__ListShipmentsRequest   request = SHIPPING__LIST_SHIPMENTS_REQUEST__INIT;
    Shipping__ListShipmentsResponse *page;
    Shipping__Shipment              *found;

    teller_case(&f->t, "what is wrong is refused in words");
    refused(f, get(f, "order/1", &found), MARU_INVALID_ARGUMENT,
            "order: want orders/ and 1..64 of A-Z a-z 0-9 . _ -, got \"order/1\"");
    refused(f, get(f, "orders/none", &found), MARU_NOT_FOUND,
            "order: no shipment of orders/none; there is one once its stock is committed");
    refused(f, mark(f, shipping_mark_packed, "orders/"), MARU_INVALID_ARGUMENT, "order: want orders/");
    request.page_size = -1;
    refused(f, shipping_list_shipments(f->t.s.client, f->t.call, &request, &page), MARU_INVALID_ARGUMENT,
            "page_size: want 0..1000, got -1");
    request.page_size = 1;
    request.page_token = (char *)"7";
    refused(f, shipping_list_shipments(f->t.s.client, f->t.call, &request, &page), MARU_INVALID_ARGUMENT,
            "page_token: want orders/");
}

static const char *all(struct fixture *f, int size)
{
    Shipping__ListShipmentsRequest   request = SHIPPING__LIST_SHIPMENTS_REQUEST__INIT;
    Shipping__ListShipmentsResponse *page;
    const char                      *text = "";

    request.page_size = size;
    do {
        if (!CHECK_INT(shipping_list_shipments(f->t.s.client, f->t.call, &request, &page), MARU_OK))
            return "?";
        CHECK(page->n_shipments <= (size_t)(size == 0 ? 50 : size));
        for (size_t i = 0; i < page->n_shipments; i++)
            text = maru_printf(f->t.call, "%s%s ", text, page->shipments[i]->order + strlen("orders/"));
        request.page_token = page->next_page_token;
    } while (request.page_token[0] != '\0');
    return text;
}

static void test_list(struct fixture *f)
{
    teller_case(&f->t, "shipments come in order of order, whatever the pages");
    CHECK_STR(all(f, 0), "");
    commit(f, "orders/b");
    commit(f, "orders/a");
    request_cancel(f, "orders/ab");
    CHECK(teller_settle(&f->t));
    CHECK_STR(all(f, 0), "a ab b ");
    CHECK_STR(all(f, 1), "a ab b ");
    CHECK_STR(all(f, 3), "a ab b ");
}

int main(void)
{
    run(test_by_hand, by_hand);
    run(test_errors, by_hand);
    run(test_list, by_hand);
    return test_end();
}
