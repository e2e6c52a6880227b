/* heard.c: see heard.h. */
#include "audit/heard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* An id is PRODUCER-EPOCH(16 hex)-SEQUENCE. One that is not leaves both 0. */
static void read_id(const char *id, MaruEvents__Event *event)
{
    const char *epoch = strchr(id, '-');

    if (epoch == NULL || sscanf(epoch, "-%16" SCNx64 "-%" SCNu64, &event->epoch, &event->sequence) != 2)
        event->epoch = event->sequence = 0;
}

static void from_entry(const why_facts *facts, const Checkout__TimelineEntry *entry, MaruEvents__Event *event)
{
    maru_events__event__init(event);
    event->id = entry->event_id;
    event->type = entry->type;
    event->producer = entry->service;
    event->aggregate = (char *)facts->order;
    event->version = entry->version;
    event->time = entry->time;
    event->causation_id = entry->causation_id;
    read_id(entry->event_id, event);
}

void heard_fill(why_facts *facts, const Checkout__Timeline *timeline, MaruEvents__Event *events,
                MaruEvents__Event **list)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++) {
        why_service *s = &facts->services[i];

        if (!s->blind)
            continue;
        s->events = list;
        s->event_count = 0;
        for (size_t j = 0; j < timeline->n_entries; j++)
            if (book_service_of(timeline->entries[j]->service) == (book_service)i) {
                from_entry(facts, timeline->entries[j], events);
                s->events[s->event_count++] = events++;
            }
        list += s->event_count;
    }
}
