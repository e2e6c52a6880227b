/* event_text.h: an event as people read it: its time, its type, and its payload as JSON. */
#ifndef MARU_EVENT_TEXT_H
#define MARU_EVENT_TEXT_H

#include <stdio.h>

#include "maru/events.maru.h"
#include "maru/schema.h"

/* "2026-01-31T09:00:00.123Z". NULL is the beginning of 1970. */
void event_print_time(const Google__Protobuf__Timestamp *time, FILE *out);

/* "OrderSubmitted" of "shop.checkout.v1.OrderSubmitted". */
const char *event_short_type(const char *type);

/* event_print_payload prints the payload without its secrets and the end of its line, with indent spaces a level (0: in
 * one line), where pool knows its type; else how many bytes it has. pool may be NULL. */
void event_print_payload(maru_arena *arena, const schema_pool *pool, const MaruEvents__Event *event, unsigned indent,
                         FILE *out);

#endif
