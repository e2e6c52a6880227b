/* metadata.h: what --metadata KEY=VALUE said, as often as it was given. */
#ifndef MARU_METADATA_H
#define MARU_METADATA_H

#include "command.h"
#include "maru/call.h"

enum { METADATA_MAX = 64 };

typedef struct metadata {
    const char *pairs[METADATA_MAX]; /* "key=value", of argv */
    size_t      count;
} metadata;

/* metadata_take is -1 where value may be sent along, and takes it; else it complains, and returns EXIT_WRONG_USAGE. */
int         metadata_take(metadata *m, const command *self, const char *value);
maru_status metadata_add(const metadata *m, maru_call *call, maru_error *error);

#endif
