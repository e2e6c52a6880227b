/* foreign_test.c: what the provider did under an order's name that is not the shop's: named while money is held or
 * taken by it, and clean once that was given back (audit/foreign.h).
 */
#include "audit/foreign.h"
#include "handmade.h"
#include "wrong.h"

/* The cancelled order had nothing authorised. */
static void need_nothing(handmade *h)
{
    h->gone->payment->authorized = NULL;
    h->gone->payment->state = PAYMENT__PAYMENT_STATE__NOT_NEEDED;
    h->gone->folded.payment = PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED;
}

static void others_do(handmade *h, book_order *o, book_ledger ledger)
{
    hand_own_charge(h, o, ledger);
    foreign_part(&h->b);
}

static void hold(handmade *h)
{
    need_nothing(h);
    others_do(h, h->gone, (book_ledger){.authorized = 1, .authorizations = 1, .currency = "GBP"});
}

static void hold_won(handmade *h)
{
    need_nothing(h);
    others_do(h, h->gone, (book_ledger){.authorized = HAND_PRICE, .authorizations = 1, .currency = "KRW"});
}

static void give_up(handmade *h)
{
    need_nothing(h);
    others_do(h, h->gone, (book_ledger){.authorized = 1, .authorizations = 1, .voids = 1, .currency = "GBP"});
}

static void take(handmade *h)
{
    need_nothing(h);
    others_do(
        h, h->gone,
        (book_ledger){
            .authorized = 5, .captured = 5, .refunded = 2, .authorizations = 1, .captures = 1, .currency = "GBP"});
}

static void give_back(handmade *h)
{
    need_nothing(h);
    others_do(
        h, h->gone,
        (book_ledger){
            .authorized = 5, .captured = 5, .refunded = 5, .authorizations = 1, .captures = 1, .currency = "GBP"});
}

/* Of its own amount it is the order's, and payment should know. */
static void hold_same(handmade *h)
{
    need_nothing(h);
    others_do(h, h->gone, (book_ledger){.authorized = HAND_PRICE, .authorizations = 1, .voids = 1, .currency = "GBP"});
}

/* What payment did authorise is never foreign, be it of another amount. */
static void authorize_less(handmade *h)
{
    h->done->payment->authorized->minor = HAND_PRICE - 1;
    others_do(
        h, h->done,
        (book_ledger){
            .authorized = HAND_PRICE, .captured = HAND_PRICE, .authorizations = 1, .captures = 1, .currency = "GBP"});
}

static void hold_for_nobody(handmade *h)
{
    others_do(h, book_order_of(&h->b, "orders/c"),
              (book_ledger){.authorized = 7, .authorizations = 1, .currency = "GBP"});
}

static void give_up_for_nobody(handmade *h)
{
    others_do(h, book_order_of(&h->b, "orders/c"),
              (book_ledger){.authorized = 7, .authorizations = 1, .voids = 1, .currency = "GBP"});
}

/* Two under keys of their own, the first of which was given up. */
static void hold_by_keys(handmade *h)
{
    book_order *o = book_order_of(&h->b, "orders/c");

    hand_charge(h, o, "k1", (book_ledger){.authorized = 7, .authorizations = 1, .voids = 1, .currency = "GBP"});
    hand_charge(h, o, "k2", (book_ledger){.authorized = 8, .authorizations = 1, .currency = "GBP"});
    hand_charge(h, o, "k3", (book_ledger){.authorized = 9, .authorizations = 1, .currency = "GBP"});
    o->ledger = (book_ledger){.authorized = 24, .authorizations = 3, .voids = 1, .currency = "GBP"};
    foreign_part(&h->b);
}

/* Beside what payment authorised, for an order that is completed. */
static void charge_beside(handmade *h, book_ledger ledger)
{
    book_ledger ours = h->done->ledger;

    hand_own_charge(h, h->done, ours);
    hand_charge(h, h->done, "k3", ledger);
    h->done->ledger = ours;
    h->done->ledger.authorized += ledger.authorized;
    h->done->ledger.captured += ledger.captured;
    h->done->ledger.refunded += ledger.refunded;
    h->done->ledger.authorizations += ledger.authorizations;
    h->done->ledger.captures += ledger.captures;
    h->done->ledger.voids += ledger.voids;
    h->done->ledger.other = ledger.currency;
    foreign_part(&h->b);
}

