/* tables.h: what rpc/events keeps in a service's store, and the keys of it. Pure, but for tables_add.
 *
 *   table        key                                       record
 *   LATER        "KIND/NAME"                               Later: a timer or a task
 *   LATER_DUE    due_ms, "KIND/NAME"                       nothing: the index by which due ones are found
 *   PENDING      producer, NUL, aggregate, NUL, version    Pending: an event that is tried again, or waits behind one
 *   APPLIED      producer, NUL, aggregate                  Applied: its newest version that was taken in
 *   INBOX        producer                                  Inbox: how far its log was read
 *   AGGREGATES   aggregate, NUL, version                   Entry: where in the log that event is
 *   LOG          sequence                                  Event
 *
 * Numbers in keys are 8 bytes, big-endian, so that they sort.
 */
#ifndef MARU_EVENTS_TABLES_H
#define MARU_EVENTS_TABLES_H

#include "maru/events.h"
#include "maru/events.pb-c.h"
#include "store/inside.h"

extern const maru_table events_later, events_later_due, events_pending, events_applied, events_inbox, events_aggregates,
    events_log;

void tables_add(maru_store *store);

/* A key that is being made. What does not fit is an error that those who check names before make impossible. */
typedef struct event_key {
    size_t  size;
    uint8_t bytes[MARU_KEY_MAX];
} event_key;

void     key_text(event_key *key, const char *text); /* appends it without its NUL */
void     key_nul(event_key *key);
void     key_number(event_key *key, uint64_t number);
maru_key key_of(const event_key *key);

void key_copy(event_key *to, maru_key from);

/* Whether two keys of pending events are about the same aggregate of the same producer. */
bool key_same_aggregate(maru_key a, maru_key b);

/* The number that a key ends with. */
uint64_t key_last_number(maru_key key);

/* "producer NUL aggregate", and with a version behind. */
void key_inbox_aggregate(event_key *key, const char *producer, const char *aggregate);
void key_pending(event_key *key, const char *producer, const char *aggregate, uint64_t version);

#endif
