/* why.c: see why.h. The flow of an order is the table of why_rules.c: the first rule that fits says what is owed. */
#include "audit/why.h"

#include <string.h>

#include "audit/foreign.h"
#include "audit/why_rules.h"

const MaruEvents__Event *why_find_event(const why_facts *facts, book_service service, const char *type)
{
    const why_service *s = &facts->services[service];

    for (size_t i = s->event_count; i > 0; i--)
        if (strcmp(book_short_type(s->events[i - 1]->type), type) == 0)
            return s->events[i - 1];
    return NULL;
}

static const MaruEvents__Event *find_sign(const why_facts *facts, const why_sign *wanted)
{
    return wanted->type == NULL ? NULL : why_find_event(facts, wanted->service, wanted->type);
}

/* After all of those of the same service that the rule wants to be there. */
static bool is_said(const why_facts *facts, const why_rule *rule, const why_sign *missing)
{
    const MaruEvents__Event *said = find_sign(facts, missing);

    for (int i = 0; i < WHY_SIGNS && said != NULL; i++) {
        const MaruEvents__Event *there = find_sign(facts, &rule->there[i]);

        if (there != NULL && rule->there[i].service == missing->service && said->version < there->version)
            return false;
    }
    return said != NULL;
}

static bool fits(const why_facts *facts, const why_rule *rule)
{
    for (int i = 0; i < WHY_SIGNS; i++)
        if ((rule->there[i].type != NULL && find_sign(facts, &rule->there[i]) == NULL) ||
            is_said(facts, rule, &rule->missing[i]))
            return false;
    return true;
}

static int64_t time_of(const MaruEvents__Event *event)
{
    return event->time == NULL ? 0 : event->time->seconds * 1000000000 + event->time->nanos;
}

/* What one transaction said is all of one time: of these the log tells which came last. */
static bool is_newer(const MaruEvents__Event *event, const MaruEvents__Event *than)
{
    int64_t time = time_of(event), other = time_of(than);

    return time > other || (time == other && strcmp(event->producer, than->producer) == 0);
}

static const MaruEvents__Event *find_newest(const why_facts *facts)
{
    const MaruEvents__Event *newest = NULL;

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        for (size_t j = 0; j < facts->services[i].event_count; j++)
            if (newest == NULL || is_newer(facts->services[i].events[j], newest))
                newest = facts->services[i].events[j];
    return newest;
}

static bool is_of(const MaruEvents__DeadLetter *letter, const MaruEvents__Event *event)
{
    return strcmp(letter->event->producer, event->producer) == 0 &&
           strcmp(letter->event->aggregate, event->aggregate) == 0;
}

/* That which holds up what the cause is one of; else any. */
static const MaruEvents__DeadLetter *find_letter(const why_service *s, const MaruEvents__Event *cause)
{
    for (size_t i = 0; i < s->letter_count; i++)
        if (is_of(s->letters[i], cause))
            return s->letters[i];
    return s->letter_count > 0 ? s->letters[0] : NULL;
}

const MaruEvents__DeadLetter *why_next_failed(const why_service *s, const why_answer *answer, size_t *at)
{
    while (*at < s->letter_count) {
        const MaruEvents__DeadLetter *letter = s->letters[(*at)++];
        size_t                        before = 0;

        while (before + 1 < *at && !is_of(s->letters[before], letter->event))
            before++;
        if (before + 1 == *at && letter != answer->letter)
            return letter;
    }
    return NULL;
}

/* epoch: of the log in which the event is; 0: not known, as that could not be read. A sequence of another epoch counts
 * for events of that one only: the two logs are one up to the last of these. */
static const MaruEvents__Consumer *find_behind(const why_service *s, const MaruEvents__Event *cause, uint64_t epoch)
{
    for (size_t i = 0; i < s->consumer_count; i++) {
        const MaruEvents__Consumer *c = s->consumers[i];

        if (strcmp(c->producer, cause->producer) == 0 &&
            (c->sequence < cause->sequence || (epoch != 0 && c->epoch != epoch && c->epoch != cause->epoch)))
            return c;
    }
    return NULL;
}

