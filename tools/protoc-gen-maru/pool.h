/* pool.h: memory that lives as long as the run.
 *
 * A plugin reads once, writes once and ends: nothing is given back alone. Where memory is out the program ends with 1
 * and a line on stderr, before anything was written. One thread.
 */
#ifndef PROTOC_GEN_MARU_POOL_H
#define PROTOC_GEN_MARU_POOL_H

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

struct pool_block;

struct pool {
    struct pool_block *newest;
    ProtobufCAllocator allocator; /* the pool, as protobuf-c's unpack takes it */
};

void  pool_open(struct pool *pool);
void *pool_take(struct pool *pool, size_t size); /* zeroed */
char *pool_strndup(struct pool *pool, const char *from, size_t size);
char *pool_printf(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
void  pool_close(struct pool *pool);

#endif
