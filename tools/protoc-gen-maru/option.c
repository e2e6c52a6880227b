/* option.c: reads the maru and pb_c options of files, methods and fields. */
#include "option.h"

#include <string.h>

#include "names.h"
#include "wire.h"

enum { BASE_MAX = 100 }; /* a name that is longer is not looked for: its length is to be one byte */

/* The last value of a field in all pieces of an extension. false: not set. */
static bool find_option(const ProtobufCMessage *options, uint32_t extension, uint32_t number, struct wire_field *found)
{
    bool set = false;

    for (unsigned i = 0; options != NULL && i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *unknown = &options->unknown_fields[i];
        /* protobuf-c keeps what follows the tag: of a message, its length and its bytes. */
        struct wire       wire = {.at = unknown->data, .end = unknown->data + unknown->len};
        struct wire_field field;

        if (unknown->tag != extension || unknown->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            continue;
        while (wire.at < wire.end && *wire.at >= 0x80)
            wire.at++;
        wire.at += wire.at < wire.end;
        while (wire_next(&wire, &field))
            if (field.number == number) {
                *found = field;
                set = true;
            }
    }
    return set;
}

static bool bool_option(const ProtobufCMessage *options, uint32_t extension, uint32_t number)
{
    struct wire_field field;

    return find_option(options, extension, number, &field) && field.value != 0;
}

static const char *string_option(struct pool *pool, const ProtobufCMessage *options, uint32_t extension,
                                 uint32_t number)
{
    struct wire_field field;

    if (!find_option(options, extension, number, &field) || field.payload.at == NULL)
        return NULL;
    return pool_strndup(pool, (const char *)field.payload.at, (size_t)(field.payload.end - field.payload.at));
}

struct file_options option_of_file(struct pool *pool, const File *file)
{
    const ProtobufCMessage *options = (const ProtobufCMessage *)file->options;

    return (struct file_options){
        .no_generate = bool_option(options, OPTION_PB_C, OPTION_PB_C_NO_GENERATE),
        .use_oneof_field_name = bool_option(options, OPTION_PB_C, OPTION_PB_C_USE_ONEOF_NAME),
        .c_package = string_option(pool, options, OPTION_PB_C, OPTION_PB_C_PACKAGE),
    };
}

struct method_options option_of_method(const Method *method)
{
    const ProtobufCMessage *options = (const ProtobufCMessage *)method->options;
    struct wire_field       audience = {0};

    find_option(options, OPTION_MARU, OPTION_MARU_AUDIENCE, &audience);
    return (struct method_options){
        .exactly_once = bool_option(options, OPTION_MARU, OPTION_MARU_EXACTLY_ONCE),
        .stored_reply = bool_option(options, OPTION_MARU, OPTION_MARU_STORED_REPLY),
        .audience = audience.value,
    };
}

const char *option_service_prefix(struct pool *pool, const Service *service)
{
    return string_option(pool, (const ProtobufCMessage *)service->options, OPTION_MARU, OPTION_MARU_PREFIX);
}

static bool has_member(struct pool *pool, const Message *message, const char *member)
{
    for (size_t i = 0; i < message->n_field; i++)
        if (strcmp(names_field(pool, message->field[i]->name), member) == 0)
            return true;
    return false;
}

static const char *named_base(struct pool *pool, const Message *message)
{
    return string_option(pool, (const ProtobufCMessage *)message->options, OPTION_PB_C, OPTION_PB_C_BASE);
}

bool option_names_base(struct pool *pool, const Message *message)
{
    return named_base(pool, message) != NULL;
}

const char *option_base_field(struct pool *pool, const Message *message)
{
    const char *base = named_base(pool, message);

    if (base != NULL)
        return base;
    base = "base";
    while (strlen(base) < BASE_MAX && has_member(pool, message, base))
        base = pool_printf(pool, "%s_", base);
    return base;
}

/* A second piece of the option, which protobuf merges with what there is of it. */
void option_set_base_field(struct pool *pool, Message *message, const char *base)
{
    ProtobufCMessageUnknownField *fields;
    uint8_t                      *bytes = pool_take(pool, strlen(base) + 3);
    size_t                        count;

    if (message->options == NULL) {
        message->options = pool_take(pool, sizeof *message->options);
        google__protobuf__message_options__init(message->options);
    }
    count = message->options->base.n_unknown_fields;
    fields = pool_take(pool, (count + 1) * sizeof *fields);
    if (count > 0)
        memcpy(fields, message->options->base.unknown_fields, count * sizeof *fields);
    bytes[0] = (uint8_t)(strlen(base) + 2);
    bytes[1] = OPTION_PB_C_BASE << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    bytes[2] = (uint8_t)strlen(base);
    memcpy(bytes + 3, base, strlen(base));
    fields[count] = (ProtobufCMessageUnknownField){
        .tag = OPTION_PB_C, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = strlen(base) + 3, .data = bytes};
    message->options->base.unknown_fields = fields;
    message->options->base.n_unknown_fields = (unsigned)count + 1;
}

bool option_is_bytes(const Field *field)
{
    if (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES)
        return true;
    return field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING &&
           bool_option((const ProtobufCMessage *)field->options, OPTION_PB_C, OPTION_PB_C_STRING_AS_BYTES);
}
