/* random_message.h: serialized messages that follow a descriptor, in every way that the scan takes: fields in any
 * order, scalars several times, packed and unpacked, unknown fields. */
#ifndef TEST_RANDOM_MESSAGE_H
#define TEST_RANDOM_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "bytes.h"
#include "random.h"

/* random_message appends one of at most depth messages in each other to out; returns how many fields it has in all. */
size_t random_message(rng *r, const ProtobufCMessageDescriptor *type, int depth, bytes *out);

#endif
