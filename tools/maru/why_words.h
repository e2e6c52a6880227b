/* why_words.h: what maru order why found (audit/why.h), as a person reads it: what is owed, what keeps it, and commands
 * that can be copied. */
#ifndef MARU_WHY_WORDS_H
#define MARU_WHY_WORDS_H

#include <stdio.h>

#include "audit/why.h"

/* data: as --data was given, for the commands; or NULL. */
void why_print_answer(const why_answer *a, const why_facts *facts, const char *data, FILE *out);

/* What failed at a service is never left out: also where it keeps nothing that is owed. */
void why_print_failed(const char *service, const why_service *s, const why_answer *a, const char *data, FILE *out);

/* A service that can't be asked leaves a hole in the facts: said, since what is owed may be another thing then. */
void why_print_holes(const why_facts *facts, const why_answer *a, FILE *out);

/* What a restored store forgot, others may have acted upon. */
void why_print_lost(const why_facts *facts, FILE *out);

/* An order of which checkout's log knows nothing and others do: how far it went, and what can safely be done. */
void why_print_orphan(const why_answer *a, const why_facts *facts, const char *data, FILE *out);

/* On stderr, of the same. The status to exit with. */
int why_complain_orphan(const why_answer *a, const why_facts *facts);

/* Of an order of which no service said anything: one form, whoever was asked. */
#define WHY_UNKNOWN "%s: checkout knows no such order"

/* Says that on stderr, and what payment heard of it by the provider. The status to exit with. */
int why_complain_unknown(const why_facts *facts);

#endif
