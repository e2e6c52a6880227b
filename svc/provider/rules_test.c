/* rules_test.c: the provider's pure parts: what may be done with an authorisation, how cards behave, what is drawn. */
#include <stdio.h>

#include "cards.h"
#include "faults.h"
#include "ledger.h"
#include "test.h"

static const Provider__OperationKind CAPTURE = PROVIDER__OPERATION_KIND__CAPTURE;

static Shop__Money money(const char *currency, int64_t minor)
{
    Shop__Money m = SHOP__MONEY__INIT;

    m.currency = (char *)currency;
    m.minor = minor;
    return m;
}

/* One row: an authorisation of 1000 GBP as it is, what is asked, and what comes of it. */
struct row {
    bool        captured, voided;
    int64_t     refunded;
    int         kind;
    int64_t     minor;
    int64_t     at_ms;
    const char *reason; /* NULL: done */
};

static void test_follow_ups(void)
{
    enum {
        CAP = PROVIDER__OPERATION_KIND__CAPTURE,
        VOID = PROVIDER__OPERATION_KIND__VOID,
        REFUND = PROVIDER__OPERATION_KIND__REFUND
    };
    static const struct row rows[] = {
        {.kind = CAP, .minor = 1000},
        {.kind = CAP, .minor = 999, .reason = "amount_differs"},
        {.kind = CAP, .minor = 1001, .reason = "amount_differs"},
        {.kind = CAP, .minor = 1000, .at_ms = PROVIDER_AUTHORIZATION_MS - 1},
        {.kind = CAP, .minor = 1000, .at_ms = PROVIDER_AUTHORIZATION_MS, .reason = "authorization_expired"},
        {.kind = CAP, .minor = 1000, .captured = true, .reason = "already_captured"},
        {.kind = CAP, .minor = 1000, .captured = true, .refunded = 1000, .reason = "already_captured"},
        {.kind = CAP, .minor = 1000, .voided = true, .reason = "already_voided"},
        {.kind = VOID},
        {.kind = VOID, .at_ms = PROVIDER_AUTHORIZATION_MS},
        {.kind = VOID, .captured = true, .reason = "already_captured"},
        {.kind = VOID, .voided = true, .reason = "already_voided"},
        {.kind = REFUND, .minor = 1, .reason = "not_captured"},
        {.kind = REFUND, .minor = 1, .voided = true, .reason = "not_captured"},
        {.kind = REFUND, .minor = 1000, .captured = true},
        {.kind = REFUND, .minor = 1001, .captured = true, .reason = "refund_exceeds_captured"},
        {.kind = REFUND, .minor = 400, .captured = true, .refunded = 600},
        {.kind = REFUND, .minor = 401, .captured = true, .refunded = 600, .reason = "refund_exceeds_captured"},
        {.kind = REFUND, .minor = INT64_MAX, .captured = true, .refunded = 600, .reason = "refund_exceeds_captured"},
    };

    test_begin("an authorisation is captured once and whole, or voided; refunds stay below what is captured");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row       *row = &rows[i];
        Shop__Money             amount = money("GBP", 1000), asked = money("GBP", row->minor);
        Provider__Authorization a = PROVIDER__AUTHORIZATION__INIT;

        a.amount = &amount;
        a.expire_ms = PROVIDER_AUTHORIZATION_MS;
        a.captured = row->captured;
        a.voided = row->voided;
        a.refunded = row->refunded;
        if (!CHECK_STR(provider_follow_up(&a, row->kind, row->kind == VOID ? NULL : &asked, row->at_ms), row->reason))
            fprintf(stderr, "in row %zu\n", i);
        CHECK_INT(a.captured, row->captured || (row->reason == NULL && row->kind == CAP));
        CHECK_INT(a.voided, row->voided || (row->reason == NULL && row->kind == VOID));
        CHECK_INT(a.refunded, row->refunded + (row->reason == NULL && row->kind == REFUND ? row->minor : 0));
    }
    test_begin("another currency is refused, and so is what was never authorised");
    {
        Shop__Money             amount = money("GBP", 1000), asked = money("KRW", 1000);
        Provider__Authorization a = PROVIDER__AUTHORIZATION__INIT;

        a.amount = &amount;
        a.expire_ms = 1;
        CHECK_STR(provider_follow_up(&a, CAPTURE, &asked, 0), "currency_differs");
        CHECK_INT(a.captured, 0);
        CHECK_STR(provider_follow_up(NULL, PROVIDER__OPERATION_KIND__VOID, NULL, 0), "no_such_authorization");
    }
}

