/* scan_state.h: where a scan stands, and how that is said to a person. For scan.c and scan_path.c only. */
#ifndef MARU_SCAN_STATE_H
#define MARU_SCAN_STATE_H

#include <stdbool.h>

#include "wire/scan.h"

/* Bits for the fields of all messages that are open at one time: 512 fields in each of 64. */
enum { SCAN_SEEN_WORDS = 512 };

/* A message that is open: the root, or a sub-message in it. */
typedef struct scan_level {
    const ProtobufCMessageDescriptor *type;
    const uint8_t                    *start, *end;
    uint64_t                         *seen; /* a bit a field of type */
    /* The field that is being looked at. */
    const uint8_t                  *tag;
    const ProtobufCFieldDescriptor *field;  /* NULL: unknown, or not read yet */
    uint32_t                        number; /* 0: not read yet */
} scan_level;

typedef struct scan {
    const scan_limits *limits;
    maru_error        *error;
    const uint8_t     *bytes;
    scan_level        *levels, *level; /* level is the innermost that is open */
    size_t             depth;          /* how many are */
    uint64_t          *seen;
    size_t             fields, memory;
    maru_status        status;
} scan;

/* scan_fail notes status, and in words where the scan stands and what is wrong there; returns NULL. */
const uint8_t *scan_fail(scan *s, maru_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
