/* options.c: the options of methods, services and fields: the flags that Maru knows, and the raw bytes of all
 * extensions (contract: pool.h). protobuf-c keeps an extension as an unknown field of the options message. */
#include <string.h>

#include <maru/options.pb-c.h>

#include "schema/pool.h"
#include "wire/unpack.h"

enum { MARU_OPTION = 50901 }; /* of proto/maru/options.proto */

static schema_wire wire_of(const ProtobufCMessageUnknownField *field)
{
    return (schema_wire)field->wire_type;
}

/* The payload of an unknown field: protobuf-c keeps the length in front of it. */
static void payload_of(const ProtobufCMessageUnknownField *field, const uint8_t **bytes, size_t *size)
{
    size_t skip = 0;

    if (wire_of(field) == SCHEMA_WIRE_LEN) {
        while (skip < field->len && field->data[skip] >= 0x80)
            skip++;
        skip += skip < field->len;
    }
    *bytes = field->data + skip;
    *size = field->len - skip;
}

static schema_option *option_with(schema_option *options, size_t count, uint32_t number, schema_wire wire)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].number == number && options[i].wire == wire)
            return &options[i];
    return NULL;
}

/* Puts more behind what an option has: option (a).x and option (a).y may travel as two pieces of one message. */
static bool append(schema_pool *pool, schema_option *option, const uint8_t *more, size_t size)
{
    uint8_t *joined = maru_arena_alloc(pool->arena, option->size + size + 1);

    if (joined == NULL)
        return false;
    memcpy(joined, option->bytes, option->size);
    memcpy(joined + option->size, more, size);
    option->bytes = joined;
    option->size += size;
    return true;
}

maru_status options_of(schema_pool *pool, const ProtobufCMessage *from, const schema_option **options, size_t *count)
{
    schema_option *made = pool_array(pool, from->n_unknown_fields, sizeof *made);
    size_t         used = 0;

    if (made == NULL)
        return pool_no_memory(pool);
    for (size_t i = 0; i < from->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &from->unknown_fields[i];
        schema_option                      *known = option_with(made, used, field->tag, wire_of(field));
        const uint8_t                      *bytes;
        size_t                              size;

        payload_of(field, &bytes, &size);
        if (known == NULL)
            made[used++] = (schema_option){.number = field->tag, .wire = wire_of(field), .bytes = bytes, .size = size};
        else if (wire_of(field) == SCHEMA_WIRE_LEN) {
            if (!append(pool, known, bytes, size))
                return pool_no_memory(pool);
        } else {
            known->bytes = bytes; /* the last one counts */
            known->size = size;
        }
    }
    *options = made;
    *count = used;
    return MARU_OK;
}

static maru_status maru_option_flags(schema_pool *pool, const schema_option *option, schema_method *method)
{
    const Maru__MethodOptions *maru;
    ProtobufCMessage          *unpacked;
    maru_status status = unpack_message(&maru__method_options__descriptor, option->bytes, option->size, pool->arena,
                                        &unpacked, pool->error);

    if (status != MARU_OK)
        return maru_error_set(pool->error, status, "%s: %s: option (maru.method) cannot be read",
                              method->service->file->name, method->path);
    maru = (const Maru__MethodOptions *)unpacked;
    method->flags |= (maru->exactly_once ? MARU_METHOD_EXACTLY_ONCE : 0u) |
                     (maru->stored_reply ? MARU_METHOD_STORED_REPLY : 0u) |
                     (maru->audience == MARU__AUDIENCE__OPERATOR ? MARU_METHOD_OPERATOR : 0u);
    return MARU_OK;
}

static uint32_t idempotency_flags(const Google__Protobuf__MethodOptions *options)
{
    if (options == NULL)
        return 0;
    switch (options->idempotency_level) {
    case GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS:
        return MARU_METHOD_NO_SIDE_EFFECTS | MARU_METHOD_IDEMPOTENT;
    case GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__IDEMPOTENT:
        return MARU_METHOD_IDEMPOTENT;
    default:
        return 0;
    }
}

/* One byte, or a varint that somebody wrote longer: the last one counts. */
bool options_secret(const field_proto *from)
{
    bool secret = false;

    for (size_t i = 0; from->options != NULL && i < from->options->base.n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &from->options->base.unknown_fields[i];

        if (field->tag != MARU_OPTION || wire_of(field) != SCHEMA_WIRE_VARINT)
            continue;
        secret = false;
        for (size_t at = 0; at < field->len; at++)
            secret = secret || (field->data[at] & 0x7f) != 0;
    }
    return secret;
}

maru_status options_method_flags(schema_pool *pool, const method_proto *from, schema_method *method)
{
    const schema_option *maru;
    maru_status          status;

    method->flags = (from->client_streaming ? MARU_METHOD_CLIENT_STREAM : 0u) |
                    (from->server_streaming ? MARU_METHOD_SERVER_STREAM : 0u) | idempotency_flags(from->options);
    if (from->options == NULL)
        return MARU_OK;
    status = options_of(pool, &from->options->base, &method->options, &method->option_count);
    maru = schema_method_option(method, MARU_OPTION);
    if (status != MARU_OK || maru == NULL || maru->wire != SCHEMA_WIRE_LEN)
        return status;
    return maru_option_flags(pool, maru, method);
}