/* Which of the events that it follows from the service has not read yet; NULL: it has all. asked as in explain. */
static const MaruEvents__Consumer *find_unread(const why_facts *facts, const why_rule *rule,
                                               const MaruEvents__Event *asked, why_answer *answer)
{
    const MaruEvents__Consumer *behind = NULL;

    for (int i = 0; i < WHY_SIGNS && behind == NULL; i++) {
        const MaruEvents__Event *cause = i == 0 ? asked : find_sign(facts, &rule->there[i]);

        if (cause == NULL || (behind = find_behind(&facts->services[rule->owes], cause,
                                                   facts->services[rule->there[i].service].epoch)) == NULL)
            continue;
        answer->cause = cause;
        answer->cause_of = rule->there[i].service;
        answer->cause_type = rule->there[i].type;
    }
    return behind;
}

/* Whose log is read before its timers run; NULL: they do not wait for any. */
static const MaruEvents__Consumer *find_awaited(const why_service *s)
{
    for (size_t i = 0; i < s->consumer_count; i++)
        if (s->consumers[i]->waits_for)
            return s->consumers[i];
    return NULL;
}

/* What payment asks of the provider is in no log: where it says what, it is known better what an order that was
 * cancelled meanwhile waits for. */
static const struct undoing {
    Payment__PaymentState paying;
    const char           *owed, *own_pace;
} undoings[] = {
    /* It is not called back. */
    {PAYMENT__PAYMENT_STATE__CAPTURING,
     "PaymentCaptured and then RefundSucceeded, or PaymentCaptureRefused and then PaymentVoided",
     "the capture was begun before the cancel came, and what comes of it will be undone: " WHY_ASKS},
    {PAYMENT__PAYMENT_STATE__VOIDING, "PaymentVoided", WHY_ASKS},
};

/* NULL: the rule says all. */
static const struct undoing *find_undoing(const why_facts *facts, const why_rule *rule)
{
    if (rule->owes != BOOK_PAYMENT || strcmp(rule->there[0].type, "OrderCancelled") != 0 ||
        why_find_event(facts, BOOK_PAYMENT, "PaymentAuthorized") == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof undoings / sizeof *undoings; i++)
        if (undoings[i].paying == facts->paying)
            return &undoings[i];
    return NULL;
}

/* Somebody else captured it, and payment, which read that, did not take it in. */
static bool is_in_vain(const why_facts *facts)
{
    const why_service *s = &facts->services[BOOK_PAYMENT];

    for (size_t i = 0; i < s->consumer_count; i++)
        if (strcmp(s->consumers[i]->producer, "provider") == 0 && s->consumers[i]->lag > 0)
            return false;
    return book_is_vain(facts->paying, facts->taken > 0);
}

void why_take(why_facts *facts, const Provider__Operation *operation, const char *currency)
{
    int64_t minor = book_minor(operation->amount);

    facts->refunds += operation->kind == PROVIDER__OPERATION_KIND__REFUND;
    facts->voids += operation->kind == PROVIDER__OPERATION_KIND__VOID;
    if (!operation->succeeded)
        return;
    facts->given_up = facts->given_up || operation->kind == PROVIDER__OPERATION_KIND__VOID;
    if (operation->kind == PROVIDER__OPERATION_KIND__AUTHORIZE) {
        facts->authorized += minor;
    } else if (operation->kind == PROVIDER__OPERATION_KIND__CAPTURE) {
        facts->taken += minor;
        facts->taken_in = currency;
    } else if (operation->kind == PROVIDER__OPERATION_KIND__REFUND) {
        facts->returned += minor;
    }
}

