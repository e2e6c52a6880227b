/* verdict.h: what maru audit says of a shop that was ill-treated, and the folder in which it was. */
#ifndef MARU_SOAK_VERDICT_H
#define MARU_SOAK_VERDICT_H

#include "fleet.h"

enum { VERDICT = 256 };

/* verdict_ask waits up to wait_s seconds until nothing is under way, and audits. The last line goes into verdict, the
 * others to stderr. True where it is clean. */
bool verdict_ask(const fleet *f, int wait_s, char verdict[static VERDICT]);

/* A folder for stores and logs: given, or a new one under /tmp, which goes again where all was well. */
typedef struct verdict_folder {
    char        path[512];
    const char *name; /* of the program, for words */
    bool        made;
} verdict_folder;

bool verdict_folder_make(verdict_folder *folder, const char *name, const char *given);
void verdict_folder_leave(verdict_folder *folder, bool well);

#endif
