/* whys.c: maru order why over real processes (alive.h). */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alive.h"
#include "events/tables.h"
#include "maru/events.maru.h"
#include "shop/payment.pb-c.h"
#include "test.h"

bool why_says(shop *s, const char *order, const char *part, char text[static ALIVE_TEXT])
{
    char line[256];

    snprintf(line, sizeof line, "maru order why %s", order);
    return shop_until(s, line, part, text, ALIVE_TEXT);
}

static const plan stays = {.cancel_ms = -1, .leaves = true};

static void says(shop *s, const char *line, int status, const char *part)
{
    proc p = shop_run(s, line);

    CHECK_INT(p.status, status);
    if (!CHECK_CONTAINS(p.text[PROC_OUT], part))
        fprintf(stderr, "%s", p.text[PROC_ERR]);
    proc_free(&p);
}

/* ---- a service that is down ---- */

static void why_stopped(shop *s)
{
    char        text[ALIVE_TEXT];
    const char *order;

    test_begin("why: inventory is stopped: the event that it owes, and that it should be started");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, stays);
    CHECK(why_says(s, order,
                   "owed  StockReserved or StockRejected, by inventory, because of OrderSubmitted of checkout", text));
    CHECK_CONTAINS(text, "\n  why   inventory does not answer: ");
    CHECK_CONTAINS(text, "\n  do    start inventory: it reads on where it was, and nothing is done twice\n");
    CHECK(fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
    test_begin("why: a completed order owes nothing");
    CHECK(why_says(s, order, "over  no event is owed", text));
}

static void why_hung(shop *s)
{
    char        text[ALIVE_TEXT], line[128];
    const char *order;
    proc        p;

    test_begin("why: inventory hangs: it is not told to start what runs");
    CHECK(kill(s->fleet.pids[SHIP_INVENTORY], SIGSTOP) == 0);
    order = shop_buy(s, stays);
    CHECK(why_says(s, order, "\n  why   inventory does not answer: DEADLINE_EXCEEDED: ", text));
    CHECK_CONTAINS(text, "\n  do    inventory runs, and hangs or was stopped: ");
    CHECK(strstr(text, "start inventory") == NULL);
    CHECK(kill(s->fleet.pids[SHIP_INVENTORY], SIGCONT) == 0);
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));

    test_begin("why: inventory hangs: what checkout heard of it before is not owed");
    snprintf(line, sizeof line, "maru order timeline %s", order);
    CHECK(shop_until(s, line, "StockShipped", text, sizeof text)); /* an order may be COMPLETED before that */
    CHECK(kill(s->fleet.pids[SHIP_INVENTORY], SIGSTOP) == 0);
    CHECK(why_says(s, order, "\n  over  no event is owed\n  note  inventory could not be asked: ", text));
    CHECK(kill(s->fleet.pids[SHIP_INVENTORY], SIGCONT) == 0);

    test_begin("why: checkout hangs: what it owes it may have said, which is said");
    CHECK(kill(s->fleet.pids[SHIP_CHECKOUT], SIGSTOP) == 0);
    CHECK(
        why_says(s, order, "\n  owed  OrderCompleted, by checkout, because of ShipmentDelivered of shipping (", text));
    CHECK_CONTAINS(text, "), unless it said so already: its log could not be read\n");
    test_begin("lag: whose producer hangs is told, and what that said is not called all");
    says(s, "maru events lag 2>/dev/null | grep '^inventory *checkout'", 0,
         "  checkout does not answer (DEADLINE_EXCEEDED): what it said since is not known\n");
    test_begin("why: checkout hangs: one status, that of the call");
    p = shop_run(s, "maru order why nobody");
    CHECK(kill(s->fleet.pids[SHIP_CHECKOUT], SIGCONT) == 0);
    CHECK_INT(p.status, 64 + MARU_DEADLINE_EXCEEDED);
    if (CHECK(strncmp(p.text[PROC_ERR], "DEADLINE_EXCEEDED: ", 19) == 0))
        CHECK(strstr(p.text[PROC_ERR] + 19, "DEADLINE_EXCEEDED") == NULL);
    proc_free(&p);
}

static void signal_all(shop *s, int number)
{
    static const fleet_ship ships[] = {SHIP_CHECKOUT, SHIP_INVENTORY, SHIP_PAYMENT,
                                       SHIP_SHIPPING, SHIP_PROVIDER,  SHIP_CART};

    for (size_t i = 0; i < sizeof ships / sizeof *ships; i++)
        CHECK(kill(s->fleet.pids[ships[i]], number) == 0);
}

