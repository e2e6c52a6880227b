/* model.h: the services of a file, as they become C: names, ids, flags and types, all resolved. */
#ifndef PROTOC_GEN_MARU_MODEL_H
#define PROTOC_GEN_MARU_MODEL_H

#include "schema.h"

struct method {
    const Method      *proto;
    struct place       place;
    const char        *path;     /* "/shop.cart.v1.CartService/AddItem" */
    const char        *function; /* "cart_add_item" */
    const char        *slot;     /* "add_item" */
    const struct type *request;  /* NULL where it was refused */
    const struct type *response;
    uint64_t           id;
    uint32_t           flags; /* MARU_METHOD_* */
    bool               streams;
};

struct service {
    const Service *proto;
    struct place   place;
    const char    *name; /* "shop.cart.v1.CartService" */
    const char    *prefix;
    bool           refused; /* its prefix was */
    struct method *methods;
    size_t         count;
    size_t         unary; /* of them */
};

struct model {
    const File     *file;
    struct service *services;
    size_t          count;
};

/* model_open resolves the services of file; what is wrong with them is refused. */
struct model model_open(struct schema *schema, const File *file);

/* model_hash is 64-bit FNV-1a going on from hash; begin with MODEL_HASH_BASIS. */
#define MODEL_HASH_BASIS UINT64_C(0xcbf29ce484222325)
uint64_t model_hash(uint64_t hash, const void *bytes, size_t size);

#endif