/* That it was captured or given up before is an answer, whose news tells the rest. */
bool why_is_spent(const Provider__Operation *operation, const char *order)
{
    return operation->kind != PROVIDER__OPERATION_KIND__VOID || !foreign_is_key(operation->authorization, order) ||
           (!operation->succeeded && strcmp(operation->reason, "no_such_authorization") == 0);
}

int64_t why_returnable(const why_facts *facts, int64_t minor)
{
    int64_t left = facts->taken - facts->returned;

    return facts->taken > 0 && left < minor ? left : minor;
}

static bool is_spent(const why_facts *facts)
{
    return facts->paying == PAYMENT__PAYMENT_STATE__VOIDING && facts->spent && !facts->given_up && facts->taken == 0;
}

/* asked: that of there[0] which waits for what is owed. */
static void explain(const why_facts *facts, const why_rule *rule, const MaruEvents__Event *asked, why_answer *answer)
{
    const why_service    *s = &facts->services[rule->owes];
    const struct undoing *undoing = find_undoing(facts, rule);

    answer->owes = rule->owes;
    answer->owed = undoing != NULL ? undoing->owed : rule->owed;
    answer->cause_of = rule->there[0].service;
    answer->cause_type = rule->there[0].type;
    answer->cause = asked;
    answer->unsure = s->blind;
    if ((answer->down = s->down) != NULL || (answer->letter = find_letter(s, asked)) != NULL ||
        (answer->behind = find_unread(facts, rule, asked, answer)) != NULL)
        return;
    if (rule->owes == BOOK_PAYMENT && ((answer->refused = facts->kept > 0) || (answer->in_vain = is_in_vain(facts)) ||
                                       (answer->spent = is_spent(facts))))
        return;
    if (rule->timed && (answer->awaited = find_awaited(s)) != NULL)
        return;
    answer->own_pace = undoing != NULL ? undoing->own_pace : rule->own_pace;
    if (rule->owes != BOOK_PAYMENT || *facts->detail == '\0')
        return;
    answer->own_pace = facts->detail;
    answer->help = why_help(facts->detail);
}

/* Of an order that is over nothing is owed, but where payment still asks: what the provider did will be undone, or an
 * operator wants money of a completed order given back. */
static const why_rule asks_on[] = {
    {
        .there = {{BOOK_CHECKOUT, "OrderCancelled"}},
        .owes = BOOK_PAYMENT,
        .owed = "PaymentVoided or RefundSucceeded, where the provider did anything",
        .own_pace = WHY_ASKS,
    },
    {
        .there = {{BOOK_PAYMENT, "PaymentCaptured"}, {BOOK_CHECKOUT, "OrderCompleted"}},
        .owes = BOOK_PAYMENT,
        .owed = "RefundSucceeded",
        .own_pace = "a refund was asked for: " WHY_ASKS,
    },
};

/* Nor where it gave up: part of a refund may have been done before. */
static const why_rule kept_back = {
    .there = {{BOOK_CHECKOUT, "OrderCancelled"}, {BOOK_PAYMENT, "PaymentCaptured"}},
    .owes = BOOK_PAYMENT,
    .owed = "RefundSucceeded",
    .own_pace = "the provider refused to give it back",
};

/* Nor is it over where one who may have to undo something can't be asked what it did: what checkout heard of it is not
 * all. */
static const why_rule unseen[] = {
    {
        .there = {{BOOK_CHECKOUT, "OrderCancelled"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}, {BOOK_INVENTORY, "StockRejected"}},
        .owes = BOOK_INVENTORY,
        .owed = "StockReleased, where it reserved anything",
    },
    {
        .there = {{BOOK_CHECKOUT, "OrderCancelled"}, {BOOK_INVENTORY, "StockReserved"}},
        .missing = {{BOOK_PAYMENT, "PaymentVoided"},
                    {BOOK_PAYMENT, "RefundSucceeded"},
                    {BOOK_PAYMENT, "PaymentDeclined"}},
        .owes = BOOK_PAYMENT,
        .owed = "PaymentVoided or RefundSucceeded, where the provider did anything",
    },
};

