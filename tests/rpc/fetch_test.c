/* fetch_test.c: when a client asks a server for its descriptors again, which it could not tell: on virtual time. The
 * server is raw.
 */
#include "test.h"

#include <stdlib.h>

#include "maru/reflection.maru.h"
#include "maru/wire.pb-c.h"
#include "rpc/simworld.h"
#include "v1/stock.maru.h"
#include "v2/stock.maru.h"

/* A client of version 1, and a server of version 2. */
typedef struct meeting {
    maru_sim     *sim;
    maru_runtime *rt;
    maru_client  *client;
    simpeer       server;
    bool          tells; /* its descriptors */
    int           asked; /* for them */
} meeting;

static void say_hello(meeting *m)
{
    MaruPb__Hello  hello = MARU_PB__HELLO__INIT;
    MaruPb__Schema schema = MARU_PB__SCHEMA__INIT, *schemas[] = {&schema};
    uint8_t        bytes[256];
    frame          head = {.kind = FRAME_HELLO, .id = FRAME_CONTROL_ID};

    schema.service = (char *)stock_old_maru_service.name;
    schema.fingerprint = stock_new_maru_service.fingerprint;
    hello.version = 1;
    hello.max_calls = 100;
    hello.schemas = schemas;
    hello.n_schemas = 1;
    head.payload_size = maru_pb__hello__pack(&hello, bytes);
    pass(m->sim, SECOND / 100);
    simpeer_hello(&m->server, SP_REP);
    simpeer_frame(&m->server, &head, bytes);
    pass(m->sim, SECOND / 100);
}

/* Before the server says hello. max_calls: of the client; 0: its own. */
static void meet(meeting *m, size_t max_calls)
{
    maru_client_options  calls = {.max_calls = max_calls, .backoff_first_ms = 10, .backoff_max_ms = 100};
    maru_runtime_options options = {0};

    *m = (meeting){.sim = maru_sim_new(&(maru_sim_options){.seed = 1})};
    options.seam = maru_sim_seam(m->sim);
    if (!CHECK_INT(maru_runtime_new(&options, &m->rt, NULL), MARU_OK))
        exit(1);
    simpeer_listen(&m->server, m->sim, URL);
    if (!CHECK_INT(maru_client_new(m->rt, URL, &calls, &m->client, NULL), MARU_OK))
        exit(1);
}

static void meeting_start(meeting *m)
{
    meet(m, 0);
    say_hello(m);
}

static void meeting_stop(meeting *m)
{
    maru_client_free(m->client);
    maru_runtime_free(m->rt);
    simpeer_free(&m->server);
    maru_sim_free(m->sim);
}

/* A file behind those that it imports, as reflection tells them; perhaps twice, which does not matter. */
static void list_files(const maru_file *file, MaruReflection__GetFilesResponse *files)
{
    for (const maru_file *const *import = file->imports; *import != NULL; import++)
        list_files(*import, files);
    files->files[files->n_files++] = (ProtobufCBinaryData){.data = (uint8_t *)file->bytes, .len = file->size};
}

static void say_files(meeting *m, uint32_t id)
{
    static const size_t              room = 65536;
    MaruReflection__GetFilesResponse files = MARU_REFLECTION__GET_FILES_RESPONSE__INIT;
    ProtobufCBinaryData              list[64];
    uint8_t                         *bytes = malloc(room);
    frame                            head = {.kind = FRAME_REPLY, .id = id};

    files.files = list;
    list_files(stock_new_maru_service.file, &files);
    if (CHECK(maru_reflection__get_files_response__get_packed_size(&files) <= room)) {
        head.payload_size = maru_reflection__get_files_response__pack(&files, bytes);
        simpeer_frame(&m->server, &head, bytes);
    }
    free(bytes);
}

static void answer(meeting *m)
{
    frame f;

    while (simpeer_next(&m->server, &f)) {
        if (f.kind != FRAME_CALL)
            continue;
        if (f.method != maru_method_id("/maru.reflection.v1.Reflection/GetFiles")) {
            simpeer_frame(&m->server, &(frame){.kind = FRAME_REPLY, .id = f.id}, NULL);
            continue;
        }
        m->asked++;
        if (m->tells)
            say_files(m, f.id);
        else
            simpeer_frame(&m->server, &(frame){.kind = FRAME_REPLY, .status = MARU_UNAVAILABLE, .id = f.id}, NULL);
    }
}

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    (void)message;
    (void)response;
    *(maru_status *)arg = status;
}

/* 20 ms. */
static maru_status move(meeting *m)
{
    StockOld__Movement movement = STOCK_OLD__MOVEMENT__INIT;
    maru_call         *call = maru_call_begin(m->rt, 1000);
    maru_status        status = MARU_UNKNOWN;

    stock_old_move_async(m->client, call, &movement, on_end, &status);
    pass(m->sim, SECOND / 100);
    answer(m);
    pass(m->sim, SECOND / 100);
    maru_call_end(call);
    return status;
}

static void test_asked_again(void)
{
    meeting m;

    meeting_start(&m);
    test_begin("a server that can't tell its descriptors is not asked with each call, but once a second");
    for (int i = 0; i < 40; i++)
        CHECK_INT(move(&m), MARU_OK);
    CHECK_INT(m.asked, 1);
    for (int i = 0; i < 200; i++)
        CHECK_INT(move(&m), MARU_OK);
    CHECK_INT(m.asked, 5);
    test_begin("where it says hello again, with the next call");
    CHECK_INT(move(&m), MARU_OK);
    simpeer_close(&m.server);
    say_hello(&m);
    CHECK_INT(move(&m), MARU_OK);
    CHECK_INT(m.asked, 6);
    test_begin("what it tells in the end is believed, and it is not asked any more");
    m.tells = true;
    pass(m.sim, SECOND);
    CHECK_INT(move(&m), MARU_OK);
    for (int i = 0; i < 100; i++)
        CHECK_INT(move(&m), MARU_FAILED_PRECONDITION);
    CHECK_INT(m.asked, 7);
    meeting_stop(&m);
}

/* Two calls wait for the hello, and with the question there would be one more than the client may have. */
static void test_not_sent(void)
{
    enum { MOST = 2 };
    StockOld__Movement movement = STOCK_OLD__MOVEMENT__INIT;
    meeting            m;
    maru_call         *calls[MOST];
    maru_status        statuses[MOST] = {MARU_UNKNOWN, MARU_UNKNOWN};

    test_begin("where the question could not even be sent, it is sent a second later, and not with the next call");
    meet(&m, MOST);
    for (int i = 0; i < MOST; i++) {
        calls[i] = maru_call_begin(m.rt, 1000);
        stock_old_move_async(m.client, calls[i], &movement, on_end, &statuses[i]);
    }
    say_hello(&m);
    answer(&m);
    pass(m.sim, SECOND / 100);
    for (int i = 0; i < MOST; i++) {
        CHECK_INT(statuses[i], MARU_OK);
        maru_call_end(calls[i]);
    }
    for (int i = 0; i < 20; i++)
        CHECK_INT(move(&m), MARU_OK);
    CHECK_INT(m.asked, 0);
    pass(m.sim, SECOND);
    CHECK_INT(move(&m), MARU_OK);
    CHECK_INT(m.asked, 1);
    meeting_stop(&m);
}

int main(void)
{
    test_not_sent();
    test_asked_again();
    return test_end();
}
