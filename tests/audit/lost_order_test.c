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

#define BOTH      "payment lost it as well: "
#define GIVE_UP   "give up what the provider holds for it (docs/orders.md: a charge without an order)"
#define GIVE_BACK "give back what the provider took for it (docs/orders.md: a charge without an order)"
#define WAITS     "inventory:StockReserved "
#define BOUND     WAITS "inventory:StockCommitted "
#define STOPS     BOUND "shipping:ShipmentPacked shipping:ShipmentCancelled "
#define HOLDS_NOTHING                                                                                                  \
    "nothing has to be done: the provider holds nothing for it, nothing leaves unpaid, be it packed, and its goods "   \
    "stay reserved"
#define ASK_AGAIN "see that inventory, payment, shipping and provider run, and ask again before anything is given back"

enum { ALL = 3000 };

/* By what the provider has of it: what is authorised, and then taken, and given back. */
static const struct money_case {
    const char *says, *events;
    int64_t     authorized, taken, returned;
    bool        given_up;
    const char *stands, *safe;
    lost_way    way;
} by_money[] = {
    {"both lost it: cancelled, released, and captured by others", STOPS "inventory:StockReleased", ALL, ALL, 0, false,
     "its parcel was stopped, and " BOTH "nobody gives its money back", "nothing leaves: " GIVE_BACK, LOST_REFUND},
    {"both lost it: a part of it was given back", STOPS "inventory:StockReleased", ALL, ALL, 1, false,
     "its parcel was stopped, and " BOTH "nobody gives its money back", "nothing leaves: " GIVE_BACK, LOST_REFUND},
    {"both lost it: all of it was", STOPS "inventory:StockReleased", ALL, ALL, ALL, false, "nothing of it is open",
     "nothing has to be done", LOST_NOTHING},
    {"both lost it: cancelled, released, and held", STOPS "inventory:StockReleased", ALL, 0, 0, false,
     "its parcel was stopped, and " BOTH "nobody voids what is authorised", "nothing leaves: " GIVE_UP, LOST_VOID},
    {"both lost it: it was given up", STOPS "inventory:StockReleased", ALL, 0, 0, true, "nothing of it is open",
     "nothing has to be done", LOST_NOTHING},
    {"both lost it: stopped, and taken", STOPS, ALL, ALL, 0, false,
     "its parcel was stopped, and " BOTH "nobody gives its money back", "nothing leaves: " GIVE_BACK, LOST_REFUND},
    {"both lost it: stopped, and held", STOPS, ALL, 0, 0, false,
     "its parcel was stopped, and " BOTH "nobody voids what is authorised", "nothing leaves: " GIVE_UP, LOST_VOID},
    {"both lost it: stopped, and nothing is there", STOPS, 0, 0, 0, false,
     "its parcel was stopped; that it is cancelled, only checkout would say",
     "nothing leaves; its goods stay reserved, and the provider has none of its money", LOST_NOTHING},
    {"both lost it: reserved, and taken", WAITS, ALL, ALL, 0, false,
     "its goods are reserved, and " BOTH "nobody gives its money back",
     "the reservation ends by itself after 15 min: " GIVE_BACK, LOST_REFUND},
    {"both lost it: reserved, and held", WAITS, ALL, 0, 0, false,
     "its goods are reserved, and " BOTH "nobody voids what is authorised",
     "the reservation ends by itself after 15 min: " GIVE_UP, LOST_VOID},
    {"both lost it: reserved, and nothing is there", WAITS, 0, 0, 0, false,
     "its goods are reserved, and it was not confirmed",
     "leave it: the reservation ends by itself after 15 min, and the provider has none of its money", LOST_NOTHING},
    {"both lost it: released, and taken", WAITS "inventory:StockReleased", ALL, ALL, 0, false,
     "no goods are bound, and " BOTH "nobody gives its money back", "nothing leaves: " GIVE_BACK, LOST_REFUND},
    {"both lost it: released, and held", WAITS "inventory:StockReleased", ALL, 0, 0, false,
     "no goods are bound, and " BOTH "nobody voids what is authorised", "nothing leaves: " GIVE_UP, LOST_VOID},
    {"both lost it: confirmed, and held", BOUND, ALL, 0, 0, false,
     "it was confirmed, and " BOTH "nobody asks for its money any more",
     "nothing leaves unpaid, be it packed, and its goods stay reserved: " GIVE_UP, LOST_VOID},
    {"both lost it: confirmed, and given up", BOUND, ALL, 0, 0, true,
     "it was confirmed, and " BOTH "nobody asks for its money any more", HOLDS_NOTHING, LOST_NOTHING},
    {"both lost it: confirmed, and nothing was authorised", BOUND, 0, 0, 0, false,
     "it was confirmed, and " BOTH "nobody asks for its money any more", HOLDS_NOTHING, LOST_NOTHING},
    {"both lost it: confirmed, taken, and all of it was given back", BOUND, ALL, ALL, ALL, false,
     "it was confirmed, and " BOTH "nobody asks for its money any more",
     "nothing is left to give back; should its parcel go on, as shipping heard before that it was paid, it leaves "
     "unpaid",
     LOST_NOTHING},
    {"both lost it: confirmed once more after its goods were released, and taken",
     WAITS "inventory:StockReleased inventory:StockCommitted", ALL, ALL, 0, false,
     "it was confirmed and paid, and " BOTH "shipping sends it if it heard that it is paid",
     "leave it while its parcel goes on; where that stays PACKED nothing leaves: give back what the provider took "
     "(docs/orders.md: a charge without an order)",
     LOST_NOTHING},
    {"both lost it: packed, taken, and lost by inventory, too", WAITS "shipping:ShipmentPacked", ALL, ALL, 0, false,
     "it was confirmed and paid, and " BOTH "shipping sends it if it heard that it is paid",
     "leave it while its parcel goes on; where that stays PACKED nothing leaves: give back what the provider took "
     "(docs/orders.md: a charge without an order)",
     LOST_NOTHING},
    {"both lost it: what left, by shipping's word", BOUND "shipping:ShipmentPacked shipping:ShipmentDispatched", ALL,
     ALL, 0, false, "its goods left, and " BOTH "it does not know that they are paid",
     "leave it: what the provider took for it is what they cost, though the audit calls that no order's", LOST_NOTHING},
    {"both lost it: what left, by inventory's word", BOUND "inventory:StockShipped", ALL, ALL, 0, false,
     "its goods left, and " BOTH "it does not know that they are paid",
     "leave it: what the provider took for it is what they cost, though the audit calls that no order's", LOST_NOTHING},
    {"what payment knows it voids", WAITS "payment:PaymentAuthorized", ALL, 0, 0, false,
     "its goods are reserved, and it was not confirmed",
     "leave it: the reservation ends by itself after 15 min, and what is authorised payment voids after 7 days",
     LOST_NOTHING},
};