static void hold_beside(handmade *h)
{
    charge_beside(h, (book_ledger){.authorized = 9, .authorizations = 1, .currency = "KRW"});
}

static void give_up_beside(handmade *h)
{
    charge_beside(h, (book_ledger){.authorized = 9, .authorizations = 1, .voids = 1, .currency = "KRW"});
}

static void give_back_beside(handmade *h)
{
    charge_beside(
        h, (book_ledger){
               .authorized = 9, .captured = 9, .refunded = 9, .authorizations = 1, .captures = 1, .currency = "KRW"});
}

/* maru order why would ask for an order of that name. */
static void test_no_name(void)
{
    handmade            h;
    const book_finding *second;

    test_begin("what is no order's name is not told as one that why could be asked about");
    hand_open(&h);
    hand_hear(&h); /* nobody heard of this one */
    hand_charge(&h, book_order_of(&h.b, "invoice-77"), "k",
                (book_ledger){.authorized = 7, .authorizations = 1, .currency = "GBP"});
    foreign_part(&h.b);
    checks_run(&h.b);
    if (CHECK(h.b.findings != NULL) && CHECK((second = h.b.findings->next) != NULL)) {
        CHECK_CONTAINS(h.b.findings->words, "the provider holds 7 GBP under k, ");
        CHECK_STR(second->check, "order-known");
        CHECK_CONTAINS(second->words, "it is the name of no order");
        CHECK(strstr(second->words, "maru order why") == NULL);
    }
    book_close(&h.b);
}

/* What was given up is not told as if it were held. */
static void test_known(void)
{
    static const struct {
        unsigned    authorizations, voids;
        const char *words;
    } rows[] = {
        {1, 0, "; the provider authorised 14000, captured 0, refunded 0: "},
        {1, 1, "; the provider authorised 14000 (voided), captured 0, refunded 0: "},
        {2, 2, "; the provider authorised 14000 (voided), captured 0, refunded 0: "},
        {3, 1, "; the provider authorised 14000 (1 of 3 voided), captured 0, refunded 0: "},
    };

    test_begin("of an order that checkout does not know it is said what was voided");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        handmade            h;
        const book_finding *found;

        hand_open(&h);
        h.gone->order = NULL;
        others_do(&h, h.gone,
                  (book_ledger){.authorized = 14000,
                                .authorizations = rows[i].authorizations,
                                .voids = rows[i].voids,
                                .currency = "GBP"});
        hand_hear(&h);
        checks_run(&h.b);
        for (found = h.b.findings; found != NULL && strcmp(found->check, "order-known") != 0;)
            found = found->next;
        if (CHECK(found != NULL))
            CHECK_CONTAINS(found->words, rows[i].words);
        book_close(&h.b);
    }
}

enum {
    GOODS_RESERVED = INVENTORY__RESERVATION_STATE__RESERVED,
    GOODS_COMMITTED = INVENTORY__RESERVATION_STATE__COMMITTED,
    GOODS_LEFT = INVENTORY__RESERVATION_STATE__SHIPPED_OUT,
    GOODS_RELEASED = INVENTORY__RESERVATION_STATE__RELEASED,
    PARCEL_PACKED = SHIPPING__SHIPMENT_STATE__PACKED,
    PARCEL_LEFT = SHIPPING__SHIPMENT_STATE__DISPATCHED,
    PARCEL_THERE = SHIPPING__SHIPMENT_STATE__DELIVERED,
    PARCEL_STOPPED = SHIPPING__SHIPMENT_STATE__STOPPED,
    NOBODY = 0,
};

