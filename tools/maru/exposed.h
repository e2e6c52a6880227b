/* exposed.h: the OpenMetrics texts of several services as one: families together, the service's name as a label. Pure
 * but for memory.
 */
#ifndef MARU_EXPOSED_H
#define MARU_EXPOSED_H

#include <stdbool.h>
#include <stdio.h>

typedef struct exposed_family {
    struct exposed_family *next;
    char                  *name, *head; /* its lines that begin with # */
    char                  *samples;
    size_t                 size, room; /* of samples */
} exposed_family;

typedef struct exposed {
    exposed_family *first, **last;
} exposed;

void exposed_open(exposed *all);
void exposed_close(exposed *all);

/* exposed_add takes in what a service says, which need not be kept. False where memory is out. */
bool exposed_add(exposed *all, const char *service, const char *text);
/* With its "# EOF". */
void exposed_print(const exposed *all, FILE *out);

#endif