/* Of payment not only its log counts: what it asks is in none. */
static bool is_unseen(const why_facts *facts, const why_rule *rule)
{
    const why_service *s = &facts->services[rule->owes];

    return (s->blind || (rule->owes == BOOK_PAYMENT && s->down != NULL)) && fits(facts, rule);
}

static bool asks(const why_facts *facts)
{
    return facts->paying == PAYMENT__PAYMENT_STATE__AUTHORIZING || facts->paying == PAYMENT__PAYMENT_STATE__CAPTURING ||
           facts->paying == PAYMENT__PAYMENT_STATE__VOIDING || facts->paying == PAYMENT__PAYMENT_STATE__REFUNDING;
}

/* What is owed of an order of which the flow's table wants no more; NULL: nothing. */
static const why_rule *find_rest(const why_facts *facts)
{
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (is_unseen(facts, &unseen[i]))
            return &unseen[i];
    for (size_t i = 0; asks(facts) && i < sizeof asks_on / sizeof *asks_on; i++)
        if (fits(facts, &asks_on[i]))
            return &asks_on[i];
    return facts->kept > 0 && fits(facts, &kept_back) ? &kept_back : NULL;
}

/* ---- what came back of an order of the past ---- */

/* Each OrderReturned is answered by an event of its own, said in the same transaction in which it was read. Where
 * payment had not heard yet that the goods were paid, it is in that in which it does: all of them, in their order. To
 * inventory it is the word that they left, if it had no other; an older version waited for that as payment does. */
static const why_rule returns[] = {
    {
        .there = {{BOOK_CHECKOUT, "OrderReturned"}},
        .missing = {{BOOK_INVENTORY, "StockReturned"}},
        .owes = BOOK_INVENTORY,
        .owed = "StockReturned",
        .own_pace = "it notes it at once",
    },
    {
        .there = {{BOOK_CHECKOUT, "OrderReturned"}},
        .missing = {{BOOK_PAYMENT, "RefundSucceeded"}},
        .owes = BOOK_PAYMENT,
        .owed = "RefundSucceeded",
        .own_pace = "it notes it at once",
    },
};

static bool has_answer(const why_service *s, const char *type, const MaruEvents__Event *asked)
{
    for (size_t i = 0; i < s->event_count; i++)
        if (strcmp(book_short_type(s->events[i]->type), type) == 0 &&
            strcmp(s->events[i]->causation_id, asked->id) == 0)
            return true;
    return false;
}

static bool is_said_by(const char *id, book_service service)
{
    const char *name = book_service_name(service);
    size_t      size = strlen(name);

    return strncmp(id, name, size) == 0 && id[size] == '-';
}

/* How many answers follow from the order's own way instead. */
static size_t count_late(const why_service *s, const char *type)
{
    size_t count = 0;

    for (size_t i = 0; i < s->event_count; i++)
        count += strcmp(book_short_type(s->events[i]->type), type) == 0 &&
                 (is_said_by(s->events[i]->causation_id, BOOK_SHIPPING) ||
                  is_said_by(s->events[i]->causation_id, BOOK_INVENTORY));
    return count;
}

/* The first that has no answer; NULL: each has its own. */
static const MaruEvents__Event *find_unanswered(const why_facts *facts, const why_rule *rule)
{
    const why_service *s = &facts->services[rule->there[0].service], *by = &facts->services[rule->owes];
    size_t             late = count_late(by, rule->missing[0].type);

    for (size_t i = 0; i < s->event_count; i++) {
        if (strcmp(book_short_type(s->events[i]->type), rule->there[0].type) != 0 ||
            has_answer(by, rule->missing[0].type, s->events[i]))
            continue;
        if (late == 0)
            return s->events[i];
        late--;
    }
    return NULL;
}

/* What did not leave, as far as inventory knows, does not come back; what payment did not capture it does not give
 * back. Before that, that is what is owed, by the table of the flow. */
