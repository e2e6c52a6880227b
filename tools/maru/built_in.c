/* built_in.c: ranks the full names of the services that every process has. */
#include "built_in.h"

#include <string.h>

int built_in_rank(const char *service)
{
    static const char *const beginnings[BUILT_IN_RANKS] = {
        "", "grpc.health.", "maru.reflection.", "maru.metrics.", "maru.log.", "maru.events."};
    int rank = BUILT_IN_RANKS - 1;

    while (rank > BUILT_IN_OWN && strncmp(service, beginnings[rank], strlen(beginnings[rank])) != 0)
        rank--;
    return rank;
}
