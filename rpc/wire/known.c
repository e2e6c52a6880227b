/* known.c: messages without the fields that their types do not have (contract: maru/message.h). */
#include "maru/message.h"

#include <stdbool.h>
#include <stdint.h>

static const void *member(const ProtobufCMessage *message, unsigned offset)
{
    return (const char *)message + offset;
}

/* Whether a oneof holds this field; of others, always. */
static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
        return true;
    return *(const uint32_t *)member(message, field->quantifier_offset) == field->id;
}

static void drop_in_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    ProtobufCMessage *const *one = member(message, field->offset), *const * many;
    size_t                   count;

    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        if (is_set(message, field) && *one != NULL)
            maru_drop_unknown(*one);
        return;
    }
    many = *(ProtobufCMessage *const *const *)member(message, field->offset);
    count = *(const size_t *)member(message, field->quantifier_offset);
    for (size_t i = 0; i < count; i++)
        maru_drop_unknown(many[i]);
}

/* As deep as what was unpacked: 64 at most. */
void maru_drop_unknown(ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;

    message->n_unknown_fields = 0;
    message->unknown_fields = NULL;
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            drop_in_field(message, &type->fields[i]);
}
