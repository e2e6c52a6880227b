/* fuzz_types.h: the types of message that fuzzers try; the first byte of an input chooses. */
#ifndef FUZZ_TYPES_H
#define FUZZ_TYPES_H

#include <stdint.h>

#include "all.pb-c.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "maru/status.pb-c.h"
#include "maru/wire.pb-c.h"
#include "shop/cart.pb-c.h"
#include "shop/catalog.pb-c.h"
#include "wide.pb-c.h"

static inline const ProtobufCMessageDescriptor *fuzz_type(uint8_t first)
{
    const ProtobufCMessageDescriptor *const types[] = {
        &wire_test__all__descriptor,
        &maru_pb__extension__descriptor,
        &maru_pb__hello__descriptor,
        &maru_pb__status__descriptor,
        &cart__cart__descriptor,
        &catalog__product__descriptor,
        &google__protobuf__file_descriptor_proto__descriptor,
        &google__protobuf__struct__descriptor,
        &wire_test__wide__descriptor,
    };

    return types[first % (sizeof types / sizeof *types)];
}

#endif
