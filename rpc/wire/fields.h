/* fields.h: what descriptors say of fields, for those who read their bytes (scan.c, decode.c). */
#ifndef MARU_FIELDS_H
#define MARU_FIELDS_H

#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/inlining.h"

/* How a field of a type travels, and the size of one in memory. */
typedef struct field_shape {
    uint8_t wire, size;
} field_shape;

/* By ProtobufCType. */
extern const field_shape field_shapes[PROTOBUF_C_TYPE_MESSAGE + 1];

/* find_field, where the numbers of type are not 1, 2, 3. */
const ProtobufCFieldDescriptor *find_field_in_ranges(const ProtobufCMessageDescriptor *type, uint32_t number);

/* The field of a number, NULL where type has none; 0 is none. Most types number their fields 1, 2, 3. */
static INLINE const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type, uint32_t number)
{
    if (number - 1 < type->n_fields && type->fields[number - 1].id == number)
        return type->fields + number - 1;
    return find_field_in_ranges(type, number);
}

#endif