static void make_money(world *w, const struct money_case *c)
{
    world_make(w, c->events);
    w->facts.currency = "";
    w->facts.authorized = c->authorized;
    w->facts.taken = c->taken;
    w->facts.returned = c->returned;
    w->facts.given_up = c->given_up;
    w->facts.paying = PAYMENT__PAYMENT_STATE__WAITING;
}

static void test_money(void)
{
    for (size_t i = 0; i < sizeof by_money / sizeof *by_money; i++) {
        const struct money_case *c = &by_money[i];
        world                    w;
        lost_order               lost;

        test_begin(c->says);
        make_money(&w, c);
        lost_find(&w.facts, &lost);
        CHECK_STR(lost.stands, c->stands);
        CHECK_STR(lost.safe, c->safe);
        CHECK_INT(lost.way, c->way);
    }
}

/* What payment asks for, or gives up, it hears of. */
static void test_asking(void)
{
    static const Payment__PaymentState knows[] = {PAYMENT__PAYMENT_STATE__AUTHORIZING, PAYMENT__PAYMENT_STATE__VOIDING};
    const struct money_case            held = {.events = WAITS, .authorized = ALL};

    test_begin("a payment that asks the provider did not lose it");
    for (size_t i = 0; i < sizeof knows / sizeof *knows; i++) {
        world      w;
        lost_order lost;

        make_money(&w, &held);
        w.facts.paying = knows[i];
        lost_find(&w.facts, &lost);
        CHECK_CONTAINS(lost.safe, "payment voids after 7 days");
        CHECK_INT(lost.way, LOST_NOTHING);
    }
}

static void check_ask_again(const why_facts *facts)
{
    lost_order lost;

    lost_find(facts, &lost);
    CHECK_CONTAINS(lost.stands, "not all could be asked");
    CHECK_STR(lost.safe, ASK_AGAIN);
    CHECK_INT(lost.way, LOST_NOTHING);
}

