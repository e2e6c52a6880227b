/* option.c: reads the maru and pb_c options of files, methods and fields. */
#include "option.h"

#include "wire.h"

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

const char *option_base_field(struct pool *pool, const Message *message)
{
    const char *base = string_option(pool, (const ProtobufCMessage *)message->options, OPTION_PB_C, OPTION_PB_C_BASE);

    return base == NULL ? "base" : base;
}

bool option_is_bytes(const Field *field)
{
    if (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES)
        return true;
    return field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING &&
           bool_option((const ProtobufCMessage *)field->options, OPTION_PB_C, OPTION_PB_C_STRING_AS_BYTES);
}
