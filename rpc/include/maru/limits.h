/* maru/limits.h: how much of everything there may be, each said once: the fields of the options of a server, a store
 * and an HTTP server, their defaults, and the settings of every service (docs/operations.md) come from these tables.
 *
 * Field, type, unit, default, least, most, what it is. In options, 0 is the default. As a setting it is called as its
 * field, with - for _; that of a store begins with "store-", that of HTTP with "http-".
 */
#ifndef MARU_LIMITS_H
#define MARU_LIMITS_H

#include <stddef.h>
#include <stdint.h>

typedef enum maru_unit {
    MARU_BYTES, /* "4194304", "4MiB" */
    MARU_COUNT,
    MARU_MS,
} maru_unit;

#define MARU_KIB(n) (INT64_C(n) << 10)
#define MARU_MIB(n) (INT64_C(n) << 20)
#define MARU_GIB(n) (INT64_C(n) << 30)

/* Max_message leaves room for what every server says of itself: descriptors, metrics. Max_connections is fewer where
 * the process may not open so many files; a sixteenth of them is kept for ipc. One that waits takes a kilobyte, or
 * five where its request has more than 256 bytes. */
#define MARU_SERVER_LIMITS(X)                                                                                          \
    X(max_message, size_t, MARU_BYTES, MARU_MIB(4), MARU_KIB(256), MARU_GIB(1), "of a request or a reply")             \
    X(max_memory, size_t, MARU_BYTES, MARU_MIB(64), MARU_KIB(64), MARU_GIB(64), "that one call may take")              \
    X(max_memory_total, size_t, MARU_BYTES, MARU_MIB(256), MARU_MIB(1), MARU_GIB(1024),                                \
      "that all calls together may take, beyond the first 4 KiB of each")                                              \
    X(max_buffer_total, size_t, MARU_BYTES, MARU_MIB(256), MARU_MIB(1), MARU_GIB(1024),                                \
      "that the buffers of all connections may take, beyond 192 KiB of each")                                          \
    X(max_calls, size_t, MARU_COUNT, 1024, 1, 1000000, "calls of one connection, waiting or running")                  \
    X(max_calls_total, size_t, MARU_COUNT, 10000, 1, 1000000, "calls that run at once")                                \
    X(max_queue, size_t, MARU_COUNT, 32768, 1, 10000000, "calls that wait, beyond a fair share for each connection")   \
    X(max_output, size_t, MARU_BYTES, MARU_MIB(8), MARU_KIB(64), MARU_GIB(1), "unsent, of one connection")             \
    X(max_connections, size_t, MARU_COUNT, 10000, 16, 1000000, "connections; a sixteenth is kept for ipc")             \
    X(slow_peer_ms, int64_t, MARU_MS, 10000, 1, 3600000, "how long output may stay above max-output")                  \
    X(idle_peer_ms, int64_t, MARU_MS, 60000, 1, 86400000, "how long a plain nng socket may stay without a call")       \
    X(drain_ms, int64_t, MARU_MS, 10000, 1, 600000, "how long a stop waits for what is in flight")

#define MARU_STORE_LIMITS(X)                                                                                           \
    X(map_bytes, uint64_t, MARU_BYTES, MARU_GIB(1024), MARU_MIB(1), MARU_GIB(65536), "the most its file can grow to")  \
    X(once_keep_ms, int64_t, MARU_MS, INT64_C(604800000), 1000, INT64_C(31536000000),                                  \
      "how long it is known what exactly-once calls were answered")                                                    \
    X(once_keep_bytes, uint64_t, MARU_BYTES, MARU_MIB(16), MARU_KIB(64), MARU_GIB(64),                                 \
      "of stored replies that are large, all together")                                                                \
    X(max_read_ms, int64_t, MARU_MS, 1000, 1, 3600000, "a read that takes longer is told in the log")                  \
    X(max_queue, size_t, MARU_COUNT, 10000, 1, 10000000, "writes that wait")

/* Max_connections is fewer where the process may not open so many files: 192 of them at most are kept for services that
 * are called and for operators. */
#define MARU_HTTP_LIMITS(X)                                                                                            \
    X(max_head, size_t, MARU_BYTES, MARU_KIB(16), 1024, 65535, "of a request's line and headers")                      \
    X(max_headers, size_t, MARU_COUNT, 64, 8, 128, "headers of a request")                                             \
    X(max_target, size_t, MARU_BYTES, MARU_KIB(8), 256, 65535, "of a request's target")                                \
    X(max_body, size_t, MARU_BYTES, MARU_MIB(1), 1, MARU_GIB(1), "of a request's body")                                \
    X(max_output, size_t, MARU_BYTES, MARU_MIB(1), MARU_KIB(16), MARU_GIB(1),                                          \
      "unsent, of one connection, above which its next request waits")                                                 \
    X(max_memory, size_t, MARU_BYTES, MARU_MIB(64), MARU_KIB(64), MARU_GIB(64), "that one request may take")           \
    X(max_memory_total, size_t, MARU_BYTES, MARU_MIB(256), MARU_MIB(1), MARU_GIB(1024),                                \
      "that all requests together may take, beyond the first 4 KiB of each")                                           \
    X(max_buffer_total, size_t, MARU_BYTES, MARU_MIB(256), MARU_MIB(1), MARU_GIB(1024),                                \
      "that the buffers of all connections may take, beyond 192 KiB of each")                                          \
    X(max_connections, size_t, MARU_COUNT, 10000, 1, 1000000, "connections")                                           \
    X(head_ms, int64_t, MARU_MS, 10000, 1, 3600000, "from the first byte of a request to the end of its head")         \
    X(body_ms, int64_t, MARU_MS, 30000, 1, 3600000, "from there to the end of its body")                               \
    X(idle_ms, int64_t, MARU_MS, 60000, 1, 3600000, "from an answer to the next request")                              \
    X(send_ms, int64_t, MARU_MS, 30000, 1, 3600000, "how long an answer may go on being sent")                         \
    X(call_ms, int64_t, MARU_MS, 60000, 1, 3600000, "how long a request may be worked on")                             \
    X(drain_ms, int64_t, MARU_MS, 10000, 1, 600000, "how long a stop waits for what is in flight")

/* The fields of a struct of options. */
#define MARU_LIMIT_FIELD(field, type, unit, fallback, least, most, words) type field;

#endif
