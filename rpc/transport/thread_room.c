/* thread_room.c: whether the threads that nng starts can be made, tried by making as many. See thread_room.h. */
#include "transport/thread_room.h"

#include <assert.h>
#include <pthread.h>

/* A thread that is there until its maker lets go. */
static void *stay(void *arg)
{
    pthread_mutex_t *all_made = arg;

    pthread_mutex_lock(all_made);
    pthread_mutex_unlock(all_made);
    return NULL;
}

size_t thread_room(size_t want, int *why)
{
    pthread_mutex_t all_made = PTHREAD_MUTEX_INITIALIZER;
    pthread_t       threads[THREAD_ROOM_MAX];
    size_t          made = 0;

    assert(want <= THREAD_ROOM_MAX);
    *why = 0;
    pthread_mutex_lock(&all_made);
    while (made < want && (*why = pthread_create(&threads[made], NULL, stay, &all_made)) == 0)
        made++;
    pthread_mutex_unlock(&all_made);
    for (size_t i = 0; i < made; i++)
        pthread_join(threads[i], NULL);
    return made;
}