/* Milliseconds by the clock that a command takes; its end is the caller's to look at. */
static long took_ms(shop *s, const char *line, proc *p)
{
    struct timespec begun, ended;

    clock_gettime(CLOCK_MONOTONIC, &begun);
    *p = shop_run(s, line);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    return (ended.tv_sec - begun.tv_sec) * 1000 + (ended.tv_nsec - begun.tv_nsec) / 1000000;
}

/* The same while all hang. */
static long hung_ms(shop *s, const char *line, int status, const char *part)
{
    proc p;
    long ms;

    signal_all(s, SIGSTOP);
    ms = took_ms(s, line, &p);
    signal_all(s, SIGCONT);
    CHECK_INT(p.status, status);
    if (!CHECK_CONTAINS(p.text[PROC_OUT], part))
        fprintf(stderr, "%s", p.text[PROC_ERR]);
    proc_free(&p);
    return ms;
}

/* How much longer it takes where all hang: what it takes to start, which on a busy machine may be seconds, is in both.
 * Of each the least of three, as a stall in one says nothing: whoever asks one after the other, or once more, never is
 * so quick. */
static void waits_less(shop *s, const char *line, int status, const char *part, long bound_ms)
{
    long none = LONG_MAX, all = LONG_MAX, ms;
    proc p;

    for (int i = 0; i < 3; i++, proc_free(&p))
        none = (ms = took_ms(s, line, &p)) < none ? ms : none;
    for (int i = 0; i < 3 && all - none >= bound_ms; i++)
        all = (ms = hung_ms(s, line, status, part)) < all ? ms : all;
    if (!CHECK(all - none < bound_ms))
        fprintf(stderr, "%s: want less than %ld ms, got %ld\n", line, bound_ms, all - none);
}

static void many_hang(shop *s)
{
    test_begin("audit, why: all that hang are asked at the same time, and not for long");
    waits_less(s, "maru audit", 3, "\nnot checked: ", 8000);
    waits_less(s, "maru audit --wait 1s", 3, "\nnot checked: ", 5000); /* not once more for who hung meanwhile */
    waits_less(s, "maru order why nobody", 64 + MARU_DEADLINE_EXCEEDED, "", 5000);
}

/* ---- a payment that can't be read ---- */

static const maru_table payments = {1, "payments", &payment__payment_record__descriptor};
/* The same table as a program would see it that kept something else there. */
static const maru_table strange_payments = {1, "payments", &maru_events__applied__descriptor};

struct damage {
    const char *order;
    uint8_t    *kept; /* the record as it was, packed */
    size_t      size;
};

static maru_status keep_record(maru_txn *txn, void *arg)
{
    struct damage          *d = arg;
    Payment__PaymentRecord *record;
    maru_status             status = maru_get(txn, &payments, maru_key_text(d->order), (ProtobufCMessage **)&record);

    if (status != MARU_OK)
        return status;
    d->kept = malloc(payment__payment_record__get_packed_size(record));
    d->size = payment__payment_record__pack(record, d->kept);
    return MARU_OK;
}

static maru_status damage_record(maru_txn *txn, void *arg)
{
    const struct damage *d = arg;
    MaruEvents__Applied  strange = MARU_EVENTS__APPLIED__INIT;

    strange.version = 1;
    return maru_put(txn, &strange_payments, maru_key_text(d->order), &strange.base);
}

static maru_status mend_record(maru_txn *txn, void *arg)
{
    const struct damage    *d = arg;
    Payment__PaymentRecord *record = payment__payment_record__unpack(NULL, d->size, d->kept);
    maru_status             status = maru_put(txn, &payments, maru_key_text(d->order), &record->base);

    payment__payment_record__free_unpacked(record, NULL);
    return status;
}

static bool change_payment(shop *s, const maru_table *table, maru_txn_fn fn, struct damage *d)
{
    const maru_table *const tables[] = {table, NULL};

    return shop_change(s, SHIP_PAYMENT, tables, fn, d);
}

