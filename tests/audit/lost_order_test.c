/* lost_order_test.c: an order that checkout's log does not have: how far it went, by facts made by hand. */
#include "audit/lost.h"

#include "why_world.h"

static const struct lost_case {
    const char *events;
    const char *stands;
    bool        submitted;
} cases[] = {
    {"inventory:StockReserved", "its goods are reserved, and it was not confirmed", true},
    {"inventory:StockReserved payment:PaymentAuthorized", "its goods are reserved, and it was not confirmed", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockReleased",
     "money is authorised for it, and no goods are bound", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockCommitted",
     "it was confirmed, and goes on without checkout: it is packed, captured and sent", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockCommitted shipping:ShipmentPacked "
     "payment:PaymentCaptured",
     "it is paid, and its goods did not leave yet", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockCommitted shipping:ShipmentPacked "
     "payment:PaymentCaptured shipping:ShipmentDispatched inventory:StockShipped",
     "its goods left, and are paid", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockCommitted shipping:ShipmentPacked "
     "shipping:ShipmentCancelled",
     "its parcel was stopped; that it is cancelled, only checkout would say", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockCommitted shipping:ShipmentCancelled "
     "payment:PaymentCaptured shipping:ShipmentPacked shipping:ShipmentDispatched inventory:StockShipped",
     "its goods left, and are paid", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockCommitted shipping:ShipmentPacked "
     "shipping:ShipmentCancelled inventory:StockReleased payment:PaymentCaptured",
     "it was cancelled, and its money did not go back yet", true},
    {"inventory:StockReserved payment:PaymentAuthorized inventory:StockCommitted shipping:ShipmentPacked "
     "shipping:ShipmentCancelled inventory:StockReleased payment:PaymentVoided",
     "nothing of it is open", true},
    {"inventory:StockReserved payment:PaymentAuthorized payment:PaymentVoided inventory:StockReleased",
     "nothing of it is open", true},
    {"inventory:StockRejected", "nothing of it is open", true},
    {"payment:PaymentAuthorized", "money is authorised for it, and no goods are bound", false},
};

int main(void)
{
    test_begin("of an order that checkout lost it is said how far it went, and whether it was ever submitted");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world      w;
        lost_order lost;

        world_make(&w, cases[i].events);
        w.facts.currency = "";
        lost_find(&w.facts, &lost);
        CHECK_STR(lost.stands, cases[i].stands);
        CHECK_INT(lost.submitted, cases[i].submitted);
        CHECK(lost.safe != NULL && !lost.refundable && lost.newest[BOOK_CHECKOUT] == NULL);
    }
    test_begin("what is captured of it can be given back");
    {
        world      w;
        lost_order lost;

        world_make(&w, "inventory:StockReserved payment:PaymentAuthorized payment:PaymentCaptured");
        w.facts.currency = "GBP";
        w.facts.left = 100;
        lost_find(&w.facts, &lost);
        CHECK(lost.refundable);
        if (CHECK(lost.newest[BOOK_PAYMENT] != NULL))
            CHECK_CONTAINS(lost.newest[BOOK_PAYMENT]->type, "PaymentCaptured");
    }
    return test_end();
}
