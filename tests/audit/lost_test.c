/* lost_test.c: what a store lost that went back to a backup: the audit tells it, and does not call it wrong; what
 * nobody ever said is. */
#include "handmade.h"
#include "test.h"

/* Payment said one more about the completed order, as its timeline has it. */
static void hear_more(handmade *h, const char *id)
{
    Checkout__Timeline      *timeline = hand_timeline(h, h->done);
    Checkout__TimelineEntry *entry = HAND(h, Checkout__TimelineEntry, CHECKOUT__TIMELINE_ENTRY__INIT);

    entry->event_id = (char *)id;
    entry->service = (char *)"payment";
    entry->version = h->done->folded.versions[BOOK_PAYMENT] + 1;
    timeline->entries[timeline->n_entries++] = entry;
}

static void test_lost(void)
{
    handmade h;

    test_begin("what a restored store lost is told, and is no finding");
    if (!CHECK(hand_open(&h)))
        return;
    hand_consumer(&h)->ahead = 1;
    hear_more(&h, "payment-2-99");
    hand_hear(&h);
    checks_run(&h.b);
    CHECK_INT(h.b.finding_count, 0);
    if (CHECK(h.b.losses != NULL && h.b.losses->next != NULL)) {
        CHECK_STR(h.b.losses->words, "1 event of checkout had an effect there and is not in that log: its store went "
                                     "back to a backup, and did not say it again");
        CHECK_STR(h.b.losses->next->where, h.done->name);
        CHECK_CONTAINS(h.b.losses->next->words, "1 of payment in its timeline is not in that log");
    }
    book_close(&h.b);
}

static void test_unsaid(void)
{
    handmade h;

    test_begin("an event of the log's own epoch that is in a timeline only is a finding");
    if (!CHECK(hand_open(&h)))
        return;
    hear_more(&h, "payment-1-99");
    hand_hear(&h);
    checks_run(&h.b);
    CHECK_INT(h.b.finding_count, 1);
    CHECK(h.b.losses == NULL);
    book_close(&h.b);

    test_begin("and so is one of an older epoch that is not heard");
    if (!CHECK(hand_open(&h)))
        return;
    hand_timeline(&h, h.done)->n_entries--;
    hand_timeline(&h, h.done)->entries[0]->event_id = (char *)"checkout-2-1";
    hand_hear(&h);
    checks_run(&h.b);
    CHECK_INT(h.b.finding_count, 1);
    book_close(&h.b);
}

int main(void)
{
    test_lost();
    test_unsaid();
    return test_end();
}