/* Its log and its inbox can be read; GetPayment alone fails. */
static void why_unable(shop *s)
{
    struct damage d = {.order = ""};
    char          text[ALIVE_TEXT], *command;

    test_begin("why: payment's log is read, and GetPayment fails: what is owed is told, and no start is advised");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    d.order = shop_buy(s, stays);
    CHECK(shop_provider(s, true) && fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK(why_says(s, d.order, "payment has that event: not known: the provider: UNAVAILABLE", text));
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT) && change_payment(s, &payments, keep_record, &d) &&
          change_payment(s, &strange_payments, damage_record, &d) && fleet_launch(&s->fleet, SHIP_PAYMENT));
    CHECK(why_says(s, d.order, "\n  why   payment can't say what it did: DATA_LOSS: ", text));
    CHECK_CONTAINS(text, "\n  owed  PaymentAuthorized or PaymentDeclined, by payment, because of StockReserved of ");
    CHECK(strstr(text, "log could not be read") == NULL && strstr(text, "start payment") == NULL);
    CHECK(strstr(text, "goes on by itself") == NULL);
    if (CHECK((command = strstr(text, "  maru store verify payment")) != NULL)) {
        command[strcspn(command, "\n")] = '\0';
        says(s, command, 0, "");
    }
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT) && change_payment(s, &payments, mend_record, &d) &&
          fleet_launch(&s->fleet, SHIP_PAYMENT) && shop_provider(s, false));
    CHECK(shop_wait(s, d.order, CHECKOUT__ORDER_STATE__COMPLETED));
    free(d.kept);
}

/* ---- its own pace ---- */

bool pack_in(shop *s, int ms)
{
    s->fleet.pack_ms = ms;
    return fleet_halt(&s->fleet, SHIP_SHIPPING) && fleet_launch(&s->fleet, SHIP_SHIPPING);
}

static const char unrest[] = "\naudit: NOT at rest: ";

static void why_packed(shop *s)
{
    char        text[ALIVE_TEXT], line[256];
    const char *order;

    test_begin("why: a parcel waits for its time, and what shortens it works");
    CHECK(pack_in(s, 600000));
    order = shop_buy(s, stays);
    CHECK(why_says(s, order, "it is being packed; MarkPacked says that it is\n  do    wait: it goes on by itself\n",
                   text));
    CHECK_CONTAINS(text, "owed  ShipmentPacked, by shipping, because of StockCommitted of inventory");
    test_begin("the audit calls what waits for its time neither a finding nor rest");
    CHECK(shop_ends(s, "maru audit", 0, "\naudit: clean, as far as can be told while orders are under way\n",
                    " while events are under way\n"));
    CHECK(shop_ends(s, "maru audit --at-rest", 1,
                    "\naudit: NOT at rest: 1 order waits for the provider or for its time\n", unrest));
    CHECK(shop_ends(s, "maru audit --wait 300ms", 1, "\naudit: NOT at rest: 1 order waits", unrest));
    snprintf(line, sizeof line,
             "maru call shipping shop.shipping.v1.ShippingService/MarkPacked -d '{\"order\":\"%s\"}'", order);
    says(s, line, 0, "PACKED");
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
}

static void why_provider(shop *s)
{
    char        text[ALIVE_TEXT];
    const char *order;

    test_begin("why: a cancelled order whose void the provider does not answer is not over yet");
    order = shop_buy(s, stays);
    CHECK(why_says(s, order, "owed  ShipmentPacked", text)); /* authorised */
    CHECK(shop_provider(s, true) && shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(why_says(s, order, "not known: the provider: UNAVAILABLE: it can't be reached, or says", text));
    CHECK_CONTAINS(text, "\n  owed  PaymentVoided, by payment, because of OrderCancelled of checkout");
    CHECK(shop_ends(s, "maru audit --wait 300ms", 3,
                    ", under way 1 (1 of them over, but for the provider's answer); products ",
                    "\naudit: INCOMPLETE: what was checked is clean\n"));
    CHECK_CONTAINS(text, "\n  do    wait: it goes on by itself\n");
    CHECK(shop_provider(s, false));
    CHECK(why_says(s, order, "over  no event is owed", text));

    test_begin("why: nor is one whose payment hangs");
    order = shop_buy(s, stays);
    CHECK(why_says(s, order, "owed  ShipmentPacked", text));
    CHECK(kill(s->fleet.pids[SHIP_PAYMENT], SIGSTOP) == 0);
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(why_says(s, order, "\n  owed  PaymentVoided, by payment, because of OrderCancelled of checkout (", text));
    CHECK_CONTAINS(text, "), unless it said so already: its log could not be read\n  why   payment does not answer: ");
    CHECK(kill(s->fleet.pids[SHIP_PAYMENT], SIGCONT) == 0);
    CHECK(why_says(s, order, "over  no event is owed", text));
    CHECK(pack_in(s, 20));
}

/* An order that is captured and cancelled at once, with a provider that refuses to give anything back. */
static const char *keep_back(shop *s)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;
    const char      *order = shop_buy(s, stays);
    char             text[ALIVE_TEXT], line[256];

    snprintf(line, sizeof line,
             "maru call shipping shop.shipping.v1.ShippingService/MarkPacked -d '{\"order\":\"%s\"}'", order);
    faults.refuse_refund = 1000;
    CHECK(why_says(s, order, "shipping has that event: it is being packed", text) && shop_provider(s, true));
    says(s, line, 0, "PACKED");
    CHECK(why_says(s, order, "not known: the provider: UNAVAILABLE", text)); /* it shall capture */
    CHECK(shop_cancel(s, order) && shop_wait(s, order, CHECKOUT__ORDER_STATE__CANCELLED));
    CHECK(why_says(s, order, "\n  owed  PaymentCaptured and then RefundSucceeded, or PaymentCaptureRefused and then ",
                   text));
    CHECK(shop_faults(s, &faults));
    return order;
}

