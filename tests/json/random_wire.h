/* random_wire.h: random serialized messages of a schema, as a strange but honest writer might make them: fields in any
 * order and several times, packed or not, unknown fields and groups in between, entries of maps without a key. */
#ifndef TESTS_JSON_RANDOM_WIRE_H
#define TESTS_JSON_RANDOM_WIRE_H

#include "maru/schema.h"
#include "random.h"
#include "json/wire_out.h"

/* Writes elements of type to out. depth bounds what is nested. */
void random_wire(rng *r, const schema_message *type, unsigned depth, wire_out *out);

#endif
