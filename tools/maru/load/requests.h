/* requests.h: the serialized requests of a run, one a call: of a template's text by protobuf's JSON.
 *
 * What can be made before the run is: one request where the template has no values, one a row where it has only those
 * of a CSV. Else each call's is made when it leaves. Belongs to whoever calls it, one thread at a time.
 */
#ifndef LOAD_REQUESTS_H
#define LOAD_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/schema.h"
#include "rows.h"
#include "template.h"

typedef struct requests requests;

typedef struct requests_options {
    const schema_message *type;
    const template *template;
    const rows *rows; /* NULL: none */
    uint64_t    seed;
} requests_options;

/* requests_new makes them, or tries the first one; what options point to outlives them. INVALID_ARGUMENT where one is
 * no message of type: error says where, and in which row of the CSV. */
maru_status requests_new(const requests_options *options, requests **out, maru_error *error);
/* The same bytes for every call; copied. NULL where memory is out. */
requests *requests_of_bytes(const void *bytes, size_t size);
void      requests_free(requests *r);

/* requests_made is whether all are made before: then what requests_get gives stays until requests_free, else until it
 * is called again. */
bool        requests_made(const requests *r);
maru_status requests_get(requests *r, uint64_t n, const uint8_t **bytes, size_t *size, maru_error *error);

#endif
