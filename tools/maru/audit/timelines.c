/* timelines.c: see timelines.h. A window of calls in flight; answers come on the strand, which alone writes the book
 * meanwhile. */
#include "audit/timelines.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/fold.h"
#include "shop/checkout.maru.h"

enum { WINDOW = 256 };

typedef struct asking asking;

/* One call in flight; its place is used again when it was answered. */
typedef struct question {
    asking          *all;
    struct question *next; /* of those that are free */
    maru_call       *call;
    book_order      *order;
} question;

struct asking {
    maru_runtime   *runtime;
    maru_client    *checkout;
    int64_t         timeout_ms;
    book           *b;
    pthread_mutex_t mutex;
    pthread_cond_t  freed;
    question       *free; /* under mutex, as are the next two */
    size_t          in_flight;
    maru_error      failed; /* OK: none did */
    question        questions[WINDOW];
};

static void on_answer(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    question *q = arg;
    asking   *a = q->all;

    if (status == MARU_OK)
        fold_timeline(a->b, q->order, (const Checkout__Timeline *)response);
    if (status == MARU_DATA_LOSS)
        book_unhear(a->b, q->order, message);
    pthread_mutex_lock(&a->mutex);
    if (status != MARU_OK && status != MARU_NOT_FOUND && status != MARU_DATA_LOSS && a->failed.code == MARU_OK)
        maru_error_set(&a->failed, status, "%s", message);
    q->next = a->free;
    a->free = q;
    a->in_flight--;
    pthread_cond_signal(&a->freed);
    pthread_mutex_unlock(&a->mutex);
}

/* NULL where a call failed: no more are made. */
static question *take_free(asking *a)
{
    question *q = NULL;

    pthread_mutex_lock(&a->mutex);
    while (a->free == NULL)
        pthread_cond_wait(&a->freed, &a->mutex);
    if (a->failed.code == MARU_OK) {
        q = a->free;
        a->free = q->next;
        a->in_flight++;
    }
    pthread_mutex_unlock(&a->mutex);
    return q;
}

static void ask_one(question *q, book_order *order)
{
    Checkout__GetTimelineRequest request = CHECKOUT__GET_TIMELINE_REQUEST__INIT;

    q->order = order;
    if (q->call != NULL)
        maru_call_end(q->call);
    if ((q->call = maru_call_begin(q->all->runtime, q->all->timeout_ms)) == NULL) {
        on_answer(q, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory", NULL);
        return;
    }
    request.name = (char *)order->name;
    checkout_get_timeline_async(q->all->checkout, q->call, &request, on_answer, q);
}

static void ask_all(asking *a)
{
    for (size_t i = 0; i < a->b->room; i++) {
        book_order *order = book_order_at(a->b, i);
        question   *q;

        if (order == NULL || order->order == NULL)
            continue;
        if ((q = take_free(a)) == NULL)
            return;
        ask_one(q, order);
    }
}

static void wait_for_all(asking *a)
{
    pthread_mutex_lock(&a->mutex);
    while (a->in_flight > 0)
        pthread_cond_wait(&a->freed, &a->mutex);
    pthread_mutex_unlock(&a->mutex);
    for (size_t i = 0; i < WINDOW; i++)
        if (a->questions[i].call != NULL)
            maru_call_end(a->questions[i].call);
}

maru_status timelines_ask(maru_runtime *runtime, maru_client *checkout, int64_t timeout_ms, book *b, maru_error *error)
{
    asking     *a = calloc(1, sizeof *a);
    maru_status status;

    if (a == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
    *a = (asking){.runtime = runtime, .checkout = checkout, .timeout_ms = timeout_ms, .b = b};
    pthread_mutex_init(&a->mutex, NULL);
    pthread_cond_init(&a->freed, NULL);
    for (size_t i = 0; i < WINDOW; i++) {
        a->questions[i] = (question){.all = a, .next = a->free};
        a->free = &a->questions[i];
    }
    ask_all(a);
    wait_for_all(a);
    if ((status = a->failed.code) != MARU_OK)
        maru_error_set(error, status, "%s", a->failed.text);
    pthread_cond_destroy(&a->freed);
    pthread_mutex_destroy(&a->mutex);
    free(a);
    return status;
}
