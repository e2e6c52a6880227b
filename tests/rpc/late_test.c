/* late_test.c: what a server tells of its contract late: its descriptors when another is there already; its hello when
 * it was taken for a plain nng socket. What counts is what the server that is there now said. The servers are raw.
 */
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "maru/reflection.maru.h"
#include "maru/wire.pb-c.h"
#include "rpc/asked.h"
#include "rpc/echo.h"
#include "rpc/peer.h"
#include "v1/stock.maru.h"
#include "v2/stock.maru.h"

enum { GET, MOVE, OTHER_FINGERPRINT = 4711 };

/* A client of version 1, and the servers that it finds at its address one after the other. */
typedef struct late {
    maru_runtime *rt;
    maru_client  *client;
    peer_listener listener;
    uint8_t      *files; /* what a server of version 2 says of itself: there Move is another */
    size_t        files_size;
    uint64_t      old_print, new_print;
} late;

static void ask(late *l, asked *a, int which)
{
    StockOld__Item     item = STOCK_OLD__ITEM__INIT;
    StockOld__Movement movement = STOCK_OLD__MOVEMENT__INIT;

    asked_begin(a, l->rt, PEER_WAIT_MS);
    if (which == GET)
        stock_old_get_async(l->client, a->call, &item, asked_on_end, a);
    else
        stock_old_move_async(l->client, a->call, &movement, asked_on_end, a);
}

/* Skips to a call of this method. */
static bool expect_call(peer *p, uint64_t method, frame *f)
{
    while (peer_expect(p, FRAME_CALL, f))
        if (f->method == method)
            return true;
    return false;
}

static uint64_t id_of(int which)
{
    return stock_old_maru_service.methods[which].id;
}

static uint64_t fetch_id(void)
{
    return maru_method_id("/maru.reflection.v1.Reflection/GetFiles");
}

/* One call, from the client to its end: the server answers it. */
static void check_served(late *l, peer *p, int which)
{
    asked a;
    frame f;

    ask(l, &a, which);
    if (CHECK(expect_call(p, id_of(which), &f)))
        CHECK(peer_reply(p, &f, MARU_OK, NULL));
    if (!CHECK_INT(asked_end(&a), MARU_OK))
        fprintf(stderr, "%s\n", a.words);
}

