/* lacks_test.c: the audit without a service that could not be asked, over a book made by hand; and the words of
 * findings. */
#include "handmade.h"
#include "test.h"

/* As where its operations could not be listed: an empty ledger would break every check of money. */
static void lose_provider(handmade *h)
{
    h->done->ledger = h->gone->ledger = (book_ledger){.authorized = 0};
    book_lacks(&h->b, BOOK_PROVIDER, "provider: it is down");
}

static void lose_provider_and_more(handmade *h)
{
    lose_provider(h);
    h->done->shipment->state = h->done->folded.shipment = SHIPPING__SHIPMENT_STATE__STOPPED;
}

static void lose_inventory(handmade *h)
{
    h->done->reservation = h->gone->reservation = NULL;
    h->b.stock_count = 0;
    book_lacks(&h->b, BOOK_INVENTORY, "inventory: does not run");
    h->done->ledger.captures = 2;
}

static const struct lack {
    const char *sentence;
    void (*fn)(handmade *h);
    const char *finds;
} lacks[] = {
    {"of a provider that could not be asked nothing follows", lose_provider, ""},
    {"what the others say is checked all the same", lose_provider_and_more, "completed"},
    {"without a service that takes part it can't be told what is at rest; money is counted", lose_inventory,
     "charge-once"},
};

static void test_lack(const struct lack *l)
{
    handmade h;
    char     names[512];

    test_begin(l->sentence);
    if (!CHECK(hand_open(&h)))
        return;
    l->fn(&h);
    hand_hear(&h);
    checks_run(&h.b);
    hand_finds(&h.b, names, sizeof names);
    CHECK_STR(names, l->finds);
    book_close(&h.b);
}

static void test_names(void)
{
    handmade h;
    char     names[512] = "";

    test_begin("the checks that lack a service are known by name, and which are made in part");
    if (!CHECK(hand_open(&h)))
        return;
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        CHECK(!checks_lack(&h.b, check));
    lose_provider(&h);
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (checks_lack(&h.b, check))
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s ", check->name,
                     check->partly ? "*" : "");
    CHECK_STR(names,
              "charge-once refund-bound one-currency readable* log-dense* cursors* delivered* ledgers-equal completed* "
              "cancelled* ");
    CHECK_INT(book_unseen(&h.b), BOOK_SET(BOOK_PROVIDER));
    CHECK(book_at_rest(&h.b)); /* it consumes nothing */
    book_close(&h.b);
    if (!CHECK(hand_open(&h)))
        return;
    lose_inventory(&h);
    CHECK(!book_at_rest(&h.b));
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        CHECK_INT(checks_lack(&h.b, check), check->at_rest || (check->needs & BOOK_SET(BOOK_INVENTORY)) != 0);
    book_close(&h.b);
}

static void list_lacks(const book *b, char *names, size_t size)
{
    names[0] = '\0';
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (checks_lack(b, check))
            snprintf(names + strlen(names), size - strlen(names), "%s%s ", check->name,
                     checks_made_partly(b, check) ? "*" : "");
}

static void test_damage(void)
{
    handmade h;
    char     names[512];

    test_begin("a damaged record of what payment lists is a finding: what needs that list is not checked, all else is");
    if (!CHECK(hand_open(&h)))
        return;
    h.done->payment = NULL;
    h.done->ledger.captures = 2; /* found all the same, as what stands in stock-bounds */
    h.stock->reserved = -1;
    book_mar(&h.b, BOOK_PAYMENT, "payment: payments: a record is damaged");
    CHECK(!book_is_whole(&h.b) && book_unseen(&h.b) == 0 && book_at_rest(&h.b));
    hand_hear(&h);
    checks_run(&h.b);
    hand_finds(&h.b, names, sizeof names);
    CHECK_STR(names, "stock-bounds charge-once readable reserved-sum");
    list_lacks(&h.b, names, sizeof names);
    CHECK_STR(names,
              "refund-bound one-currency readable* log-dense* cursors* delivered* returned ledgers-equal settled "
              "fold* timeline order-ends order-known completed cancelled ");
    book_close(&h.b);

    test_begin("of a timeline that is damaged nothing follows; all others are checked");
    if (!CHECK(hand_open(&h)))
        return;
    hand_timeline(&h, h.done)->n_entries = 0;
    hand_timeline(&h, h.gone)->n_entries--;
    book_unhear(&h.b, h.done, "timelines: a record is damaged");
    hand_hear(&h);
    checks_run(&h.b);
    CHECK_INT(h.b.finding_count, 2);
    hand_finds(&h.b, names, sizeof names);
    CHECK_STR(names, "readable timeline");
    list_lacks(&h.b, names, sizeof names);
    CHECK_STR(names, "timeline* ");
    CHECK(!book_is_whole(&h.b));
    book_close(&h.b);
}

