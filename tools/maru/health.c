/* health.c: opens a client for each of many services, and asks for the health of all at once. */
#include "health.h"

#include <pthread.h>
#include <stdlib.h>

#include "grpc/health/v1/health.maru.h"
#include "maru/client.h"
#include "maru/runtime.h"

/* How many answers are still to come; answers arrive on the strand. */
typedef struct countdown {
    pthread_mutex_t mutex;
    pthread_cond_t  done;
    size_t          left;
} countdown;

typedef struct question {
    health_check *check;
    countdown    *left;
    maru_client  *client;
    maru_call    *call;
} question;

static void count_one(countdown *c)
{
    pthread_mutex_lock(&c->mutex);
    if (--c->left == 0)
        pthread_cond_signal(&c->done);
    pthread_mutex_unlock(&c->mutex);
}

static const char *word_of(maru_status status, const ProtobufCMessage *response)
{
    const GrpcHealth__HealthCheckResponse *answer = (const GrpcHealth__HealthCheckResponse *)response;
    const ProtobufCEnumValue              *value;

    if (status != MARU_OK)
        return "UNREACHABLE";
    value = protobuf_c_enum_descriptor_get_value(&grpc_health__health_check_response__serving_status__descriptor,
                                                 (int)answer->status);
    return value != NULL ? value->name : "UNKNOWN";
}

static void on_answer(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    question *q = arg;

    snprintf(q->check->word, sizeof q->check->word, "%s", word_of(status, response));
    if (status != MARU_OK)
        snprintf(q->check->why, sizeof q->check->why, "%s: %s", maru_status_name(status),
                 maru_status_words(status, message));
    count_one(q->left);
}

static void ask_one(maru_runtime *runtime, question *q)
{
    static const GrpcHealth__HealthCheckRequest whole = GRPC_HEALTH__HEALTH_CHECK_REQUEST__INIT;
    maru_client_options                         options = {.backoff_first_ms = 50, .backoff_max_ms = 200};

    if (q->check->url[0] == '\0') {
        count_one(q->left);
        return;
    }
    if (maru_client_new(runtime, q->check->url, &options, &q->client, NULL) != MARU_OK ||
        (q->call = maru_call_begin(runtime, HEALTH_TIMEOUT_MS)) == NULL) {
        snprintf(q->check->word, sizeof q->check->word, "UNREACHABLE");
        count_one(q->left);
        return;
    }
    maru_health_check_async(q->client, q->call, &whole, on_answer, q);
}

static void ask_all(maru_runtime *runtime, health_check *checks, question *questions, size_t count)
{
    countdown left = {.mutex = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER, .left = count};

    for (size_t i = 0; i < count; i++) {
        questions[i] = (question){.check = &checks[i], .left = &left};
        ask_one(runtime, &questions[i]);
    }
    pthread_mutex_lock(&left.mutex);
    while (left.left > 0)
        pthread_cond_wait(&left.done, &left.mutex);
    pthread_mutex_unlock(&left.mutex);
    for (size_t i = 0; i < count; i++) {
        if (questions[i].client != NULL)
            maru_client_free(questions[i].client);
        if (questions[i].call != NULL)
            maru_call_end(questions[i].call);
    }
}

maru_status health_ask(health_check *checks, size_t count, maru_error *error)
{
    question     *questions = calloc(count + 1, sizeof *questions);
    maru_runtime *runtime = NULL;
    maru_status   status = MARU_OK;

    if (questions == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (count > 0 && (status = maru_runtime_new(NULL, &runtime, error)) == MARU_OK) {
        ask_all(runtime, checks, questions, count);
        maru_runtime_free(runtime);
    }
    free(questions);
    return status;
}