static void check_refused(late *l, const char *words)
{
    asked a;

    ask(l, &a, MOVE);
    CHECK_INT(asked_end(&a), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(a.words, words);
}

static void say_hello(peer *p, const char *instance, uint64_t fingerprint)
{
    MaruPb__Hello  hello = MARU_PB__HELLO__INIT;
    MaruPb__Schema schema = MARU_PB__SCHEMA__INIT, *schemas[] = {&schema};
    uint8_t        bytes[256];
    frame          head = {.kind = FRAME_HELLO, .id = FRAME_CONTROL_ID};

    schema.service = (char *)stock_old_maru_service.name;
    schema.fingerprint = fingerprint;
    hello.version = 1;
    hello.service = (char *)"stock";
    hello.instance = (char *)instance;
    hello.max_calls = 100;
    hello.schemas = schemas;
    hello.n_schemas = 1;
    head.payload_size = maru_pb__hello__pack(&hello, bytes);
    CHECK(peer_frame(p, &head, bytes));
}

static void serve(late *l, peer *p, const char *instance, uint64_t fingerprint)
{
    CHECK(peer_accept(&l->listener, p) && peer_hello(p, SP_REP, SP_REQ));
    say_hello(p, instance, fingerprint);
}

static void go_away(peer *p)
{
    CHECK(peer_frame(p, &(frame){.kind = FRAME_GOING_AWAY, .id = FRAME_CONTROL_ID}, NULL));
}

/* The answer to a fetch, of which id is the request's. */
static void say_files(const late *l, peer *p, uint32_t id)
{
    CHECK(peer_frame(p, &(frame){.kind = FRAME_REPLY, .id = id, .payload_size = l->files_size}, l->files));
}

static const stock_new_handlers nothing;

static void late_start(late *l)
{
    MaruReflection__GetFilesRequest request = MARU_REFLECTION__GET_FILES_REQUEST__INIT;
    maru_server_options             options = {.name = "stock"};
    maru_server                    *server;
    maru_client                    *client;
    maru_call                      *call;
    maru_error                      error;
    uint8_t                         packed[128];
    const uint8_t                  *bytes;

    *l = (late){.old_print = stock_old_maru_service.fingerprint, .new_print = stock_new_maru_service.fingerprint};
    CHECK_INT(maru_runtime_new(NULL, &l->rt, &error), MARU_OK);
    CHECK_INT(maru_server_new(l->rt, &options, &server, &error), MARU_OK);
    CHECK_INT(stock_new_serve(server, &nothing, NULL, &error), MARU_OK);
    CHECK_INT(maru_server_listen(server, "tcp://127.0.0.1:0", &error), MARU_OK);
    client = echo_client(l->rt, maru_server_url(server, 0));
    call = maru_call_begin(l->rt, PEER_WAIT_MS);
    request.service = (char *)stock_new_maru_service.name;
    if (!CHECK_INT(maru_unary_bytes(client, call, "/maru.reflection.v1.Reflection/GetFiles", 0, packed,
                                    maru_reflection__get_files_request__pack(&request, packed), &bytes, &l->files_size),
                   MARU_OK))
        exit(1);
    l->files = malloc(l->files_size);
    memcpy(l->files, bytes, l->files_size);
    maru_call_end(call);
    maru_client_free(client);
    maru_server_free(server);
    CHECK(peer_listen(&l->listener, "tcp://127.0.0.1:0"));
    l->client = echo_client(l->rt, l->listener.url);
}

static void late_stop(late *l)
{
    maru_client_free(l->client);
    maru_runtime_free(l->rt);
    peer_listener_close(&l->listener);
    free(l->files);
}

/* A first call, which has the client ask for the server's descriptors. */
static uint32_t be_asked(late *l, peer *p)
{
    frame f;

    check_served(l, p, GET);
    return CHECK(expect_call(p, fetch_id(), &f)) ? f.id : 0;
}

static void test_successor(void)
{
    late     l;
    peer     first, next, third;
    uint32_t fetch;

    late_start(&l);
    test_begin("descriptors that come when another server is there say nothing of that one, whose contract is ours");
    serve(&l, &first, "1", l.new_print);
    fetch = be_asked(&l, &first);
    go_away(&first);
    serve(&l, &next, "2", l.old_print);
    check_served(&l, &next, GET);
    say_files(&l, &first, fetch);
    CHECK(peer_is_closed(&first)); /* it had that answer to give, and no other */
    check_served(&l, &next, MOVE);
    test_begin("nor of its successor, where that has the contract too");
    go_away(&next);
    CHECK(peer_is_closed(&next));
    serve(&l, &third, "3", l.old_print);
    check_served(&l, &third, MOVE);
    peer_close(&first);
    peer_close(&next);
    peer_close(&third);
    late_stop(&l);
}

static void test_asked_again(void)
{
    late     l;
    peer     first, next, third;
    frame    f;
    uint32_t fetch;

    late_start(&l);
    test_begin("and where the contract of that one is a third, it is asked for itself, and believed");
    serve(&l, &first, "1", OTHER_FINGERPRINT);
    fetch = be_asked(&l, &first);
    go_away(&first);
    serve(&l, &next, "2", l.new_print);
    check_served(&l, &next, GET);
    CHECK(peer_reply(&first, &(frame){.id = fetch}, MARU_OK, NULL)); /* no files: nothing that breaks */
    CHECK(peer_is_closed(&first));
    check_served(&l, &next, GET);
    if (CHECK(expect_call(&next, fetch_id(), &f)))
        say_files(&l, &next, f.id);
    check_served(&l, &next, GET);
    check_refused(&l, "/maru.test.stock.StockService/Move: stock/2 has another contract");
    test_begin("until a server comes whose contract is ours");
    go_away(&next);
    CHECK(peer_is_closed(&next));
    serve(&l, &third, "3", l.old_print);
    check_served(&l, &third, MOVE);
    peer_close(&first);
    peer_close(&next);
    peer_close(&third);
    late_stop(&l);
}

static void test_late_hello(void)
{
    late  l;
    peer  p;
    frame f;
    asked first, second;

    late_start(&l);
    test_begin(
        "a server whose hello comes late gets the calls that wait at once, though it has not answered the first");
    CHECK(peer_accept(&l.listener, &p) && peer_hello(&p, SP_REP, SP_REQ));
    ask(&l, &first, GET);
    ask(&l, &second, GET);
    CHECK(expect_call(&p, id_of(GET), &f)); /* it is taken for a plain nng socket by now */
    say_hello(&p, "1", l.new_print);
    if (CHECK(expect_call(&p, id_of(GET), &f)))
        CHECK(peer_reply(&p, &f, MARU_OK, NULL));
    CHECK_INT(asked_end(&second), MARU_OK);
    test_begin("and its contract is asked for, which was not told before");
    if (CHECK(expect_call(&p, fetch_id(), &f)))
        say_files(&l, &p, f.id);
    check_served(&l, &p, GET);
    check_refused(&l, "stock/1 has another contract");
    peer_close(&p);
    CHECK_INT(asked_end(&first), MARU_UNAVAILABLE);
    late_stop(&l);
}

/* Standard error, which is where the log goes, between capture and captured. */
typedef struct capture {
    int was, into;
} capture;

static capture capture_begin(void)
{
    capture c = {.was = dup(STDERR_FILENO), .into = memfd_create("stderr", 0)};

    dup2(c.into, STDERR_FILENO);
    return c;
}

static void capture_end(capture c, char *text, size_t room)
{
    ssize_t size;

    dup2(c.was, STDERR_FILENO);
    size = pread(c.into, text, room - 1, 0);
    text[size > 0 ? size : 0] = 0;
    close(c.was);
    close(c.into);
}

/* A fetch is answered by status and those files, and Move is called thereafter: what the log then has. */
static void told(late *l, const char *instance, MaruReflection__GetFilesResponse *files, maru_status status, char *log,
                 size_t room)
{
    peer     p;
    uint32_t fetch;
    capture  c = capture_begin();

    serve(l, &p, instance, OTHER_FINGERPRINT);
    fetch = be_asked(l, &p);
    CHECK(peer_reply(&p, &(frame){.id = fetch}, status, files == NULL ? NULL : &files->base));
    check_served(l, &p, GET);
    check_served(l, &p, MOVE);
    capture_end(c, log, room);
    go_away(&p);
    CHECK(peer_is_closed(&p));
    peer_close(&p);
}

static void test_unreadable(void)
{
    late                             l;
    MaruReflection__GetFilesResponse files = MARU_REFLECTION__GET_FILES_RESPONSE__INIT;
    ProtobufCBinaryData              file = {.len = 4, .data = (uint8_t *)"\n\002ab"};
    char                             log[4096];

    late_start(&l);
    files.n_files = 1;
    files.files = &file;
    test_begin("descriptors that name no service cannot be compared: nothing is refused, and the log says so");
    told(&l, "1", &files, MARU_OK, log, sizeof log);
    CHECK_CONTAINS(log, "level=warn module=client msg=\"maru.test.stock.StockService: the peer's contract is not ours");
    CHECK_CONTAINS(log, "the service is in none of its files");
    CHECK_CONTAINS(log, l.listener.url);
    test_begin("of one contract it is said once");
    told(&l, "2", &files, MARU_OK, log, sizeof log);
    CHECK_STR(log, "");
    late_stop(&l);

    late_start(&l);
    test_begin("nor can descriptors that cannot be read, and the log says what is wrong with them");
    file.data = (uint8_t *)"\n\002\nb";
    told(&l, "1", &files, MARU_OK, log, sizeof log);
    CHECK_CONTAINS(log, "has no file name that can be printed");
    late_stop(&l);

    late_start(&l);
    test_begin("nor those that a peer does not give: the log has how it answered");
    told(&l, "1", NULL, MARU_UNIMPLEMENTED, log, sizeof log);
    CHECK_CONTAINS(log, "module=client");
    CHECK_CONTAINS(log, "UNIMPLEMENTED");
    late_stop(&l);
}

int main(void)
{
    test_unreadable();
    test_successor();
    test_asked_again();
    test_late_hello();
    return test_end();
}
