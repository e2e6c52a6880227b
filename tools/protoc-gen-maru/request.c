/* request.c: reads the CodeGeneratorRequest from stdin, and refuses one that is too deep or lacks names. */
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

static bool read_all(struct text *in)
{
    char    chunk[65536];
    ssize_t got;

    while ((got = read(STDIN_FILENO, chunk, sizeof chunk)) != 0) {
        if (got > 0)
            text_append(in, chunk, (size_t)got);
        else if (errno != EINTR)
            return false;
    }
    return true;
}

static bool is_named(const ProtobufCMessage *message);

static bool field_is_named(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *at = (const char *)message + field->offset;
    size_t      count = 1;

    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        count = *(const size_t *)((const char *)message + field->quantifier_offset);
        at = *(const char *const *)at;
    }
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return strcmp(field->name, "name") != 0 || *(const char *const *)at != NULL;
    for (size_t i = 0; field->type == PROTOBUF_C_TYPE_MESSAGE && i < count; i++) {
        const ProtobufCMessage *inner = ((const ProtobufCMessage *const *)at)[i];

        if (inner != NULL && !is_named(inner))
            return false;
    }
    return true;
}

/* Whether every file, message, field and so on has a name: protobuf-c leaves NULL where one is missing, and the rest of
 * the program relies on it. Recursive, as deep as the request. */
static bool is_named(const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        if (!field_is_named(message, &message->descriptor->fields[i]))
            return false;
    return true;
}

Request *request_read(struct pool *pool)
{
    struct text in = {.pool = pool};
    Request    *request;

    if (!read_all(&in)) {
        fprintf(stderr, "protoc-gen-maru: standard input: %s\n", strerror(errno));
        return NULL;
    }
    if (!wire_request_fits(in.bytes, in.size, SCHEMA_MAX_DEPTH)) {
        fprintf(stderr, "protoc-gen-maru: standard input: messages are nested more than %d deep\n", SCHEMA_MAX_DEPTH);
        return NULL;
    }
    request = google__protobuf__compiler__code_generator_request__unpack(&pool->allocator, in.size,
                                                                         (const uint8_t *)in.bytes);
    if (request != NULL && is_named((const ProtobufCMessage *)request))
        return request;
    fprintf(stderr, "protoc-gen-maru: standard input: %zu bytes that are no CodeGeneratorRequest; protoc runs this\n",
            in.size);
    return NULL;
}
