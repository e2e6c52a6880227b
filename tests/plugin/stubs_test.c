/* stubs_test.c: generated client functions call generated servers, over a real socket in one process. */
#include "test.h"

#include <pthread.h>

#include "maru/runtime.h"
#include "plugin/nopackage.maru.h"
#include "plugin/services.maru.h"

typedef Plugin__Services__V1__Text Text;

enum { TIMEOUT_MS = 10000 };

/* The state of the echo service, as its author defines it. */
struct echo_service {
    const char *prefix;
};

struct second_2_service {
    int asked;
};

static maru_status echo(struct echo_service *svc, maru_call *call, const Text *request, Text *response)
{
    response->text = maru_printf(call, "%s%s", svc->prefix, request->text);
    return MARU_OK;
}

static maru_status get(struct echo_service *svc, maru_call *call, const Other__Outer__Inner *request,
                       Google__Protobuf__Timestamp *response)
{
    response->seconds = (int64_t)strlen(request->name);
    return MARU_OK;
}

static maru_status delete (struct echo_service *svc, maru_call *call, const Text *request, Text *response)
{
    return maru_fail(call, MARU_NOT_FOUND, "no %s here", request->text);
}

static maru_status second(struct second_2_service *svc, maru_call *call, const Text *request, Text *response)
{
    svc->asked++;
    return MARU_OK;
}

static const echo_handlers     echo_table = {.echo = echo, .http_get2_ur_ls = get, .delete_ = delete};
static const second_2_handlers second_table = {.echo = second};

struct fixture {
    struct echo_service     echo;
    struct second_2_service second;
    maru_runtime           *runtime;
    maru_server            *server;
    maru_client            *client;
};

static bool start(struct fixture *f)
{
    maru_server_options options = {.name = "echo"};
    maru_error          error = {0};

    *f = (struct fixture){.echo = {.prefix = "again: "}};
    if (maru_runtime_new(NULL, &f->runtime, &error) == MARU_OK &&
        maru_server_new(f->runtime, &options, &f->server, &error) == MARU_OK &&
        echo_serve(f->server, &echo_table, &f->echo, &error) == MARU_OK &&
        second_2_serve(f->server, &second_table, &f->second, &error) == MARU_OK &&
        maru_server_listen(f->server, "tcp://127.0.0.1:0", &error) == MARU_OK &&
        maru_client_new(f->runtime, maru_server_url(f->server, 0), NULL, &f->client, &error) == MARU_OK)
        return true;
    fprintf(stderr, "%s\n", error.text);
    return CHECK(false);
}

static void stop(struct fixture *f)
{
    maru_client_free(f->client);
    maru_server_free(f->server);
    maru_runtime_free(f->runtime);
}

static void test_unary(struct fixture *f)
{
    maru_call                   *call = maru_call_begin(f->runtime, TIMEOUT_MS);
    Text                         text = PLUGIN__SERVICES__V1__TEXT__INIT;
    Other__Outer__Inner          inner = OTHER__OUTER__INNER__INIT;
    Text                        *answer;
    Google__Protobuf__Timestamp *time;

    test_begin("a stub calls its handler with the service's state, and gets its answer");
    text.text = "hello";
    CHECK_INT(echo_echo(f->client, call, &text, &answer), MARU_OK);
    CHECK_STR(answer == NULL ? NULL : answer->text, "again: hello");
    test_begin("types of other files travel");
    inner.name = "four";
    CHECK_INT(echo_http_get2_ur_ls(f->client, call, &inner, &time), MARU_OK);
    CHECK_INT(time == NULL ? 0 : time->seconds, 4);
    test_begin("a second service of the file has its own stub, state and handlers");
    CHECK_INT(second_2_echo(f->client, call, &text, &answer), MARU_OK);
    CHECK_INT(f->second.asked, 1);
    maru_call_end(call);
}

static void test_failures(struct fixture *f)
{
    maru_call     *call = maru_call_begin(f->runtime, TIMEOUT_MS);
    Text           text = PLUGIN__SERVICES__V1__TEXT__INIT;
    Text          *answer = &text;
    const uint8_t *reply;
    size_t         size;

    test_begin("a handler's failure comes with its words, and with no answer");
    text.text = "carts";
    CHECK_INT(echo_delete(f->client, call, &text, &answer), MARU_NOT_FOUND);
    CHECK_STR(maru_call_message(call), "no carts here");
    CHECK(answer == NULL);
    test_begin("a method without a handler is UNIMPLEMENTED, by name");
    CHECK_INT(echo_default(f->client, call, &text, &answer), MARU_UNIMPLEMENTED);
    CHECK_CONTAINS(maru_call_message(call), "/plugin.services.v1.EchoService/Default");
    test_begin("a stream is UNIMPLEMENTED");
    CHECK_INT(maru_unary_bytes(f->client, call, "/plugin.services.v1.EchoService/Watch", 0, "", 0, &reply, &size),
              MARU_UNIMPLEMENTED);
    maru_call_end(call);
}

/* What a callback brought, for the thread that waits. */
struct outcome {
    pthread_mutex_t lock;
    pthread_cond_t  came;
    bool            done;
    maru_status     status;
    char            text[64];
};

static void note(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    struct outcome *outcome = arg;

    pthread_mutex_lock(&outcome->lock);
    outcome->status = status;
    snprintf(outcome->text, sizeof outcome->text, "%s", response == NULL ? message : ((const Text *)response)->text);
    outcome->done = true;
    pthread_cond_signal(&outcome->came);
    pthread_mutex_unlock(&outcome->lock);
}

static void test_async(struct fixture *f)
{
    struct outcome outcome = {.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER};
    maru_call     *call = maru_call_begin(f->runtime, TIMEOUT_MS);
    Text           text = PLUGIN__SERVICES__V1__TEXT__INIT;

    test_begin("an _async stub calls back with the answer");
    text.text = "later";
    echo_echo_async(f->client, call, &text, note, &outcome);
    pthread_mutex_lock(&outcome.lock);
    while (!outcome.done)
        pthread_cond_wait(&outcome.came, &outcome.lock);
    pthread_mutex_unlock(&outcome.lock);
    CHECK_INT(outcome.status, MARU_OK);
    CHECK_STR(outcome.text, "again: later");
    maru_call_end(call);
}

int main(void)
{
    struct fixture f;

    if (start(&f)) {
        test_unary(&f);
        test_failures(&f);
        test_async(&f);
        stop(&f);
    }
    return test_end();
}
