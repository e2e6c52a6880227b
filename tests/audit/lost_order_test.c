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
    {"inventory:StockReserved inventory:StockCommitted",
     "it was confirmed, and payment lost it as well: nobody asks for its money any more", true},
    {"inventory:StockReserved inventory:StockCommitted shipping:ShipmentPacked",
     "it was confirmed, and payment lost it as well: nobody asks for its money any more", true},
    {"inventory:StockReserved inventory:StockCommitted shipping:ShipmentPacked shipping:ShipmentDispatched "
     "inventory:StockShipped",
     "its goods left, and payment lost it as well: it does not know that they are paid", true},
    {"inventory:StockReserved inventory:StockCommitted inventory:StockReleased", "nothing of it is open", true},
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
    test_begin("what the provider took for one that payment lost as well is not given back while its goods may leave");
    {
        world      w;
        lost_order lost;

        world_make(&w, "inventory:StockReserved inventory:StockCommitted");
        w.facts.currency = "";
        w.facts.taken = 100;
        lost_find(&w.facts, &lost);
        CHECK_STR(lost.stands, "it was confirmed and paid, and payment lost it as well: shipping sends it if it heard "
                               "that it is paid");
        CHECK(lost.restorable);
        test_begin("and once some was, no backup of checkout is advised, by which it would leave unpaid");
        w.facts.returned = 1;
        lost_find(&w.facts, &lost);
        CHECK(lost.submitted && !lost.restorable);
        world_make(&w, "inventory:StockReserved inventory:StockCommitted shipping:ShipmentPacked "
                       "shipping:ShipmentDispatched");
        w.facts.currency = "";
        w.facts.returned = 1;
        lost_find(&w.facts, &lost);
        CHECK(lost.restorable); /* it has left */
        world_make(&w, "inventory:StockReserved inventory:StockCommitted");
        w.facts.currency = "";
        w.facts.taken = 100;
        test_begin("where all was, nobody asks for its money");
        w.facts.returned = 100;
        lost_find(&w.facts, &lost);
        CHECK_CONTAINS(lost.stands, "nobody asks for its money any more");
        test_begin("a payment whose log could not be read did not lose it for that");
        w.facts.services[BOOK_PAYMENT].blind = true;
        lost_find(&w.facts, &lost);
        CHECK_CONTAINS(lost.stands, "goes on without checkout");
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
