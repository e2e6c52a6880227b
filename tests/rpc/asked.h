/* asked.h: a call that a callback ends, for tests that wait for its end. Header only.
 *
 *   asked a;
 *   asked_begin(&a, rt, 2000);
 *   echo_echo_async(client, a.call, &request, asked_on_end, &a);
 *   CHECK_INT(asked_end(&a), MARU_OK);
 */
#ifndef MARU_TESTS_ASKED_H
#define MARU_TESTS_ASKED_H

#include <semaphore.h>
#include <stdio.h>

#include "maru/client.h"
#include "maru/runtime.h"

typedef struct asked {
    maru_call  *call;
    sem_t       ended;
    maru_status status;
    char        words[256];
} asked;

static inline void asked_begin(asked *a, maru_runtime *rt, int64_t ms)
{
    *a = (asked){.call = maru_call_begin(rt, ms)};
    sem_init(&a->ended, 0, 0);
}

static inline void asked_on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    asked *a = arg;

    (void)response;
    a->status = status;
    snprintf(a->words, sizeof a->words, "%s", message);
    sem_post(&a->ended);
}

/* asked_end waits for the end, and gives the call back. status and words stay. */
static inline maru_status asked_end(asked *a)
{
    while (sem_wait(&a->ended) != 0)
        ;
    maru_call_end(a->call);
    return a->status;
}

#endif