/* Where its goods may leave, or left, what was charged for it may be what they cost. */
static const struct first_case {
    int         goods, parcel;
    const char *key;  /* NULL: the order's own */
    bool        past; /* it was paid elsewhere */
    bool        first;
} firsts[] = {
    {GOODS_LEFT, PARCEL_THERE, NULL, false, true},
    {GOODS_LEFT, NOBODY, NULL, false, true},
    {NOBODY, PARCEL_LEFT, NULL, false, true},
    {NOBODY, PARCEL_THERE, NULL, false, true},
    {GOODS_COMMITTED, NOBODY, NULL, false, true},
    {GOODS_COMMITTED, PARCEL_PACKED, NULL, false, true},
    {NOBODY, PARCEL_PACKED, NULL, false, true},
    {GOODS_COMMITTED, PARCEL_STOPPED, NULL, false, false},
    {GOODS_RELEASED, PARCEL_STOPPED, NULL, false, false},
    {GOODS_RELEASED, PARCEL_PACKED, NULL, false, false},
    {GOODS_RESERVED, NOBODY, NULL, false, false},
    {NOBODY, NOBODY, NULL, false, false},
    {GOODS_LEFT, PARCEL_THERE, "k", false, false},
    {GOODS_LEFT, PARCEL_THERE, NULL, true, false},
};

static void check_first(const struct first_case *c)
{
    const char   *words = "unless maru order why orders/a says to leave it, give it back there, ";
    handmade      h;
    book_ledger   ledger;
    book_finding *f;

    hand_open(&h);
    ledger = h.done->ledger;
    h.done->order = NULL;
    if (c->past)
        h.done->payment->settle_time = HAND(&h, Google__Protobuf__Timestamp, GOOGLE__PROTOBUF__TIMESTAMP__INIT);
    else
        h.done->payment = NULL;
    h.done->reservation->state = c->goods;
    h.done->shipment->state = c->parcel;
    if (c->goods == NOBODY)
        h.done->reservation = NULL;
    if (c->parcel == NOBODY)
        h.done->shipment = NULL;
    if (c->key == NULL)
        hand_own_charge(&h, h.done, ledger);
    else
        hand_charge(&h, h.done, c->key, ledger);
    foreign_part(&h.b);
    hand_hear(&h);
    checks_run(&h.b);
    for (f = h.b.findings; f != NULL && strcmp(f->check, "ledgers-equal") != 0; f = f->next)
        continue;
    if (CHECK(f != NULL)) {
        CHECK_CONTAINS(f->words, "): ");
        CHECK_CONTAINS(f->words, "give it back there, by Refund");
        CHECK_INT(strstr(f->words, words) != NULL, c->first);
    }
    book_close(&h.b);
}

static void test_first(void)
{
    test_begin(
        "of an order that both lost, what became of its goods is to be seen first, where they may be paid by it");
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
        check_first(&firsts[i]);
}

static const wrong all[] = {
    {"another amount is authorised under an order's key", hold, "ledgers-equal"},
    {"or one in another currency", hold_won, "ledgers-equal"},
    {"once it is voided all agrees", give_up, ""},
    {"what was captured of it is named until it is refunded", take, "ledgers-equal"},
    {"and then no more", give_back, ""},
    {"of the order's own amount it is not foreign", hold_same, "ledgers-equal"},
    {"nor is what payment authorised", authorize_less, "ledgers-equal"},
    {"of an order that nobody knows it is named, too", hold_for_nobody, "ledgers-equal order-known"},
    {"and is no order once it was given up", give_up_for_nobody, ""},
    {"one that is held by another key is named, too", hold_by_keys, "ledgers-equal order-known"},
    {"so is one beside what payment authorised", hold_beside, "ledgers-equal"},
    {"and no more once it was given up", give_up_beside, ""},
    {"or refunded", give_back_beside, ""},
    {NULL, NULL, NULL},
};

/* An operation that is not what checkout says, of an order of which payment says nothing. */
static void need_other(handmade *h)
{
    h->done->payment = NULL;
    h->done->order->total->minor = HAND_PRICE + 1;
    others_do(h, h->done, h->done->ledger);
}

