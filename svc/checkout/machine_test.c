/* machine_test.c: everything that can happen, in every state, after everything that was heard. */
#include "machine.h"

#include "test.h"

enum { SUBMITTED = 1, CONFIRMED, CANCELLING, COMPLETED, CANCELLED, END };

/* State, what happens, the state after, what is said, the reason after. Everything that is in no row changes nothing
 * and says nothing. heard: what must have been heard before: r reserved, a authorised, d dispatched, !r and so on: must
 * not. */
struct row {
    int                    state;
    const char            *heard;
    enum happening         what;
    int                    after;
    enum machine_say       said;
    Checkout__CancelReason reason;
};

#define WHY(name) CHECKOUT__CANCEL_REASON__##name
#define NO_REASON WHY(CANCEL_REASON_UNSPECIFIED)

static const struct row rows[] = {
    {SUBMITTED, "a", HAPPENED_STOCK_RESERVED, CONFIRMED, SAY_CONFIRMED, NO_REASON},
    {SUBMITTED, "r", HAPPENED_PAYMENT_AUTHORIZED, CONFIRMED, SAY_CONFIRMED, NO_REASON},
    {SUBMITTED, "", HAPPENED_STOCK_REJECTED, CANCELLED, SAY_CANCELLED, WHY(OUT_OF_STOCK)},
    {SUBMITTED, "", HAPPENED_STOCK_EXPIRED, CANCELLED, SAY_CANCELLED, WHY(PAYMENT_TIME_OUT)},
    {SUBMITTED, "!r!a", HAPPENED_STOCK_TIMED_OUT, CANCELLED, SAY_CANCELLED, WHY(STOCK_TIME_OUT)},
    {SUBMITTED, "", HAPPENED_PAYMENT_DECLINED, CANCELLED, SAY_CANCELLED, WHY(DECLINED)},
    {SUBMITTED, "!d", HAPPENED_AUTHORIZATION_EXPIRED, CANCELLING, SAY_CANCEL_REQUESTED, WHY(AUTHORIZATION_EXPIRED)},
    {SUBMITTED, "!d", HAPPENED_CAPTURE_REFUSED, CANCELLING, SAY_CANCEL_REQUESTED, WHY(PAYMENT_FAILED)},
    {SUBMITTED, "", HAPPENED_DISPATCHED, CONFIRMED, SAY_CONFIRMED, NO_REASON},
    {SUBMITTED, "", HAPPENED_NOT_STOPPED, CONFIRMED, SAY_CONFIRMED, NO_REASON},
    {SUBMITTED, "", HAPPENED_DELIVERED, COMPLETED, SAY_COMPLETED, NO_REASON},
    {SUBMITTED, "!d", HAPPENED_STOPPED, CANCELLED, SAY_CANCELLED, WHY(CUSTOMER)},
    {SUBMITTED, "!d", HAPPENED_UNDONE, CANCELLING, SAY_CANCEL_REQUESTED, WHY(CUSTOMER)},
    {CONFIRMED, "!d", HAPPENED_UNDONE, CANCELLING, SAY_CANCEL_REQUESTED, WHY(CUSTOMER)},
    {SUBMITTED, "", HAPPENED_CANCEL_ASKED, CANCELLED, SAY_CANCELLED, WHY(CUSTOMER)},
    {CONFIRMED, "!d", HAPPENED_STOCK_REJECTED, CANCELLING, SAY_CANCEL_REQUESTED, WHY(OUT_OF_STOCK)},
    {CONFIRMED, "!d", HAPPENED_AUTHORIZATION_EXPIRED, CANCELLING, SAY_CANCEL_REQUESTED, WHY(AUTHORIZATION_EXPIRED)},
    {CONFIRMED, "!d", HAPPENED_CAPTURE_REFUSED, CANCELLING, SAY_CANCEL_REQUESTED, WHY(PAYMENT_FAILED)},
    {CONFIRMED, "!d", HAPPENED_CANCEL_ASKED, CANCELLING, SAY_CANCEL_REQUESTED, WHY(CUSTOMER)},
    {CONFIRMED, "d", HAPPENED_CANCEL_ASKED, CONFIRMED, SAY_REFUSED, NO_REASON},
    {CONFIRMED, "", HAPPENED_DELIVERED, COMPLETED, SAY_COMPLETED, NO_REASON},
    {CONFIRMED, "!d", HAPPENED_STOPPED, CANCELLED, SAY_CANCELLED, WHY(CUSTOMER)},
    {CANCELLING, "!d", HAPPENED_STOPPED, CANCELLED, SAY_CANCELLED, WHY(PAYMENT_FAILED)},
    {CANCELLING, "", HAPPENED_NOT_STOPPED, CONFIRMED, SAY_NOTHING, NO_REASON},
    {CANCELLING, "", HAPPENED_DELIVERED, COMPLETED, SAY_COMPLETED, NO_REASON},
    {COMPLETED, "", HAPPENED_CANCEL_ASKED, COMPLETED, SAY_REFUSED, NO_REASON},
};