static void why_refused(shop *s)
{
    char        text[ALIVE_TEXT], *command;
    const char *order;

    test_begin("why: a refund that the provider refuses waits for a person; the audit finds it");
    CHECK(pack_in(s, 600000));
    order = keep_back(s);
    CHECK(why_says(s, order, "why   the provider refused to give back ", text));
    CHECK_CONTAINS(text, ": refunds_suspended\n  do    once the reason is gone, let it be given back;");
    CHECK_CONTAINS(text, "\n  owed  RefundSucceeded, by payment, because of OrderCancelled of checkout");
    says(s, "maru audit --wait 10s", 1, " and refused the rest (refunds_suspended): see maru order why ");
    test_begin("why: the command that it prints gives it back, and then the order is over");
    CHECK(shop_provider(s, false));
    if (CHECK((command = strstr(text, "  maru call payment ")) != NULL)) {
        command[strcspn(command, "\n")] = '\0';
        says(s, command, 0, "\"state\": \"REFUNDING\"");
    }
    CHECK(why_says(s, order, "over  no event is owed", text));
    says(s, "maru audit --wait 10s", 0, "\naudit: clean\n");
    CHECK(pack_in(s, 20));
}

/* ---- a dead letter ---- */

/* What park needs: an event that the service never heard of, since it was not there. */
static maru_status park(maru_txn *txn, void *arg)
{
    MaruEvents__Event  *event = arg;
    MaruEvents__Pending pending = MARU_EVENTS__PENDING__INIT;
    MaruEvents__Applied applied = MARU_EVENTS__APPLIED__INIT;
    event_key           key;
    maru_status         status;

    pending.event = event;
    pending.tries = MARU_EVENT_TRIES;
    pending.parked = true;
    pending.error = (char *)"INTERNAL: as the test wants it";
    pending.since_ms = maru_txn_wall_clock(txn) / 1000000;
    key_pending(&key, event->producer, event->aggregate, event->version);
    if ((status = maru_put(txn, &events_pending, key_of(&key), &pending.base)) != MARU_OK)
        return status;
    applied.version = event->version;
    key_inbox_aggregate(&key, event->producer, event->aggregate);
    return maru_put(txn, &events_applied, key_of(&key), &applied.base);
}

bool park_submit(shop *s, const char *service, const char *order)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    maru_call                         *call = maru_call_begin(s->market.runtime, SHOP_WAIT_MS);
    bool                               well;

    request.aggregate = (char *)order;
    well = maru_event_log_read_aggregate(s->market.checkout, call, &request, &response) == MARU_OK &&
           response->n_events > 0 && shop_change_of(s, service, NULL, park, response->events[0]);
    maru_call_end(call);
    return well;
}

static void why_dead(shop *s)
{
    char        text[ALIVE_TEXT], line[128], *command;
    const char *order;

    test_begin("why: an event is a dead letter: its words, and a command that works as printed");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, stays);
    CHECK(park_submit(s, "inventory", order) && fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK(why_says(s, order,
                   "why   OrderSubmitted of checkout is a dead letter there after 8 tries: INTERNAL: as the test",
                   text));
    CHECK_CONTAINS(text, "\n  owed  StockReserved or StockRejected, by inventory,");
    test_begin("why: also where the folder's name has a space and a quote");
    says(s, "ln -s . \"$MARU_DATA/it's here\"", 0, "");
    snprintf(line, sizeof line, "%s --data \"$MARU_DATA/it's here\"", order);
    CHECK(why_says(s, line, "/it'\\''s here'\n", text));
    if (!CHECK((command = strstr(text, "  maru ")) != NULL))
        return;
    command[strcspn(command, "\n")] = '\0';
    says(s, command, 0, "v1 of checkout is tried again\n");
    says(s, "rm \"$MARU_DATA/it's here\"", 0, "");
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));

    test_begin("why: a dead letter is named also where nothing is owed, and the printed command gives it up");
    CHECK(why_says(s, order, "over  no event is owed", text));
    CHECK(fleet_halt(&s->fleet, SHIP_SHIPPING) && park_submit(s, "shipping", order) &&
          fleet_launch(&s->fleet, SHIP_SHIPPING));
    CHECK(why_says(s, order,
                   "\n  also  OrderSubmitted of checkout is a dead letter at shipping after 8 tries: INTERNAL", text));
    CHECK_CONTAINS(text, "\n  over  no event is owed\n");
    if (CHECK((command = strstr(text, "  maru events skip shipping checkout ")) != NULL)) {
        command[strcspn(command, "\n")] = '\0';
        says(s, command, 0, "v1 of checkout is given up");
    }
}

