/* vectors_test.c: docs/wire-vectors.txt against the code: each vector is read, written again, and cut short everywhere.
 */
#include <stdlib.h>

#include "test.h"
#include "vectors.h"

#include "maru/service.h"
#include "maru/status.pb-c.h"
#include "maru/wire.pb-c.h"
#include "shop/cart.pb-c.h"
#include "wire/frame.h"
#include "wire/unpack.h"

enum { LIMIT = 4 << 20 };

static const struct {
    frame_fault fault;
    const char *name;
} faults[] = {
    {FRAME_FINE, "FINE"},
    {FRAME_SHORT, "SHORT"},
    {FRAME_BAD_SP_HELLO, "BAD_SP_HELLO"},
    {FRAME_BAD_SP_PEER, "BAD_SP_PEER"},
    {FRAME_BAD_IPC_MARK, "BAD_IPC_MARK"},
    {FRAME_TOO_LARGE, "TOO_LARGE"},
    {FRAME_NO_ID, "NO_ID"},
    {FRAME_BAD_HEADER, "BAD_HEADER"},
    {FRAME_BAD_EXTENSION, "BAD_EXTENSION"},
};

static const char *fault_name(frame_fault fault)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].fault == fault)
            return faults[i].name;
    return "a fault that the table lacks";
}

static const char *kind_name(int kind)
{
    static const char *const names[] = {
#define X(name, number) [number] = #name,
        FRAME_KIND_TABLE(X)
#undef X
    };
    return kind > 0 && (size_t)kind < sizeof names / sizeof *names ? names[kind] : "none";
}

