/* built_in.h: the services that every process has beside its own: health, reflection and so on. Who prints services
 * prints them by rank: a process's own first, then these, in one order.
 */
#ifndef MARU_BUILT_IN_H
#define MARU_BUILT_IN_H

enum { BUILT_IN_OWN = 0, BUILT_IN_RANKS = 6 };

/* built_in_rank is BUILT_IN_OWN, or 1.. of one that is built in. service: its full name, "grpc.health.v1.Health". Pure.
 */
int built_in_rank(const char *service);

#endif
