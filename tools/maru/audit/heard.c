/* heard.c: enters the events of checkout's timelines into the book for services whose log is missing. */
#include "audit/heard.h"

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
    book_read_id(entry->event_id, &event->epoch, &event->sequence);
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
