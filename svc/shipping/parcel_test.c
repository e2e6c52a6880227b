/* parcel_test.c: every state, paid and not, with every piece of news. */
#include "parcel.h"

#include <stdlib.h>

#include "test.h"

enum { STATES = SHIPPING__SHIPMENT_STATE__EXPECTED + 1 };

/* All that does anything, one line each: state (paid: the money is there), news, state after it, what is said. */
static const char *const WANTED = "SHIPMENT_STATE_UNSPECIFIED, committed: PENDING\n"
                                  "SHIPMENT_STATE_UNSPECIFIED, captured: EXPECTED paid\n"
                                  "SHIPMENT_STATE_UNSPECIFIED, stop: STOPPED, says cancelled\n"
                                  "SHIPMENT_STATE_UNSPECIFIED, left: DISPATCHED paid, says packed and dispatched\n"
                                  "PENDING, captured: PENDING paid\n"
                                  "PENDING, stop: STOPPED, says cancelled\n"
                                  "PENDING, released: STOPPED, says cancelled\n"
                                  "PENDING, left: DISPATCHED paid, says packed and dispatched\n"
                                  "PENDING, pack: PACKED, says packed\n"
                                  "PENDING paid, stop: STOPPED paid, says cancelled\n"
                                  "PENDING paid, released: STOPPED paid, says cancelled\n"
                                  "PENDING paid, left: DISPATCHED paid, says packed and dispatched\n"
                                  "PENDING paid, pack: PACKED paid, says packed\n"
                                  "PACKED, captured: PACKED paid\n"
                                  "PACKED, stop: STOPPED, says cancelled\n"
                                  "PACKED, released: STOPPED, says cancelled\n"
                                  "PACKED, left: DISPATCHED paid, says dispatched\n"
                                  "PACKED paid, stop: STOPPED paid, says cancelled\n"
                                  "PACKED paid, released: STOPPED paid, says cancelled\n"
                                  "PACKED paid, left: DISPATCHED paid, says dispatched\n"
                                  "PACKED paid, dispatch: DISPATCHED paid, says dispatched\n"
                                  "DISPATCHED paid, stop: DISPATCHED paid, says refused\n"
                                  "DISPATCHED paid, deliver: DELIVERED paid, says delivered\n"
                                  "DELIVERED paid, stop: DELIVERED paid, says refused\n"
                                  "STOPPED, stop: STOPPED, says cancelled\n"
                                  "STOPPED, left: DISPATCHED paid, says packed and dispatched\n"
                                  "STOPPED paid, stop: STOPPED paid, says cancelled\n"
                                  "STOPPED paid, left: DISPATCHED paid, says packed and dispatched\n"
                                  "EXPECTED paid, committed: PENDING paid\n"
                                  "EXPECTED paid, stop: STOPPED paid, says cancelled\n"
                                  "EXPECTED paid, released: STOPPED paid, says cancelled\n"
                                  "EXPECTED paid, left: DISPATCHED paid, says packed and dispatched\n";

static const char *state_name(int state)
{
    return protobuf_c_enum_descriptor_get_value(&shipping__shipment_state__descriptor, state)->name;
}

/* Whether the money is there is known of some states. */
static bool can_be(int state, bool captured)
{
    if (state == SHIPPING__SHIPMENT_STATE__SHIPMENT_STATE_UNSPECIFIED)
        return !captured;
    return captured || state == SHIPPING__SHIPMENT_STATE__PENDING || state == SHIPPING__SHIPMENT_STATE__PACKED ||
           state == SHIPPING__SHIPMENT_STATE__STOPPED;
}

static void tell(FILE *to, int state, bool captured, enum news news)
{
    static const char *const names[] = {"",     "committed", "captured", "stop",   "released",
                                        "left", "pack",      "dispatch", "deliver"};
    static const char *const words[] = {"",
                                        ", says packed",
                                        ", says dispatched",
                                        ", says delivered",
                                        ", says cancelled",
                                        ", says refused",
                                        ", says packed and dispatched"};
    struct verdict           verdict = parcel_next(state, captured, news);

    if (verdict.moved || verdict.word != WORD_NONE)
        fprintf(to, "%s%s, %s: %s%s%s\n", state_name(state), captured ? " paid" : "", names[news],
                state_name(verdict.state), verdict.captured ? " paid" : "", words[verdict.word]);
}