static void lack_payment(handmade *h)
{
    book_lacks(&h->b, BOOK_PAYMENT, "payment does not run");
    need_other(h);
}

static void mar_payment(handmade *h)
{
    book_mar(&h->b, BOOK_PAYMENT, "payment: a damaged record");
    need_other(h);
}

/* An order that nobody names: checkout may. */
static void lack_checkout(handmade *h)
{
    book_lacks(&h->b, BOOK_CHECKOUT, "checkout does not run");
    h->done->payment = NULL;
    h->done->order = NULL;
    others_do(h, h->done, h->done->ledger);
}

static void mar_checkout(handmade *h)
{
    book_mar(&h->b, BOOK_CHECKOUT, "checkout: a damaged record");
    h->done->payment = NULL;
    h->done->order = NULL;
    others_do(h, h->done, h->done->ledger);
}

/* Who could not be asked to the end may know of it. */
static void test_unseen(void)
{
    static const struct {
        const char *sentence;
        void (*fn)(handmade *h);
        bool foreign;
    } rows[] = {
        {"where payment can't be asked nothing is foreign", lack_payment, false},
        {"nor where it is damaged", mar_payment, false},
        {"nor where checkout can't be asked", lack_checkout, false},
        {"nor where that is damaged", mar_checkout, false},
        {"where all say what they know it is", need_other, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        handmade h;

        test_begin(rows[i].sentence);
        hand_open(&h);
        rows[i].fn(&h);
        CHECK_INT(h.done->ledger.captured, rows[i].foreign ? 0 : HAND_PRICE);
        CHECK_INT(h.done->foreign.captured, rows[i].foreign ? HAND_PRICE : 0);
        book_close(&h.b);
    }
}

/* It says what is held, and how it is given back. */
static void test_words(void)
{
    handmade h;

    test_begin("it is said what is held, and what helps");
    hand_open(&h);
    hold(&h);
    hand_hear(&h);
    checks_run(&h.b);
    if (CHECK(h.b.findings != NULL)) {
        CHECK_STR(h.b.findings->where, "orders/b");
        CHECK_CONTAINS(h.b.findings->words, "the provider holds 1 GBP under authorize:orders/b, and the shop does not "
                                            "want that of it (it is of another amount): give it back there, by Void ");
    }
    book_close(&h.b);
}

/* By the key of each that is open: Void of another would find nothing. */
static void test_keys(void)
{
    handmade            h;
    const book_finding *second;

    test_begin("each is named by its own key, and what was given up is not");
    hand_open(&h);
    hold_by_keys(&h);
    hand_hear(&h);
    checks_run(&h.b);
    if (CHECK(h.b.findings != NULL) && CHECK((second = h.b.findings->next) != NULL)) {
        CHECK_CONTAINS(h.b.findings->words, "the provider holds 8 GBP under k2, ");
        CHECK_CONTAINS(second->words, "the provider holds 9 GBP under k3, ");
    }
    CHECK_INT(h.b.finding_count, 3); /* and order-known */
    book_close(&h.b);
}

/* What has an order's key is that order's, as payment counts it. */
static void test_names(void)
{
    static const struct {
        const char *sentence, *authorization, *reference, *order;
    } rows[] = {
        {"what has an order's key is that order's, whatever its reference says", "authorize:orders/a", "orders/else",
         "orders/a"},
        {"what has another key is its reference's", "by-hand", "orders/b", "orders/b"},
        {"so is what looks a little like one", "authorize:orders/", "orders/b", "orders/b"},
        {"or less", "authorize", "invoice-77", "invoice-77"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Provider__Operation operation = PROVIDER__OPERATION__INIT;

        test_begin(rows[i].sentence);
        operation.authorization = (char *)rows[i].authorization;
        operation.reference = (char *)rows[i].reference;
        CHECK_STR(foreign_order_of(&operation), rows[i].order);
    }
}

int main(void)
{
    test_names();
    test_no_name();
    test_known();
    test_first();
    test_unseen();
    test_words();
    test_keys();
    test_all(all);
    return test_end();
}
