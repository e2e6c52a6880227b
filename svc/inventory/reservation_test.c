/* reservation_test.c: every stage with every piece of news, with enough goods and without. */
#include "reservation.h"

#include <stdlib.h>

#include "test.h"

/* All that does anything, one line a pair: "+" adds to what is reserved, "-" takes off, ">" leaves the house. */
static const char *const WANTED = "UNKNOWN OrderSubmitted: RESERVED + reserved\n"
                                  "UNKNOWN OrderSubmitted, short: REJECTED rejected\n"
                                  "UNKNOWN OrderConfirmed: COMMITTED + committed\n"
                                  "UNKNOWN OrderConfirmed, short: REJECTED rejected\n"
                                  "UNKNOWN OrderCancelled: FORESTALLED\n"
                                  "RESERVED OrderConfirmed: COMMITTED committed\n"
                                  "RESERVED OrderCancelled: RELEASED - released\n"
                                  "RESERVED the end of its time: EXPIRED - released\n"
                                  "COMMITTED OrderCancelled: RELEASED - released\n"
                                  "COMMITTED ShipmentDispatched: SHIPPED_OUT > shipped\n"
                                  "SHIPPED_OUT OrderCancelled: SHIPPED_OUT odd\n"
                                  "RELEASED ShipmentDispatched: RELEASED odd\n"
                                  "EXPIRED OrderConfirmed: COMMITTED + committed\n"
                                  "EXPIRED OrderConfirmed, short: REJECTED rejected\n"
                                  "EXPIRED OrderCancelled: RELEASED\n"
                                  "EXPIRED ShipmentDispatched: EXPIRED odd\n"
                                  "REJECTED ShipmentDispatched: REJECTED odd\n"
                                  "FORESTALLED ShipmentDispatched: FORESTALLED odd\n";

static bool same(struct verdict a, struct verdict b)
{
    return a.stage == b.stage && a.deed == b.deed && a.word == b.word && a.odd == b.odd;
}

static bool nothing(enum stage stage, struct verdict verdict)
{
    return same(verdict, (struct verdict){.stage = stage});
}

static void tell(FILE *to, enum stage stage, enum news news, bool enough, struct verdict verdict)
{
    static const char *const deeds[] = {"", " +", " -", " >"};
    static const char *const words[] = {"", " reserved", " rejected", " committed", " released", " shipped"};

    fprintf(to, "%s %s%s: %s%s%s%s\n", reservation_stage_name(stage), reservation_news_name(news),
            enough ? "" : ", short", reservation_stage_name(verdict.stage), deeds[verdict.deed], words[verdict.word],
            verdict.odd ? " odd" : "");
}

static void test_table(void)
{
    char  *text;
    size_t size;
    FILE  *to = open_memstream(&text, &size);

    test_begin("each pair of a stage and a piece of news does what it should, and all others nothing");
    for (enum stage stage = 0; stage < STAGES; stage++)
        for (enum news news = 0; news < NEWS; news++) {
            struct verdict enough = reservation_next(stage, news, true), less = reservation_next(stage, news, false);

            if (!nothing(stage, enough))
                tell(to, stage, news, true, enough);
            if (!same(enough, less))
                tell(to, stage, news, false, less);
        }
    fclose(to);
    CHECK_STR(text, WANTED);
    free(text);
}

static bool acts_no_more(enum stage stage, struct verdict verdict)
{
    verdict.odd = false;
    return nothing(stage, verdict);
}

/* What any table must obey, however it is written. */
static void check_pair(enum stage stage, enum news news, bool enough)
{
    struct verdict verdict = reservation_next(stage, news, enough);
    int            live = reservation_live(verdict.stage) - reservation_live(stage);

    CHECK_INT(live, verdict.deed == DEED_NONE ? 0 : verdict.deed == DEED_RESERVE ? 1 : -1);
    CHECK((verdict.deed == DEED_SHIP) == (verdict.word == WORD_SHIPPED));
    CHECK((verdict.deed == DEED_RELEASE) == (verdict.word == WORD_RELEASED));
    CHECK(verdict.word == WORD_NONE || verdict.stage != stage);
    CHECK(enough || verdict.deed != DEED_RESERVE);
    CHECK(acts_no_more(verdict.stage, reservation_next(verdict.stage, news, enough)));
}

static void test_laws(void)
{
    test_begin("goods are kept exactly while a reservation is live, and news that come twice act once");
    for (enum stage stage = 0; stage < STAGES; stage++)
        for (enum news news = 0; news < NEWS; news++) {
            check_pair(stage, news, true);
            check_pair(stage, news, false);
        }
}

static void test_record(void)
{
    Inventory__Reservation reservation = INVENTORY__RESERVATION__INIT;

    test_begin("every stage is told from every other by what is stored");
    for (enum stage stage = 0; stage < STAGES; stage++) {
        reservation_set_stage(&reservation, stage);
        CHECK_INT(reservation_stage(&reservation), stage);
    }
    reservation_set_stage(&reservation, STAGE_EXPIRED);
    CHECK_INT(reservation.state, INVENTORY__RESERVATION_STATE__RELEASED);
    CHECK(reservation.expired);
}

int main(void)
{
    test_table();
    test_laws();
    test_record();
    return test_end();
}