static void test_table(void)
{
    char  *text;
    size_t size;
    FILE  *to = open_memstream(&text, &size);

    test_begin("each pair of a state and a piece of news does what it should, and all others nothing");
    for (int state = 0; state < STATES; state++)
        for (int captured = 0; captured < 2; captured++)
            for (enum news news = NEWS_NONE; news < NEWS; news++)
                if (can_be(state, captured))
                    tell(to, state, captured, news);
    fclose(to);
    CHECK_STR(text, WANTED);
    free(text);
}

/* What any table must obey, however it is written; also for what cannot be. */
static void check_pair(int state, bool captured, enum news news)
{
    struct verdict verdict = parcel_next(state, captured, news);

    CHECK(verdict.moved == ((int)verdict.state != state || verdict.captured != captured));
    CHECK(verdict.captured || !captured);
    CHECK(verdict.word != WORD_DISPATCHED || captured || news == NEWS_LEFT);
    CHECK((news == NEWS_STOP || (news == NEWS_RELEASED && verdict.moved)) ==
          (verdict.word == WORD_CANCELLED || verdict.word == WORD_CANCEL_REFUSED));
    CHECK(!parcel_next(verdict.state, verdict.captured, news).moved);
    CHECK(state != SHIPPING__SHIPMENT_STATE__STOPPED || !verdict.moved || news == NEWS_LEFT);
    CHECK(!can_be(state, captured) || can_be(verdict.state, verdict.captured));
}

static void test_laws(void)
{
    test_begin("nothing unpaid leaves, a stop is always answered, what is stopped stays unless it left, and news that "
               "come twice move once");
    for (int state = 0; state < STATES; state++)
        for (int captured = 0; captured < 2; captured++)
            for (enum news news = NEWS_NONE; news < NEWS; news++)
                check_pair(state, captured, news);
    test_begin("a state of a later version is left alone");
    CHECK(!parcel_next((Shipping__ShipmentState)STATES, false, NEWS_COMMITTED).moved);
}

static void test_due(void)
{
    test_begin("the step that is due moves the parcel, and no other step does");
    for (int state = 0; state < STATES; state++)
        for (int captured = 0; captured < 2; captured++)
            for (enum news step = NEWS_PACK; step <= NEWS_DELIVER; step++)
                CHECK_INT(parcel_next(state, captured, step).moved, parcel_due(state, captured) == step);
    test_begin("a step is past once it was done, and while the parcel goes on");
    CHECK(!parcel_past(SHIPPING__SHIPMENT_STATE__PENDING, NEWS_PACK));
    CHECK(parcel_past(SHIPPING__SHIPMENT_STATE__PACKED, NEWS_PACK));
    CHECK(parcel_past(SHIPPING__SHIPMENT_STATE__DELIVERED, NEWS_PACK));
    CHECK(!parcel_past(SHIPPING__SHIPMENT_STATE__PACKED, NEWS_DISPATCH));
    CHECK(parcel_past(SHIPPING__SHIPMENT_STATE__DISPATCHED, NEWS_DISPATCH));
    CHECK(!parcel_past(SHIPPING__SHIPMENT_STATE__DISPATCHED, NEWS_DELIVER));
    CHECK(parcel_past(SHIPPING__SHIPMENT_STATE__DELIVERED, NEWS_DELIVER));
    CHECK(!parcel_past(SHIPPING__SHIPMENT_STATE__STOPPED, NEWS_PACK));
    CHECK(!parcel_past(SHIPPING__SHIPMENT_STATE__DELIVERED, NEWS_STOP));
}

int main(void)
{
    test_table();
    test_laws();
    test_due();
    return test_end();
}
