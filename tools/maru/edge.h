/* edge.h: what maru up starts the edge with: where it serves HTTP, and the other services as its peers.
 *
 * The edge is a service among those that were found, by its name. Blocks on nothing but the tables of open ports.
 */
#ifndef MARU_EDGE_H
#define MARU_EDGE_H

#include <stdbool.h>

#include "app/rundir.h"
#include "discover.h"

enum { EDGE_WORDS = 512 };

#define EDGE_DEFAULT "127.0.0.1:8080" /* without --edge; only this machine reaches it */

typedef struct edge_plan {
    const char          *address; /* NULL: not given; "none": no edge */
    const char          *where;   /* it was given: "--edge" */
    const found_service *all;     /* every service that was found: those that it may call */
    size_t               all_count;
    bool                 named; /* services were named: the edge serves these only */
} edge_plan;

/* edge_check_address is whether this can be said to --edge: NULL, or what was wanted. Pure. */
const char *edge_check_address(const char *text);

/* edge_wanted is whether the edge runs where names were given that it is not among: --edge says so. */
bool edge_wanted(const edge_plan *plan);

/* edge_unwanted is whether no edge is to run, though there is one: --edge none. */
bool edge_unwanted(const edge_plan *plan);

/* edge_settle gives the edge that is among found its words, or takes it out: where --edge is none, and where it is not
 * given and the default port is in use (then note says by whom, else it is ""). ALREADY_EXISTS where the port that
 * --edge gives is in use, INVALID_ARGUMENT where there is no such host, or it is another machine's, NOT_FOUND where
 * there is no edge. Looks the host up, which may block. */
maru_status edge_settle(const edge_plan *plan, const rundir *dir, found_service *found, size_t *count,
                        char note[static EDGE_WORDS], maru_error *error);
void        edge_forget(found_service *found, size_t count);

/* edge_refused is whether the edge, which could not run, could not listen on its address now: somebody took the port
 * between edge_settle and its own start. Then words is what edge_settle would say. Looks the host up, as that does. */
bool edge_refused(const edge_plan *plan, char words[static EDGE_WORDS]);

/* edge_stay makes an edge that is started again take the port that it has: urls are those of its ready line. */
void edge_stay(found_service *edge, const char *urls);

#endif