/* In each way in which one can be that knows of goods or money. */
static void check_unseen(const struct money_case *c)
{
    static const book_service all[] = {BOOK_INVENTORY, BOOK_SHIPPING, BOOK_PROVIDER};
    static const book_service half[] = {BOOK_PROVIDER, BOOK_PAYMENT}; /* its log was read, and no more */
    world                     w;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        make_money(&w, c);
        w.facts.services[all[i]].blind = true;
        check_ask_again(&w.facts);
    }
    for (size_t i = 0; i < sizeof half / sizeof *half; i++) {
        make_money(&w, c);
        w.facts.services[half[i]].down = "not now";
        w.facts.paying = PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED;
        check_ask_again(&w.facts);
    }
}

/* Its goods may have left, or its money be there. */
static void test_unseen(void)
{
    static const struct money_case cancelled = {
        .events = STOPS "inventory:StockReleased", .authorized = ALL, .taken = ALL};
    static const struct money_case confirmed = {.events = BOUND}, packed = {.events = BOUND "shipping:ShipmentPacked"};
    static const struct money_case paid = {.events = BOUND, .authorized = ALL, .taken = ALL};
    world                          w;
    lost_order                     lost;

    test_begin("nothing is given back before all were asked who know of goods and money");
    check_unseen(&cancelled);
    test_begin("nor is it said of a confirmed order what the provider, which was not asked, has of it");
    check_unseen(&confirmed);
    check_unseen(&packed);
    check_unseen(&paid);
    test_begin("what left is paid by what the provider took, whether or not it is asked");
    make_money(&w, &(struct money_case){.events = BOUND "inventory:StockShipped"});
    w.facts.services[BOOK_PROVIDER].blind = true;
    lost_find(&w.facts, &lost);
    CHECK_CONTAINS(lost.stands, "its goods left");
    test_begin("nor is nothing said to be open");
    world_make(&w, "inventory:StockReserved inventory:StockReleased");
    w.facts.currency = "";
    w.facts.services[BOOK_PAYMENT].blind = true;
    lost_find(&w.facts, &lost);
    CHECK_STR(lost.stands, "nothing of it is open at those who could be asked");
    CHECK_STR(lost.safe, "see that all run, and ask again");
}

#define PAST "orders/past-0123456789abcdef0123456789abcdef"

/* By its name no card was charged; what the provider took all the same is somebody's. */
static void test_past_charged(void)
{
    world      w;
    lost_order lost;

    test_begin("where payment lost one of the past as well, and the provider took money for it, that is given back");
    make_money(&w, &(struct money_case){.events = STOPS, .authorized = ALL, .taken = ALL});
    w.facts.order = PAST;
    lost_find(&w.facts, &lost);
    CHECK_STR(lost.safe, "nothing leaves: " GIVE_BACK);
    CHECK_INT(lost.way, LOST_REFUND);
}

/* Its money went back, if it did, with its goods: RefundPayment would refuse. */
static void test_past(void)
{
    world      w;
    lost_order lost;

    test_begin("one of the past comes again with its files where the key of its name does, and its money is left");
    world_make(&w, "inventory:StockReserved payment:PaymentAuthorized payment:PaymentCaptured inventory:StockShipped");
    w.facts.order = PAST;
    w.facts.currency = "GBP";
    w.facts.left = 100;
    w.facts.settled = true;
    lost_find(&w.facts, &lost);
    CHECK_CONTAINS(lost.safe, "only where checkout's store came from a backup that it made in this version or later");
    CHECK_CONTAINS(lost.safe, "import the same files again");
    CHECK_CONTAINS(lost.safe, "else they make it a second time (docs/import.md");
    CHECK(!lost.refundable && lost.submitted && lost.way == LOST_NOTHING);
    test_begin("also where payment could not be asked");
    w.facts.settled = false;
    w.facts.services[BOOK_PAYMENT].blind = true;
    lost_find(&w.facts, &lost);
    CHECK_CONTAINS(lost.safe, "import the same files again");
    test_begin("but one that was imported by an older version would get another name");
    w.facts.order = "orders/0123456789abcdef0123456789abcdef";
    w.facts.services[BOOK_PAYMENT].blind = false;
    w.facts.settled = true;
    lost_find(&w.facts, &lost);
    CHECK_CONTAINS(lost.safe, "imported again it would be made a second time");
    CHECK(!lost.refundable && lost.restorable);
}

int main(void)
{
    test_money();
    test_past();
    test_past_charged();
    test_asking();
    test_unseen();
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