static void test_words(void)
{
    handmade h;

    test_begin("a finding says states by their names");
    if (!CHECK(hand_open(&h)))
        return;
    h.gone->order->state = CHECKOUT__ORDER_STATE__CONFIRMED;
    hand_hear(&h);
    checks_run(&h.b);
    if (CHECK(h.b.findings != NULL))
        CHECK_STR(h.b.findings->words, "checkout says CONFIRMED, and its log CANCELLED");
    book_close(&h.b);
    if (!CHECK(hand_open(&h)))
        return;
    h.done->reservation = NULL;
    h.done->folded.reservation = INVENTORY__RESERVATION_STATE__RESERVATION_STATE_UNSPECIFIED;
    h.b.logs[BOOK_INVENTORY].broken = true;
    h.b.stock_count = 0;
    h.done->shipment->state = h.done->folded.shipment = SHIPPING__SHIPMENT_STATE__STOPPED;
    hand_hear(&h);
    checks_run(&h.b);
    if (CHECK(h.b.finding_count == 2)) {
        CHECK_STR(h.b.findings->words, "its goods did not leave: inventory says nothing");
        CHECK_STR(h.b.findings->next->words, "it was not delivered: shipping says STOPPED");
    }
    book_close(&h.b);
}

static void test_kept(void)
{
    handmade h;

    test_begin("a cancelled order's money that the provider refused to give back is found, with where to look");
    if (!CHECK(hand_open(&h)))
        return;
    h.gone->payment->state = h.gone->folded.payment = PAYMENT__PAYMENT_STATE__CAPTURED;
    h.gone->payment->captured = hand_money(&h, HAND_PRICE);
    h.gone->ledger.captured = h.gone->folded.captured = HAND_PRICE;
    h.gone->ledger.captures = 1;
    h.gone->ledger.voids = 0;
    h.gone->payment->detail = (char *)"refunds_suspended";
    CHECK_INT(book_kept_back(h.gone->payment), 0); /* while payment has not heard of the cancel */
    h.gone->payment->cancelled = true;
    CHECK_INT(book_kept_back(h.gone->payment), HAND_PRICE);
    CHECK_INT(book_kept_back(h.done->payment), 0);
    CHECK_INT(book_kept_back(NULL), 0);
    hand_hear(&h);
    checks_run(&h.b);
    if (CHECK(h.b.findings != NULL))
        CHECK_STR(h.b.findings->words, "the provider captured 500, refunded 0 and refused the rest "
                                       "(refunds_suspended): see maru order why orders/b");
    CHECK_INT(h.b.finding_count, 1);
    book_close(&h.b);
}

static void test_newcomer(void)
{
    handmade   h;
    book_other sales = {.name = "sales", .unseen = "sales: it hangs"};
    char       names[512] = "";

    test_begin(
        "of a service that the flow does not know, that nothing is a dead letter can't be told, and all else can");
    if (!CHECK(hand_open(&h)))
        return;
    h.b.others = &sales;
    h.b.other_count = 1;
    CHECK(!book_is_whole(&h.b) && book_unseen(&h.b) == 0);
    CHECK(book_at_rest(&h.b));
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (checks_lack(&h.b, check))
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", check->name);
    CHECK_STR(names, "delivered ");
    sales.unseen = NULL;
    CHECK(book_is_whole(&h.b));
    book_close(&h.b);
}

int main(void)
{
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        test_lack(&lacks[i]);
    test_names();
    test_damage();
    test_newcomer();
    test_words();
    test_kept();
    return test_end();
}
