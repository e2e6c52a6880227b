/* dump.h: records of a store as JSON, one a line. What a record's type is its service says: its program, asked with
 * --probe, names the types of its tables, and the service that runs has their schema.
 */
#ifndef MARU_DUMP_H
#define MARU_DUMP_H

#include <stdio.h>

#include "maru/schema.h"
#include "session.h"
#include "store/care.h"

enum { DUMP_TABLES = 256, DUMP_NAME_MAX = 64 };

typedef struct dump {
    session               session;
    FILE                 *out;
    int                   failed; /* errno of out, 0: none */
    uint64_t              printed;
    uint64_t              damaged; /* of these */
    uint64_t              bare;    /* records that were printed as bytes, but for the library's that are no messages */
    const schema_message *types[DUMP_TABLES];
    char                  names[DUMP_TABLES][DUMP_NAME_MAX];
} dump;

/* dump_open asks the service, or instance of it, of that name, if it runs: pid is its process, 0 where it does not, and
 * then no type is known but the library's own. d is to be closed, also after an error. Blocks. */
maru_status dump_open(dump *d, FILE *out, const char *data, const char *service, int64_t pid, maru_error *error);
void        dump_close(dump *d);

/* dump_record prints {"table":"guests","key":"minji","record":{...}}. A key that is no text is "keyBytes", in base64;
 * so is a record of a type that is not known: "bytes". One that is damaged is {"table":...,"key":...,"damaged":"why"}.
 * It is a care_see, arg a dump: false where out can't be written to. */
bool dump_record(void *arg, const care_record *record);

#endif
