/* maru/service.h: the tables that protoc-gen-maru writes for a .proto. Constant data, no code.
 *
 * For proto/shop/cart.proto the plugin writes shop/cart.maru.h and shop/cart.maru.c beside protobuf-c's
 * shop/cart.pb-c.h and .c:
 *
 *   extern const maru_file    shop_cart_proto_maru_file;     the file's descriptor, with what it imports
 *   extern const maru_service cart_maru_service;             one a service, PREFIX_maru_service
 *
 *   the client, one function a unary method, PREFIX_METHOD in snake case:
 *     maru_status cart_add_item(maru_client *client, maru_call *call,
 *                               const Cart__AddItemRequest *request, Cart__Cart **response);
 *     void cart_add_item_async(maru_client *client, maru_call *call,
 *                               const Cart__AddItemRequest *request, maru_done done, void *arg);
 *
 *   the server, a table of handlers; a NULL answers UNIMPLEMENTED:
 *     struct cart_service;                                   the service's own state: its author defines it
 *     typedef struct cart_handlers {
 *         maru_status (*add_item)(struct cart_service *svc, maru_call *call,
 *                                 const Cart__AddItemRequest *request, Cart__Cart *response);
 *         ...
 *     } cart_handlers;
 *     maru_status cart_serve(maru_server *server, const cart_handlers *handlers,
 *                            struct cart_service *svc, maru_error *error);
 *
 * PREFIX is the name of the service in snake case without a final "Service", or its option (maru.service).prefix. The C
 * type names are protobuf-c's, shortened by option (pb_c_file).c_package.
 */
#ifndef MARU_SERVICE_H
#define MARU_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/decls.h"

MARU_BEGIN_DECLS

/* One .proto file: its serialized google.protobuf.FileDescriptorProto, source info removed. */
typedef struct maru_file {
    const char                    *name; /* "shop/cart.proto" */
    const uint8_t                 *bytes;
    size_t                         size;
    const struct maru_file *const *imports; /* NULL-terminated, every file that it imports */
} maru_file;

enum {
    MARU_METHOD_CLIENT_STREAM = 1 << 0,
    MARU_METHOD_SERVER_STREAM = 1 << 1,
    MARU_METHOD_NO_SIDE_EFFECTS = 1 << 2, /* idempotency_level = NO_SIDE_EFFECTS: read-only */
    MARU_METHOD_IDEMPOTENT = 1 << 3,      /* idempotency_level = IDEMPOTENT, or NO_SIDE_EFFECTS */
    MARU_METHOD_EXACTLY_ONCE = 1 << 4,    /* option (maru.method).exactly_once */
    MARU_METHOD_STORED_REPLY = 1 << 5,    /* option (maru.method).stored_reply: the reply is a record's bytes */
    MARU_METHOD_OPERATOR = 1 << 6,        /* option (maru.method).audience = OPERATOR: not for the public */
};

typedef struct maru_method {
    const char                       *name; /* "AddItem" */
    const char                       *path; /* "/shop.cart.v1.Cart/AddItem" */
    uint64_t                          id;   /* maru_method_id(path): what travels */
    uint32_t                          flags;
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *response;
    const struct maru_service        *service; /* that it belongs to */
} maru_method;

typedef struct maru_service {
    const char        *name; /* "shop.cart.v1.Cart" */
    const maru_method *methods;
    size_t             count;
    const maru_file   *file;
    uint64_t fingerprint; /* FNV-1a of the serialized descriptors of its file and all imports, in order of name */
} maru_service;

/* maru_method_id is the 64-bit FNV-1a hash of "/package.Service/Method".
 * (Fowler, Noll, Vo: draft-eastlake-fnv; offset basis cbf29ce484222325, prime 100000001b3.) */
uint64_t maru_method_id(const char *path);

MARU_END_DECLS

#endif
