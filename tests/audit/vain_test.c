/* vain_test.c: payment shall give up what somebody else captured: that is named, with what helps, and is not called
 * something that goes on by itself.
 */
#include "why_world.h"
#include "wrong.h"

/* The provider's log has that it captured the order's authorisation, whatever the caller called it. */
static void tell(handmade *h, const book_order *o)
{
    Provider__OperationSettled news = PROVIDER__OPERATION_SETTLED__INIT;
    Provider__Operation        operation = PROVIDER__OPERATION__INIT;
    MaruEvents__Event          event = MARU_EVENTS__EVENT__INIT;

    operation.kind = PROVIDER__OPERATION_KIND__CAPTURE;
    operation.succeeded = true;
    operation.key = (char *)"by-hand:capture";
    operation.authorization = event.aggregate = maru_arena_printf(h->b.arena, "authorize:%s", o->name);
    operation.reference = (char *)"an invoice";
    news.operation = &operation;
    event.producer = (char *)"provider";
    event.sequence = ++h->sequences[BOOK_PROVIDER];
    event.payload.len = provider__operation_settled__get_packed_size(&news);
    event.payload.data = hand_make(h, event.payload.len);
    provider__operation_settled__pack(&news, event.payload.data);
    fold_event(&h->b, BOOK_PROVIDER, event.sequence - 1, &event);
    h->b.logs[BOOK_PROVIDER].last = h->b.logs[BOOK_PROVIDER].last_end = event.sequence;
}

/* The cancelled order was captured beside the shop before it was voided. */
static void capture_late(handmade *h, int64_t refunded)
{
    h->gone->payment->state = PAYMENT__PAYMENT_STATE__VOIDING;
    hand_own_charge(h, h->gone,
                    (book_ledger){.authorized = HAND_PRICE,
                                  .captured = HAND_PRICE,
                                  .refunded = refunded,
                                  .authorizations = 1,
                                  .captures = 1,
                                  .currency = "GBP"});
}

static void capture_beside(handmade *h, int64_t refunded)
{
    capture_late(h, refunded);
    tell(h, h->gone);
}

/* Its news did not come yet: it will, and payment gives back what was captured. */
static void capture_untold(handmade *h)
{
    capture_late(h, 0);
}

/* Nor has another order's anything to do with it. */
static void tell_of_other(handmade *h)
{
    capture_late(h, 0);
    tell(h, h->done);
}

static void capture(handmade *h)
{
    capture_beside(h, 0);
}

static void give_back_part(handmade *h)
{
    capture_beside(h, HAND_PRICE - 1);
}

static void give_back(handmade *h)
{
    capture_beside(h, HAND_PRICE);
}

/* A void that was only not answered yet. */
static void wait_for_void(handmade *h)
{
    h->gone->payment->state = PAYMENT__PAYMENT_STATE__VOIDING;
    hand_own_charge(h, h->gone, h->gone->ledger);
}

/* Of an order that is not over the time of its authorisation was. */
static void expire(handmade *h)
{
    capture_beside(h, 0);
    h->gone->order->state = CHECKOUT__ORDER_STATE__CANCELLING;
}

/* Of what payment captured somebody else had a part given back. */
static void give_back_by_others(handmade *h)
{
    h->done->ledger.refunded = 1;
}

static const wrong all[] = {
    {"a cancelled order's money was captured beside the shop, and payment waits to void it", capture,
     "ledgers-equal cancelled"},
    {"that is named until all of it is given back", give_back_part, "ledgers-equal cancelled"},
    {"and then no more", give_back, ""},
    {"while the provider's news of it is late, it is no finding", capture_untold, ""},
    {"whatever was told of another order", tell_of_other, ""},
    {"a void that is not answered yet is no finding", wait_for_void, ""},
    {"an order that is not over does not end by it", expire, "ledgers-equal fold order-ends"},
    {"what others had given back of what payment captured is a finding", give_back_by_others, "ledgers-equal"},
    {NULL, NULL, NULL},
};