static void test_cards(void)
{
    const Provider__Faults none = PROVIDER__FAULTS__INIT;
    struct provider_fate   fate;

    test_begin("a number that is not in the table works, without a fault");
    fate = provider_fate_of(&none, provider_card_of("4242"), PROVIDER__OPERATION_KIND__AUTHORIZE, "k");
    CHECK(fate.declined == NULL && !fate.lose_answer && fate.slow_ms == 0 && fate.copies == 1);
    test_begin("a declined card is declined with its word; one whose capture is refused is authorised");
    fate = provider_fate_of(&none, provider_card_of("0010"), PROVIDER__OPERATION_KIND__AUTHORIZE, "k");
    CHECK_STR(fate.declined, "insufficient_funds");
    fate = provider_fate_of(&none, provider_card_of("0069"), PROVIDER__OPERATION_KIND__AUTHORIZE, "k");
    CHECK(fate.declined == NULL);
    fate = provider_fate_of(&none, provider_card_of("0069"), PROVIDER__OPERATION_KIND__CAPTURE, "k");
    CHECK_STR(fate.declined, "account_closed");
    fate = provider_fate_of(&none, provider_card_of("0010"), PROVIDER__OPERATION_KIND__REFUND, "k");
    CHECK(fate.declined == NULL);
}

static unsigned count(const Provider__Faults *faults, bool twice)
{
    unsigned hit = 0;

    for (int i = 0; i < 10000; i++) {
        char                 key[32];
        struct provider_fate fate;

        snprintf(key, sizeof key, "orders/%d:authorize", i);
        fate = provider_fate_of(faults, provider_card_of("4242"), PROVIDER__OPERATION_KIND__AUTHORIZE, key);
        hit += twice ? fate.copies == 2 : fate.declined != NULL;
    }
    return hit;
}

static void test_draws(void)
{
    Provider__Faults     faults = PROVIDER__FAULTS__INIT;
    struct provider_fate one, other;
    unsigned             hit, differ = 0;

    test_begin("chances are met: 0 never, 1000 always, 250 about a quarter");
    faults.seed = 7;
    CHECK_INT(count(&faults, false), 0);
    faults.decline = 1000;
    CHECK_INT(count(&faults, false), 10000);
    faults.decline = 250;
    hit = count(&faults, false);
    CHECK(hit > 2300 && hit < 2700);
    faults.answer_twice = 250;
    hit = count(&faults, true);
    CHECK(hit > 2300 && hit < 2700);
    test_begin("refunds are refused as often as was wanted, and nothing else is");
    faults = (Provider__Faults)PROVIDER__FAULTS__INIT;
    faults.refuse_refund = 1000;
    one = provider_fate_of(&faults, provider_card_of("4242"), PROVIDER__OPERATION_KIND__REFUND, "k");
    CHECK_STR(one.declined, "refunds_suspended");
    one = provider_fate_of(&faults, provider_card_of("4242"), PROVIDER__OPERATION_KIND__CAPTURE, "k");
    CHECK(one.declined == NULL);
    faults = (Provider__Faults)PROVIDER__FAULTS__INIT;
    faults.decline = 500;
    test_begin("the same seed and key draw the same, another seed draws others");
    for (int i = 0; i < 100; i++) {
        char key[32];

        snprintf(key, sizeof key, "k%d", i);
        faults.seed = 7;
        one = provider_fate_of(&faults, provider_card_of("4242"), PROVIDER__OPERATION_KIND__AUTHORIZE, key);
        other = provider_fate_of(&faults, provider_card_of("4242"), PROVIDER__OPERATION_KIND__AUTHORIZE, key);
        CHECK(one.declined == other.declined && one.copies == other.copies);
        faults.seed = 8;
        other = provider_fate_of(&faults, provider_card_of("4242"), PROVIDER__OPERATION_KIND__AUTHORIZE, key);
        differ += one.declined != other.declined;
    }
    CHECK(differ > 10);
}

static void test_ranges(void)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;
    maru_error       error;

    test_begin("a fault out of its range is refused by name");
    CHECK_INT(provider_faults_check(&faults, &error), MARU_OK);
    faults.decline = 1001;
    CHECK_INT(provider_faults_check(&faults, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "decline: want 0..1000, got 1001");
    faults.decline = 0;
    faults.refuse_refund = 1001;
    CHECK_INT(provider_faults_check(&faults, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "refuse_refund: want 0..1000, got 1001");
    faults.refuse_refund = 0;
    faults.slow_ms = 60001;
    CHECK_INT(provider_faults_check(&faults, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "slow_ms");
}

int main(void)
{
    test_follow_ups();
    test_cards();
    test_draws();
    test_ranges();
    return test_end();
}