static const ProtobufCMessageDescriptor *find_type(const char *name)
{
    const ProtobufCMessageDescriptor *const types[] = {
        &cart__get_cart_request__descriptor, &cart__add_item_request__descriptor, &cart__cart__descriptor,
        &maru_pb__hello__descriptor,         &maru_pb__reason__descriptor,        &maru_pb__status__descriptor,
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

static void check_hello(const vector *v)
{
    int     want = strcmp(vector_get(v, "want"), "REQ") == 0 ? SP_REQ : SP_REP;
    uint8_t written[SP_HELLO_SIZE];

    if (!CHECK_INT(v->size, SP_HELLO_SIZE))
        return;
    CHECK_STR(fault_name(sp_hello_read(v->bytes, want)), vector_get(v, "gives"));
    if (strcmp(vector_get(v, "gives"), "FINE") != 0)
        return;
    sp_hello_write(written, want);
    CHECK_MEM(written, sizeof written, v->bytes, v->size);
}

/* As a connection does it: the size, then the whole. The bytes lie at the end of memory of just their size, so that
 * AddressSanitizer sees a read past them. */
static frame_fault read_message(const vector *v, size_t size, frame *f, uint8_t *copy)
{
    bool        ipc = strcmp(vector_get(v, "on"), "ipc") == 0;
    size_t      total = 0;
    frame_fault fault = sp_message_size(copy, size, ipc, LIMIT, &total);

    if (fault != FRAME_FINE)
        return fault;
    if (total > size)
        return FRAME_SHORT;
    CHECK_INT(total, size);
    return frame_read(copy, total, ipc, f);
}

static frame_fault read_copy(const vector *v, size_t size, frame *f)
{
    uint8_t    *copy = malloc(size ? size : 1);
    frame_fault fault;

    memcpy(copy, v->bytes, size);
    fault = read_message(v, size, f, copy);
    free(copy);
    return fault;
}

/* Unpacks bytes as their type, packs them again, and wants the same. */
static void check_protobuf(const char *type_name, const uint8_t *bytes, size_t size)
{
    const ProtobufCMessageDescriptor *type = find_type(type_name);
    maru_arena                       *arena = maru_arena_new(1 << 20);
    ProtobufCMessage                 *message;
    maru_error                        error = {0};
    uint8_t                          *packed;
    size_t                            packed_size;

    if (!CHECK(type != NULL) || !CHECK_INT(unpack_message(type, bytes, size, arena, &message, &error), MARU_OK))
        fprintf(stderr, "%s: %s\n", type_name, error.text);
    else if (CHECK_INT(pack_message(message, arena, &packed, &packed_size, NULL), MARU_OK))
        CHECK_MEM(packed, packed_size, bytes, size);
    maru_arena_free(arena);
}

static void check_payload(const vector *v, const frame *f)
{
    const char *payload = vector_get(v, "payload");
    const char *type = strstr(payload, ", ");

    CHECK_INT(f->payload_size, atoi(payload));
    if (type)
        check_protobuf(type + 2, f->payload, f->payload_size);
}

/* pairs holds the extension's metadata in the test that its fields are where the document says. */
static void check_extension(const vector *v, const frame *f)
{
    const char       *extension = vector_get(v, "extension");
    maru_arena       *arena;
    ProtobufCMessage *message;

    CHECK_INT(f->extension_size, extension ? atoi(extension) : 0);
    if (!extension)
        return;
    arena = maru_arena_new(1 << 16);
    if (CHECK_INT(
            unpack_message(&maru_pb__extension__descriptor, f->extension, f->extension_size, arena, &message, NULL),
            MARU_OK)) {
        MaruPb__Extension *e = (MaruPb__Extension *)message;

        CHECK_CONTAINS(vector_get(v, "extension_text"), e->request_id);
        CHECK_CONTAINS(vector_get(v, "extension_text"), e->subject);
        CHECK_CONTAINS(vector_get(v, "extension_text"), e->traceparent);
        CHECK_INT(e->attempt, 1);
        CHECK_INT(e->n_metadata, 1);
    }
    maru_arena_free(arena);
}

static void check_fields(const vector *v, const frame *f)
{
    const char *hops = vector_get(v, "hops");
    const char *path = vector_get(v, "path");
    uint8_t     ids[4 * SP_MAX_HOPS];
    size_t      ids_size = 4;

    CHECK_STR(kind_name(f->kind), vector_get(v, "kind"));
    CHECK_INT(f->status, atoi(vector_get(v, "status")));
    CHECK_INT(f->time_ms, atoi(vector_get(v, "time_ms")));
    CHECK(f->method == strtoull(vector_get(v, "method"), NULL, 16));
    if (path)
        CHECK(maru_method_id(path) == f->method);
    if (hops && CHECK_INT(vector_hex(hops, ids, sizeof ids, &ids_size), 0))
        CHECK_MEM(f->hops, f->hops_size, ids, ids_size);
    CHECK_INT(f->hops_size, ids_size);
    check_payload(v, f);
    check_extension(v, f);
}

/* What was read is written again, as a relay would (with the ids) and, without hops, as a client would. */
static void check_written(const vector *v, frame f)
{
    bool    ipc = strcmp(vector_get(v, "on"), "ipc") == 0;
    uint8_t out[VECTOR_BYTES];
    size_t  size = frame_write_head(out, &f, ipc);

    CHECK_INT(size, frame_head_size(&f, ipc));
    memcpy(out + size, f.payload, f.payload_size);
    CHECK_MEM(out, size + f.payload_size, v->bytes, v->size);
    if (f.hops_size > 4)
        return;
    f.hops_size = 0;
    CHECK_INT(frame_write_head(out, &f, ipc), size);
    CHECK_MEM(out, size + f.payload_size, v->bytes, v->size);
}

/* Of a message that is cut short anywhere nothing is said but that more is needed, or what is wrong with it. */
static void check_prefixes(const vector *v)
{
    frame f;

    for (size_t size = 0; size < v->size; size++) {
        const char *fault = fault_name(read_copy(v, size, &f));

        if (strcmp(fault, "SHORT") != 0)
            CHECK_STR(fault, vector_get(v, "gives"));
    }
}

static void check_message(const vector *v)
{
    frame       f = {0};
    const char *id = vector_get(v, "id");
    bool        ipc = strcmp(vector_get(v, "on"), "ipc") == 0;
    size_t      total;

    CHECK_STR(fault_name(read_copy(v, v->size, &f)), vector_get(v, "gives"));
    check_prefixes(v);
    if (id)
        CHECK_INT(f.id, strtoul(id, NULL, 10));
    if (strcmp(vector_get(v, "gives"), "FINE") != 0)
        return;
    CHECK_INT(sp_message_size(v->bytes, v->size, ipc, LIMIT, &total), FRAME_FINE);
    CHECK_INT(frame_read(v->bytes, total, ipc, &f), FRAME_FINE);
    check_fields(v, &f);
    check_written(v, f);
}

static void check_vector(const vector *v, void *arg)
{
    static const char sentence[] = "vector %s: %s";
    char             *text = arg;

    test_finish_case();
    snprintf(text, VECTOR_LINE, sentence, vector_get(v, "vector"), vector_get(v, "text"));
    test_begin(text);
    if (strcmp(vector_get(v, "on"), "hello") == 0)
        check_hello(v);
    else
        check_message(v);
}

int main(void)
{
    const char *source = getenv("MARU_SOURCE");
    char        path[4096], text[VECTOR_LINE];

    snprintf(path, sizeof path, "%s/docs/wire-vectors.txt", source ? source : ".");
    CHECK(vectors_each(path, check_vector, text) >= 60);
    test_begin("every fault has words");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        CHECK(strlen(frame_fault_text(faults[i].fault)) > 3);
    return test_end();
}