/* The provider's news has a name of its own, in which the order's is. */
static bool park_news(shop *s, const char *order)
{
    MaruEvents__Event event = MARU_EVENTS__EVENT__INIT;
    char              aggregate[128];

    snprintf(aggregate, sizeof aggregate, "authorize:%s", order);
    event.id = (char *)"provider-0-1";
    event.producer = (char *)"provider";
    event.aggregate = aggregate;
    event.version = event.sequence = 1;
    event.type = (char *)provider__operation_settled__descriptor.name;
    return shop_change(s, SHIP_PAYMENT, NULL, park, &event);
}

static void why_dead_news(shop *s)
{
    char        text[ALIVE_TEXT], line[256];
    const char *order;

    test_begin("why: news of the provider is a dead letter at payment: it is shown with its own name");
    CHECK(fleet_halt(&s->fleet, SHIP_INVENTORY));
    order = shop_buy(s, stays);
    CHECK(shop_provider(s, true) && fleet_launch(&s->fleet, SHIP_INVENTORY));
    CHECK(why_says(s, order, "owed  PaymentAuthorized or PaymentDeclined, by payment", text));
    CHECK(fleet_halt(&s->fleet, SHIP_PAYMENT) && park_news(s, order) && fleet_launch(&s->fleet, SHIP_PAYMENT));
    CHECK(
        why_says(s, order, "why   OperationSettled of provider is a dead letter there after 8 tries: INTERNAL", text));
    snprintf(line, sizeof line, "maru events retry payment provider authorize:%s\n", order);
    CHECK_CONTAINS(text, line);
    snprintf(line, sizeof line, "maru events skip payment provider authorize:%s 1", order);
    says(s, line, 0, "v1 of provider is given up");
    CHECK(shop_provider(s, false));
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
}

static void why_refund(shop *s)
{
    char        text[ALIVE_TEXT], line[512];
    const char *order = shop_buy(s, (plan){.cancel_ms = -1});

    test_begin("why: a refund of a completed order, which the provider does not answer, is owed");
    CHECK(shop_wait(s, order, CHECKOUT__ORDER_STATE__COMPLETED));
    CHECK(why_says(s, order, "over  no event is owed", text));
    CHECK(shop_provider(s, true));
    snprintf(line, sizeof line,
             "maru call payment shop.payment.v1.PaymentService/RefundPayment -d '{\"order\": \"%s\", \"amount\": "
             "{\"currency\": \"GBP\", \"minor\": \"1\"}, \"reason\": \"a scratch\"}'",
             order);
    says(s, line, 0, "\"state\": \"REFUNDING\"");
    CHECK(why_says(s, order, "not known: the provider: UNAVAILABLE", text));
    CHECK_CONTAINS(text, "\n  owed  RefundSucceeded, by payment, because of PaymentCaptured of payment");
    CHECK(shop_provider(s, false));
    CHECK(why_says(s, order, "over  no event is owed", text));
}

static void why_cancelled(shop *s)
{
    char        text[ALIVE_TEXT];
    const char *order = shop_buy(s, (plan){.cancel_ms = 0});

    test_begin("why: a cancelled order, once all is undone, owes nothing");
    CHECK(why_says(s, order, "over  no event is owed", text));
    test_begin("why: an order that was never made is none");
    CHECK(shop_until(s, "maru order why nobody; echo status $?", "status 69", text, sizeof text));
    CHECK_CONTAINS(text, "NOT_FOUND: orders/nobody: checkout knows no such order\n");
    test_begin("timeline: and says it in the same words");
    CHECK(shop_until(s, "maru order timeline nobody; echo status $?", "status 69", text, sizeof text));
    CHECK_CONTAINS(text, "NOT_FOUND: orders/nobody: checkout knows no such order\n");
}

void whys(shop *s)
{
    why_stopped(s);
    why_hung(s);
    many_hang(s);
    why_unable(s);
    why_packed(s);
    why_provider(s);
    why_refused(s);
    why_dead(s);
    why_dead_news(s);
    why_refund(s);
    why_cancelled(s);
}
