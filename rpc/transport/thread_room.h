/* thread_room.h: whether threads can be made, before a library is called that can't do without and does not say so. */
#ifndef MARU_THREAD_ROOM_H
#define MARU_THREAD_ROOM_H

#include <stddef.h>

enum { THREAD_ROOM_MAX = 512 };

/* How many of want threads (at most THREAD_ROOM_MAX), of the usual stack size, can be there at the same time: makes
 * them, and lets them end. Where it is fewer, *why is the errno value of the first that could not be made. Blocks for
 * tens of microseconds a thread. Any thread. */
size_t thread_room(size_t want, int *why);

#endif
