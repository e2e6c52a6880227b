/* why_world.h: facts made by hand, for why_test: what services said of an order, and how their inboxes stand. Header
 * only. */
#ifndef MARU_TEST_WHY_WORLD_H
#define MARU_TEST_WHY_WORLD_H

#include <stdio.h>
#include <string.h>

#include "audit/why.h"
#include "test.h"

/* The steps of an order, for world_make. */
#define SUBMITTED  "checkout:OrderSubmitted "
#define RESERVED   SUBMITTED "inventory:StockReserved "
#define AUTHORIZED RESERVED "payment:PaymentAuthorized "
#define CONFIRMED  AUTHORIZED "checkout:OrderConfirmed "
#define COMMITTED  CONFIRMED "inventory:StockCommitted "
#define PACKED     COMMITTED "shipping:ShipmentPacked "
#define CAPTURED   PACKED "payment:PaymentCaptured "
#define DISPATCHED CAPTURED "shipping:ShipmentDispatched "
#define SHIPPED    DISPATCHED "inventory:StockShipped "
#define DELIVERED  SHIPPED "shipping:ShipmentDelivered "
#define REQUESTED  COMMITTED "checkout:OrderCancelRequested "
#define STOPPED    REQUESTED "shipping:ShipmentCancelled "
#define CANCELLED  "checkout:OrderCancelled "
/* Packed, then cancelled; what is paid is not undone yet. */
#define LATE    PACKED "checkout:OrderCancelRequested shipping:ShipmentCancelled " CANCELLED "inventory:StockReleased "
#define EXPIRED RESERVED "inventory:StockReleased "
#define PAID_BY_OTHERS                                                                                                 \
    PACKED "payment:PaymentCaptureRefused payment:PaymentCaptured shipping:ShipmentDispatched inventory:StockShipped " \
           "shipping:ShipmentDelivered checkout:OrderCompleted "
#define COMPLETED DELIVERED "checkout:OrderCompleted "
#define RETURNED  COMPLETED "checkout:OrderReturned "
#define EARLY                                                                                                          \
    DISPATCHED "shipping:ShipmentDelivered checkout:OrderCompleted checkout:OrderReturned checkout:OrderReturned "     \
               "payment:RefundSucceeded<checkout-4 payment:RefundSucceeded<checkout-5 "
#define ANSWERED RETURNED "inventory:StockReturned<checkout-4 payment:RefundSucceeded<checkout-4 "

enum { EVENTS_MOST = 10, LETTERS_MOST = 4 };

/* Facts that are being made: events as "checkout:OrderSubmitted", in the order of their time. That which an event
 * answers may stand behind it: "payment:RefundSucceeded<checkout-3". */
typedef struct world {
    why_facts                   facts;
    MaruEvents__Event           events[BOOK_SERVICE_COUNT][EVENTS_MOST];
    MaruEvents__Event          *lists[BOOK_SERVICE_COUNT][EVENTS_MOST];
    char                        types[BOOK_SERVICE_COUNT][EVENTS_MOST][64];
    char                        ids[BOOK_SERVICE_COUNT][EVENTS_MOST][32], causes[BOOK_SERVICE_COUNT][EVENTS_MOST][32];
    MaruEvents__Consumer        consumers[BOOK_SERVICE_COUNT];
    MaruEvents__Consumer       *consumer_lists[BOOK_SERVICE_COUNT][1];
    MaruEvents__DeadLetter      letters[BOOK_SERVICE_COUNT][LETTERS_MOST];
    MaruEvents__DeadLetter     *letter_lists[BOOK_SERVICE_COUNT][LETTERS_MOST];
    MaruEvents__Event           failed[BOOK_SERVICE_COUNT][LETTERS_MOST];
    Google__Protobuf__Timestamp times[BOOK_SERVICE_COUNT * EVENTS_MOST];
    int                         clock;
} world;

static inline void say(world *w, book_service service, const char *type)
{
    why_service       *s = &w->facts.services[service];
    size_t             at = s->event_count++;
    MaruEvents__Event *event = &w->events[service][at];

    maru_events__event__init(event);
    snprintf(w->types[service][at], sizeof w->types[0][0], "shop.%s.v1.%s", book_service_name(service), type);
    event->type = w->types[service][at];
    event->type[strcspn(event->type, "<")] = '\0';
    snprintf(w->ids[service][at], sizeof w->ids[0][0], "%s-%zu", book_service_name(service), at + 1);
    event->id = w->ids[service][at];
    snprintf(w->causes[service][at], sizeof w->causes[0][0], "%s",
             strchr(type, '<') == NULL ? "" : strchr(type, '<') + 1);
    event->causation_id = w->causes[service][at];
    event->aggregate = (char *)w->facts.order;
    event->producer = (char *)book_service_name(service);
    event->sequence = 10 * (at + 1);
    event->version = at + 1;
    google__protobuf__timestamp__init(&w->times[w->clock]);
    w->times[w->clock].seconds = 1000 + w->clock;
    event->time = &w->times[w->clock++];
    w->lists[service][at] = event;
    s->events = w->lists[service];
}

/* Words such as "checkout:OrderSubmitted inventory:StockReserved". */
static inline void world_make(world *w, const char *words)
{
    char text[1024], *rest = text, *word;

    *w = (world){.facts = {.order = "orders/a", .detail = ""}};
    snprintf(text, sizeof text, "%s", words);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *type = strchr(word, ':');

        if (type == NULL)
            continue;
        *type = '\0';
        say(w, book_service_of(word), type + 1);
    }
}

static inline void set_consumer(world *w, book_service service, const char *producer, uint64_t sequence)
{
    MaruEvents__Consumer *c = &w->consumers[service];

    maru_events__consumer__init(c);
    c->producer = (char *)producer;
    c->sequence = sequence;
    w->consumer_lists[service][0] = c;
    w->facts.services[service].consumers = w->consumer_lists[service];
    w->facts.services[service].consumer_count = 1;
}

/* An event of a producer about an aggregate failed at a service. */
static inline MaruEvents__DeadLetter *fail(world *w, book_service service, const char *producer, const char *aggregate)
{
    why_service            *s = &w->facts.services[service];
    size_t                  at = s->letter_count++;
    MaruEvents__DeadLetter *letter = &w->letters[service][at];

    maru_events__dead_letter__init(letter);
    maru_events__event__init(&w->failed[service][at]);
    letter->event = &w->failed[service][at];
    letter->event->producer = (char *)producer;
    letter->event->aggregate = (char *)aggregate;
    w->letter_lists[service][at] = letter;
    s->letters = w->letter_lists[service];
    return letter;
}

#endif
