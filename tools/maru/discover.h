/* discover.h: the services that stand beside the command line: programs of one folder that carry the note (note.h) and,
 * asked with
 * --probe, say what they are. A new service needs no entry anywhere. Blocks.
 */
#ifndef MARU_DISCOVER_H
#define MARU_DISCOVER_H

#include <limits.h>
#include <stddef.h>

#include "app/nearest.h"
#include "maru/status.h"
#include "state.h"

enum { DISCOVER_SETTINGS = 8 };

typedef struct found_service {
    char   name[STATE_NAME_MAX + 1];
    char   program[PATH_MAX];
    char   settings[DISCOVER_SETTINGS][NEAREST_WORD_MAX]; /* of its own; "" past the last */
    char **more; /* further words for its command line, NULL-terminated; NULL: none */
} found_service;

#define EDGE_NAME "edge"

/* discover_services fills found, sorted by name. folder NULL: that of this program. Where something is found, but no
 * edge, the one that is installed with this program is added. An error where the folder cannot be
 * read, or two programs say the same name. A program that does not answer within 5 s is an error too. */
maru_status discover_services(const char *folder, found_service *found, size_t max, size_t *count, maru_error *error);

/* discover_unknown says that no service has this name: which one may have been meant, or which there are, as maru call
 * says it. other: a name that could stand there too; NULL: none. Pure. */
enum { DISCOVER_WORDS = 400 };
const char *discover_unknown(const found_service *found, size_t count, const char *other, const char *name,
                             char out[static DISCOVER_WORDS]);

/* The name in "maru-service NAME VERSION"; false where line is no such thing. Pure. */
_Bool discover_parse(const char *line, char name[static STATE_NAME_MAX + 1]);

#endif
