/* request_id.h: the ids that the library gives to exactly-once calls, which carry their time.
 *
 * Such an id is "m1-<13 hex digits: ms since 1970>-<16 hex digits: random>", so that whoever keeps replies can tell an
 * id that is older than what it keeps from one that it never saw. Ids of other makes are taken as they are. Pure.
 */
#ifndef MARU_REQUEST_ID_H
#define MARU_REQUEST_ID_H

#include <stddef.h>
#include <stdint.h>

enum {
    REQUEST_ID_MAX = 128,     /* of any id, without its NUL */
    REQUEST_ID_MADE = 33,     /* of one of ours */
    REQUEST_ID_SIZE = 33 + 1, /* a buffer for one of ours */
};

typedef enum request_id_kind {
    REQUEST_ID_BAD,     /* empty, too long, not printable ASCII, or begins with "m1-" and is none of ours */
    REQUEST_ID_FOREIGN, /* of another make: says nothing about its time */
    REQUEST_ID_OURS,
} request_id_kind;

/* request_id_make writes an id. wall_ns is since 1970, and at least 0; random should be unpredictable. */
void request_id_make(char into[static REQUEST_ID_SIZE], int64_t wall_ns, uint64_t random);

/* request_id_parse tells what kind of id it is; *made_ms is set where it is one of ours. */
request_id_kind request_id_parse(const char *id, int64_t *made_ms);

#endif
