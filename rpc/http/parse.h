/* parse.h: the bytes of a connection as HTTP/1.1 requests. Pure: bytes in, views and decisions out.
 *
 * libhttp-parser owns the framing: where a head and a body end is what it says and nobody else. On top of it, what it
 * lets pass and another server on the way might read otherwise is refused (docs/edge.md has the list). parse.c is the
 * only file that includes http_parser.h.
 *
 * A request is parsed where it lies: head and body stay in the caller's buffer, from its first byte on, and the chunks
 * of a chunked body are moved together there. All places are offsets, so that the buffer may move in between.
 */
#ifndef MARU_HTTP_PARSE_H
#define MARU_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/http.h"

typedef struct http_limits {
    size_t max_head, max_headers, max_target, max_body;
} http_limits;

enum { HTTP_HEADERS_MOST = 128, HTTP_HEAD_MOST = 65535, HTTP_PARSER_WORDS = 4 };

typedef struct http_span {
    uint16_t at, size;
} http_span;

typedef struct http_field {
    http_span name, value;
} http_field;

typedef struct http_parse {
    const http_limits *limits;
    uint64_t           parser[HTTP_PARSER_WORDS]; /* libhttp-parser's */
    uint8_t           *base;                      /* while it runs */
    size_t             seen;                      /* bytes that the parser has had */
    bool               head_done, done;
    bool               expects_continue;
    bool               keep_alive;
    bool               chunked;
    bool               in_value; /* the last piece was of a header's value */
    bool               trailing; /* the last chunk has come */
    const char        *method;
    unsigned           minor; /* of HTTP/1.x */
    http_span          target;
    http_field         fields[HTTP_HEADERS_MOST];
    size_t             field_count;
    size_t             line_at; /* where what is not checked yet begins: the head, a chunk's line, the trailer */
    size_t             body_at, body_size;
    size_t             framing; /* bytes of the body that were chunks' lines */
    int                status;  /* of the refusal */
    const char        *why;     /* in words: static, or of words */
    char               words[96];
} http_parse;

typedef enum http_result {
    HTTP_MORE,     /* want more bytes */
    HTTP_COMPLETE, /* a whole request: seen bytes of the buffer */
    HTTP_REFUSED,  /* status and why; the connection is of no more use */
} http_result;

void http_parse_begin(http_parse *p, const http_limits *limits);

/* http_parse_more looks at what came since the last time: the request begins at bytes, of which *size are there. On
 * HTTP_MORE, and where shrink is true, *size may have become less: the framing of chunks is taken out. */
http_result http_parse_more(http_parse *p, uint8_t *bytes, size_t *size, bool shrink);

/* http_parse_request fills the views of a request that is done, or whose head is; headers has room for field_count. */
void http_parse_request(const http_parse *p, const uint8_t *bytes, maru_http_header *headers,
                        maru_http_request *request);

#endif