static void test_words(void)
{
    handmade h;

    test_begin("it is said what was captured, and what helps; nothing is under way by it");
    hand_open(&h);
    give_back_part(&h);
    hand_hear(&h);
    checks_run(&h.b);
    if (CHECK(h.b.findings != NULL)) {
        CHECK_STR(h.b.findings->where, "orders/b");
        CHECK_CONTAINS(h.b.findings->words, "the provider captured 500 GBP of authorize:orders/b, which payment shall "
                                            "void, and can't any more");
        CHECK_CONTAINS(h.b.findings->words, ": give back 1 there, by Refund ");
    }
    CHECK_INT(h.b.under_way, 0);
    CHECK_INT(book_count(&h.b).cancelled, 1);
    CHECK_INT(book_count(&h.b).settling, 0);
    book_close(&h.b);
}

static void test_others(void)
{
    handmade h;

    test_begin("of what others had given back it is said so, and what is left");
    hand_open(&h);
    give_back_by_others(&h);
    hand_hear(&h);
    checks_run(&h.b);
    if (CHECK(h.b.findings != NULL))
        CHECK_STR(h.b.findings->words, "payment says refunded 0, the provider 1: somebody else had 1 given back there, "
                                       "which payment does not count; 499 are left");
    book_close(&h.b);
}

static void test_late(void)
{
    handmade h;

    test_begin("what payment was not told of yet is under way, and nobody is asked to give it back");
    hand_open(&h);
    capture_untold(&h);
    hand_hear(&h);
    checks_run(&h.b);
    CHECK_INT(h.b.under_way, 1);
    CHECK_INT(book_count(&h.b).settling, 1);
    book_close(&h.b);
}

static void make_voiding(world *w, int64_t taken)
{
    world_make(w, STOPPED CANCELLED "inventory:StockReleased");
    w->facts.paying = PAYMENT__PAYMENT_STATE__VOIDING;
    w->facts.detail = "not known: what the provider says of void:orders/a changes nothing";
    w->facts.taken = taken;
}

static void test_why(void)
{
    world      w;
    why_answer a;

    test_begin("why does not say that it goes on by itself, once payment has read of the capture");
    make_voiding(&w, 100);
    why_find(&w.facts, &a);
    CHECK(a.known && !a.over && a.in_vain && a.own_pace == NULL);
    CHECK_STR(a.owed, "PaymentVoided");
    set_consumer(&w, BOOK_PAYMENT, "provider", 1);
    why_find(&w.facts, &a);
    CHECK(a.in_vain);
    w.consumers[BOOK_PAYMENT].lag = 1;
    why_find(&w.facts, &a);
    CHECK(!a.in_vain && a.own_pace != NULL);
    test_begin("of one that was not captured it does");
    make_voiding(&w, 0);
    why_find(&w.facts, &a);
    CHECK(!a.in_vain && a.own_pace != NULL);
}

static void test_spent(void)
{
    world      w;
    why_answer a;

    test_begin("why does not say wait where payment's key for giving up is used up");
    make_voiding(&w, 0);
    w.facts.spent = true;
    why_find(&w.facts, &a);
    CHECK(a.spent && !a.in_vain && a.own_pace == NULL);
    test_begin("it is over once somebody gave it up, whose news is on its way");
    w.facts.given_up = true;
    why_find(&w.facts, &a);
    CHECK(!a.spent && a.own_pace != NULL);
    test_begin("a payment that does not give it up asks for nothing by that key");
    make_voiding(&w, 0);
    w.facts.spent = true;
    w.facts.paying = PAYMENT__PAYMENT_STATE__CAPTURING;
    why_find(&w.facts, &a);
    CHECK(!a.spent);
}

static Provider__Operation operation_of(Provider__OperationKind kind, Shop__Money *amount, const char *reason)
{
    Provider__Operation operation = PROVIDER__OPERATION__INIT;

    operation.kind = kind;
    operation.amount = amount;
    operation.succeeded = *reason == '\0';
    operation.reason = (char *)reason;
    operation.authorization = (char *)"authorize:orders/a";
    return operation;
}

static void test_key(void)
{
    static const struct {
        Provider__OperationKind kind;
        const char             *reason, *authorization;
        bool                    spent;
    } rows[] = {
        {PROVIDER__OPERATION_KIND__VOID, "", "authorize:orders/a", false},
        {PROVIDER__OPERATION_KIND__VOID, "already_captured", "authorize:orders/a", false},
        {PROVIDER__OPERATION_KIND__VOID, "already_voided", "authorize:orders/a", false},
        {PROVIDER__OPERATION_KIND__VOID, "no_such_authorization", "authorize:orders/a", true},
        {PROVIDER__OPERATION_KIND__VOID, "", "authorize:orders/b", true},
        {PROVIDER__OPERATION_KIND__CAPTURE, "amount_differs", "authorize:orders/a", true},
    };

    test_begin("a key is used up by what voids nothing, and by no answer to a void");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Provider__Operation operation = operation_of(rows[i].kind, NULL, rows[i].reason);

        operation.authorization = (char *)rows[i].authorization;
        CHECK_INT(why_is_spent(&operation, "orders/a"), rows[i].spent);
    }
}

