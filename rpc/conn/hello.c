/* hello.c: writes the hello frame: version, name, limits and fingerprints of this side. */
#include "conn/hello.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "maru/wire.pb-c.h"

void hello_name(const char *service, const char *instance, char out[static HELLO_NAME_SIZE])
{
    char s[41], i[41];

    snprintf(out, HELLO_NAME_SIZE, "%s/%s", utf8_clean(s, sizeof s, service), utf8_clean(i, sizeof i, instance));
}

bool hello_send(conn *c, const hello *h)
{
    MaruPb__Hello  message = MARU_PB__HELLO__INIT;
    MaruPb__Schema schemas[HELLO_SCHEMAS_MAX], *pointers[HELLO_SCHEMAS_MAX];
    frame          head = {.kind = FRAME_HELLO, .id = FRAME_CONTROL_ID};
    uint8_t       *at;

    message.version = h->version;
    message.service = (char *)h->service;
    message.instance = (char *)h->instance;
    message.max_message = h->max_message;
    message.max_calls = h->max_calls;
    message.n_schemas = h->service_count < HELLO_SCHEMAS_MAX ? h->service_count : HELLO_SCHEMAS_MAX;
    message.schemas = pointers;
    for (size_t i = 0; i < message.n_schemas; i++) {
        maru_pb__schema__init(&schemas[i]);
        schemas[i].service = (char *)h->services[i]->name;
        schemas[i].fingerprint = h->services[i]->fingerprint;
        pointers[i] = &schemas[i];
    }
    head.payload_size = maru_pb__hello__get_packed_size(&message);
    if ((at = conn_begin(c, &head, head.payload_size)) == NULL)
        return false;
    maru_pb__hello__pack(&message, at);
    return true;
}
