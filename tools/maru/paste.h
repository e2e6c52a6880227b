/* paste.h: commands of maru as people paste them: a line each, indented, that a shell reads back as it was meant. */
#ifndef MARU_PASTE_H
#define MARU_PASTE_H

#include <stddef.h>
#include <stdio.h>

#include "maru/events.maru.h"

/* paste_begin prints maru, as it was called here, and the subcommand; the caller its words; paste_end --data DIR, where
 * data is not NULL, and the end of the line. paste_command is all of it. */
void paste_begin(const char *verb, FILE *out);
void paste_end(const char *data, FILE *out);
void paste_command(const char *verb, const char *const *words, size_t count, const char *data, FILE *out);

/* paste_mend: what is done about an event that failed at a service. verb: "show", "retry", or "skip", of its version.
 */
void paste_mend(const char *verb, const char *service, const MaruEvents__Event *event, const char *data, FILE *out);

#endif