static bool fits(const struct row *row, int state, enum happening what, const char *heard)
{
    bool want = true, right = row->state == state && row->what == what;

    for (const char *at = row->heard; *at != '\0' && right; at++) {
        if (*at != '!')
            right = (strchr(heard, *at) != NULL) == want;
        want = *at != '!';
    }
    return right;
}

/* A cancelling order of these tests is so because the capture was refused: the first reason stays. */
static struct machine order_in(int state, const char *heard)
{
    return (struct machine){.state = (Checkout__OrderState)state,
                            .reason = state == CANCELLING  ? WHY(PAYMENT_FAILED)
                                      : state == CANCELLED ? WHY(DECLINED)
                                                           : NO_REASON,
                            .reserved = strchr(heard, 'r') != NULL,
                            .authorized = strchr(heard, 'a') != NULL,
                            .dispatched = strchr(heard, 'd') != NULL};
}

static void one(int state, enum happening what, const char *heard)
{
    struct machine before = order_in(state, heard), after = before;
    struct row     want = {state, heard, what, state, SAY_NOTHING, before.reason};
    const int      old_failed = test_state.failed;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (fits(&rows[i], state, what, heard))
            want = rows[i];
    CHECK_INT(machine_step(&after, what), want.said);
    CHECK_INT(after.state, want.after);
    CHECK_INT(after.reason, want.reason);
    if (test_state.failed != old_failed)
        fprintf(stderr, "    in state %d, heard \"%s\", %s\n", state, heard, machine_happening_name(what));
}

static void every(void)
{
    static const char *const heard[] = {"", "r", "a", "ra", "d", "rd", "ad", "rad"};

    test_begin("every state answers everything, whatever was heard before, as the table says");
    for (int state = SUBMITTED; state < END; state++)
        for (int what = 0; what < HAPPENINGS; what++)
            for (size_t i = 0; i < sizeof heard / sizeof *heard; i++)
                one(state, (enum happening)what, heard[i]);
}

static void facts(void)
{
    struct machine order = order_in(SUBMITTED, "");

    test_begin("what was heard is remembered: one of the two confirms nothing, both do, in either order");
    CHECK_INT(machine_step(&order, HAPPENED_PAYMENT_AUTHORIZED), SAY_NOTHING);
    CHECK(order.authorized && !order.reserved);
    CHECK_INT(machine_step(&order, HAPPENED_STOCK_RESERVED), SAY_CONFIRMED);
    CHECK(order.authorized && order.reserved);
    order = order_in(SUBMITTED, "");
    CHECK_INT(machine_step(&order, HAPPENED_STOCK_RESERVED), SAY_NOTHING);
    CHECK_INT(machine_step(&order, HAPPENED_STOCK_TIMED_OUT), SAY_NOTHING);
    CHECK_INT(machine_step(&order, HAPPENED_PAYMENT_AUTHORIZED), SAY_CONFIRMED);
    test_begin("what left is not asked for again: after it was dispatched, after a cancel was refused, after delivery");
    CHECK_INT(machine_step(&order, HAPPENED_DISPATCHED), SAY_NOTHING);
    CHECK(order.dispatched);
    CHECK_INT(machine_step(&order, HAPPENED_CAPTURE_REFUSED), SAY_NOTHING);
    CHECK_INT(order.state, CONFIRMED);
    order = order_in(CANCELLING, "ra");
    CHECK_INT(machine_step(&order, HAPPENED_DISPATCHED), SAY_NOTHING);
    CHECK(order.dispatched && order.state == CHECKOUT__ORDER_STATE__CANCELLING);
    order = order_in(CANCELLING, "ra");
    CHECK_INT(machine_step(&order, HAPPENED_NOT_STOPPED), SAY_NOTHING);
    CHECK(order.dispatched);
    CHECK_INT(machine_step(&order, HAPPENED_CANCEL_ASKED), SAY_REFUSED);
}

/* Any story ends, and never says that it is over twice. */
static void stories(void)
{
    enum { STORIES = 200000, LENGTH = 40 };
    uint64_t seed = 20260101;
    int      twice = 0, both = 0;

    test_begin("in any order of anything: over once");
    for (int i = 0; i < STORIES; i++) {
        struct machine order = order_in(SUBMITTED, "");
        int            cancelled = 0, completed = 0, confirmed = 0;

        for (int j = 0; j < LENGTH; j++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            switch (machine_step(&order, (enum happening)((seed >> 33) % HAPPENINGS))) {
            case SAY_CONFIRMED:
                confirmed++;
                break;
            case SAY_CANCELLED:
                cancelled++;
                break;
            case SAY_COMPLETED:
                completed++;
                break;
            default:
                break;
            }
        }
        twice += cancelled > 1 || completed > 1 || confirmed > 1;
        both += cancelled > 0 && completed > 0;
    }
    CHECK_INT(twice, 0);
    CHECK_INT(both, 0);
}

int main(void)
{
    every();
    facts();
    stories();
    return test_end();
}