static bool waits(const why_facts *facts, const why_rule *rule)
{
    return !facts->services[rule->owes].blind &&
           why_find_event(facts, rule->owes, rule->owes == BOOK_INVENTORY ? "StockShipped" : "PaymentCaptured") == NULL;
}

static bool find_return(const why_facts *facts, why_answer *answer)
{
    for (size_t i = 0; i < sizeof returns / sizeof *returns; i++) {
        const MaruEvents__Event *asked = find_unanswered(facts, &returns[i]);

        if (asked == NULL || waits(facts, &returns[i]))
            continue;
        explain(facts, &returns[i], asked, answer);
        return true;
    }
    return false;
}

/* ---- logs that do not agree ---- */

/* What no cancelled order has in any log. */
static const why_sign not_cancelled[] = {
    {BOOK_CHECKOUT, "OrderCompleted"},
    {BOOK_SHIPPING, "ShipmentDispatched"},
    {BOOK_SHIPPING, "ShipmentDelivered"},
    {BOOK_INVENTORY, "StockShipped"},
};

/* What no completed one has: inventory says no more of it then. */
static const why_sign not_completed = {BOOK_INVENTORY, "StockRejected"};

/* Checkout says nothing more of the way of an order that is over: what would make it is against its end. */
static const why_sign *find_against(const why_facts *facts)
{
    if (why_find_event(facts, BOOK_CHECKOUT, "OrderCancelled") != NULL) {
        for (size_t i = 0; i < sizeof not_cancelled / sizeof *not_cancelled; i++)
            if (find_sign(facts, &not_cancelled[i]) != NULL)
                return &not_cancelled[i];
    } else if (why_find_event(facts, BOOK_CHECKOUT, "OrderCompleted") != NULL) {
        if (find_sign(facts, &not_completed) != NULL)
            return &not_completed;
        for (size_t i = 0; i < why_rule_count; i++)
            if (why_rules[i].owes == BOOK_CHECKOUT && why_rules[i].owed != NULL && fits(facts, &why_rules[i]))
                return &why_rules[i].there[0];
    }
    return NULL;
}

bool why_is_about(const char *aggregate, const char *order)
{
    size_t size = strlen(aggregate), tail = strlen(order);

    return size >= tail && strcmp(aggregate + size - tail, order) == 0 &&
           (size == tail || aggregate[size - tail - 1] == ':');
}

/* A parcel of a cancelled order that nobody stopped, nor will: what would stop it comes before this in the flow. */
static const why_rule not_stopped = {
    .there = {{BOOK_SHIPPING, "ShipmentPacked"}, {BOOK_CHECKOUT, "OrderCancelled"}},
    .missing = {{BOOK_SHIPPING, "ShipmentCancelled"}},
};

static void find_owed(const why_facts *facts, const why_rule *rule, why_answer *answer)
{
    if (rule->owed == NULL)
        rule = find_rest(facts);
    answer->over = rule == NULL;
    if (answer->over && fits(facts, &not_stopped))
        answer->against = find_sign(facts, &not_stopped.there[0]);
    if (rule != NULL)
        explain(facts, rule, find_sign(facts, &rule->there[0]), answer);
}

void why_find(const why_facts *facts, why_answer *answer)
{
    const why_sign *against = find_against(facts);
    size_t          i = 0;

    *answer = (why_answer){.last = find_newest(facts)};
    if (!facts->services[BOOK_CHECKOUT].blind && why_find_event(facts, BOOK_CHECKOUT, "OrderSubmitted") == NULL) {
        answer->orphan = answer->last;
        return;
    }
    while (i < why_rule_count && !fits(facts, &why_rules[i]))
        i++;
    if (i == why_rule_count)
        return;
    answer->known = true;
    if (against != NULL) {
        answer->over = true;
        answer->against = find_sign(facts, against);
    } else if (!find_return(facts, answer)) {
        find_owed(facts, &why_rules[i], answer);
    }
}