static void test_taking(void)
{
    Shop__Money         money = SHOP__MONEY__INIT;
    Provider__Operation taken = operation_of(PROVIDER__OPERATION_KIND__CAPTURE, &money, "");
    Provider__Operation part = operation_of(PROVIDER__OPERATION_KIND__REFUND, &money, "");
    Provider__Operation refused = operation_of(PROVIDER__OPERATION_KIND__REFUND, &money, "refunds_suspended");
    Provider__Operation given_up = operation_of(PROVIDER__OPERATION_KIND__VOID, NULL, "");
    Provider__Operation held = operation_of(PROVIDER__OPERATION_KIND__AUTHORIZE, &money, "");
    Provider__Operation declined = operation_of(PROVIDER__OPERATION_KIND__AUTHORIZE, &money, "insufficient_funds");
    why_facts           facts = {.order = "orders/a"};

    test_begin("what is authorised is counted, and not what was declined");
    money.minor = 3000;
    why_take(&facts, &declined, "GBP");
    CHECK_INT(facts.authorized, 0);
    why_take(&facts, &held, "GBP");
    CHECK(facts.authorized == 3000 && facts.taken == 0);
    test_begin("no more is asked back than the provider has left, where it says what that is");
    CHECK_INT(why_returnable(&facts, 3000), 3000);
    money.minor = 3000;
    why_take(&facts, &taken, "GBP");
    CHECK_INT(why_returnable(&facts, 3000), 3000);
    money.minor = 1000;
    why_take(&facts, &part, "GBP");
    CHECK_INT(why_returnable(&facts, 3000), 2000);
    CHECK_INT(why_returnable(&facts, 500), 500);
    test_begin("a refused refund gives nothing back, and uses up its key");
    why_take(&facts, &refused, "GBP");
    CHECK_INT(why_returnable(&facts, 3000), 2000);
    CHECK_INT(facts.refunds, 2);
    CHECK_STR(facts.taken_in, "GBP");
    CHECK(!facts.given_up);
    why_take(&facts, &given_up, "");
    CHECK(facts.given_up && facts.voids == 1);
}

/* What payment says of a provider that does not answer, and whether somebody must help. */
static void test_help(void)
{
    static const struct {
        const char *detail, *help;
    } cases[] = {
        {"not known: the provider: UNAVAILABLE: it can't be reached, or says that it can't answer now (it was asked to "
         "do it)",
         NULL},
        {"not known: the provider: RESOURCE_EXHAUSTED: it can't write: the file system is full (it was asked to do it)",
         "make room for the provider's store"},
        {"not known: the provider: PERMISSION_DENIED: it can't write: the file system is read-only (it was asked to "
         "do it)",
         "make the file system of the provider's store writable"},
        {"not known: the provider: INTERNAL: it refused to answer; payment's log has its words (it was asked to do it)",
         "see its words in payment's log"},
        {"a refund that was asked for: it can't write: that", NULL},
        {"", NULL},
    };
    world      w;
    why_answer a;

    test_begin("nor that it goes on by itself where somebody must make room for the provider, or mend what it says");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_make(&w, RESERVED);
        w.facts.detail = cases[i].detail;
        why_find(&w.facts, &a);
        CHECK(a.known && !a.over && a.own_pace != NULL);
        if (cases[i].help == NULL)
            CHECK(a.help == NULL);
        else if (CHECK(a.help != NULL))
            CHECK_CONTAINS(a.help, cases[i].help);
    }
    test_begin("of what another service owes it says so all the same");
    world_make(&w, COMMITTED);
    w.facts.detail = cases[1].detail;
    why_find(&w.facts, &a);
    CHECK(a.own_pace != NULL && a.own_pace != w.facts.detail && a.help == NULL);
}

int main(void)
{
    test_all(all);
    test_words();
    test_others();
    test_spent();
    test_key();
    test_taking();
    test_late();
    test_why();
    test_help();
    return test_end();
}
