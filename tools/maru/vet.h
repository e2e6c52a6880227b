/* vet.h: what services say of the settings that they would be started with: each is asked with --print-config, which
 * reads the same file and the same environment, and neither makes nor serves anything. Blocks, for the time that it
 * takes to start each once.
 */
#ifndef MARU_VET_H
#define MARU_VET_H

#include "discover.h"

typedef struct vet_plan {
    const found_service *found;
    size_t               count;
    const found_service *all; /* of the application, whether or not they are asked */
    size_t               all_count;
    const char          *data, *config; /* NULL: not said */
} vet_plan;

/* vet_services is OK where all of them take their settings. Else the words of the first that does not, once, behind the
 * names of all that say the same where others do not: INVALID_ARGUMENT where it calls it wrong usage,
 * FAILED_PRECONDITION where it says that it cannot. What a service cannot even be asked (it is killed, or does not end)
 * is no word on its settings: starting it will tell. */
maru_status vet_services(const vet_plan *plan, maru_error *error);

/* Whether two services say the same: that they know other settings, one of which may have been meant, is no difference.
 * Pure. */
_Bool vet_same(const char *a, const char *b);

#endif
