/* parse.c: drives libhttp-parser over a request, checks what it lets pass, and words every refusal for people. */
#include "http/parse.h"

#include <assert.h>
#include <http_parser.h>
#include <stdio.h>
#include <string.h>

#include "http/lines.h"

static_assert(sizeof(http_parser) <= HTTP_PARSER_WORDS * sizeof(uint64_t), "room for the library's parser");

static http_parser *parser_of(http_parse *p)
{
    return (http_parser *)(void *)p->parser;
}

/* Notes why, and stops the parser. */
static int refuse(http_parse *p, int status, const char *why)
{
    p->status = status;
    p->why = why;
    return -1;
}

static int refuse_above(http_parse *p, int status, const char *what, size_t limit, const char *name)
{
    snprintf(p->words, sizeof p->words, "%s: limit %zu (%s)", what, limit, name);
    return refuse(p, status, p->words);
}

static int refuse_head(http_parse *p)
{
    return refuse_above(p, 431, "bytes of the request's head", p->limits->max_head, "max_head");
}

static int refuse_body(http_parse *p)
{
    return refuse_above(p, 413, "bytes of the body", p->limits->max_body, "max_body");
}

/* Words that are said from more than one place. */

static int refuse_line(http_parse *p)
{
    return refuse(p, 400, "the request line is not METHOD SP target SP HTTP/1.1 CRLF");
}

static int refuse_field(http_parse *p)
{
    return refuse(p, 400,
                  "a header line is not name: value CRLF (no space before the colon, no folded lines, no bare CR or "
                  "LF, no control characters)");
}

static int refuse_trailer(http_parse *p)
{
    return refuse(p, 400, "a line of the trailer is not name: value CRLF");
}

static int refuse_chunk(http_parse *p)
{
    return refuse(p, 400, "a chunk does not begin with its size in hexadecimal and CRLF, and end with CRLF");
}

/* What the library tells. A piece that goes on from the one before lies behind it: the head does not move apart. */

static int grow(http_parse *p, http_span *span, const char *at, size_t size)
{
    size_t from = (size_t)(at - (const char *)p->base), end = from + size;

    if (end > p->limits->max_head)
        return refuse_head(p);
    if (span->size == 0)
        span->at = (uint16_t)from;
    span->size = (uint16_t)(end - span->at);
    return 0;
}

static int on_target(http_parser *parser, const char *at, size_t size)
{
    http_parse *p = parser->data;

    if (grow(p, &p->target, at, size) != 0)
        return -1;
    return p->target.size <= p->limits->max_target
               ? 0
               : refuse_above(p, 414, "bytes of the request target", p->limits->max_target, "max_target");
}

static int on_name(http_parser *parser, const char *at, size_t size)
{
    http_parse *p = parser->data;

    if (p->head_done)
        return 0; /* a trailer: looked at as a whole, and dropped */
    if (p->field_count == 0 || p->in_value) {
        if (p->field_count == p->limits->max_headers)
            return refuse_above(p, 431, "headers", p->limits->max_headers, "max_headers");
        p->fields[p->field_count++] = (http_field){0};
        p->in_value = false;
    }
    return grow(p, &p->fields[p->field_count - 1].name, at, size);
}

static int on_value(http_parser *parser, const char *at, size_t size)
{
    http_parse *p = parser->data;

    if (p->head_done || p->field_count == 0)
        return 0;
    p->in_value = true;
    return grow(p, &p->fields[p->field_count - 1].value, at, size);
}

static int on_body(http_parser *parser, const char *at, size_t size)
{
    http_parse *p = parser->data;

    if (size > p->limits->max_body - p->body_size)
        return refuse_body(p);
    memmove(p->base + p->body_at + p->body_size, at, size);
    p->body_size += size;
    p->line_at = (size_t)(at - (const char *)p->base) + size;
    return 0;
}

/* Pauses are where we look at what the library has just passed. */
static int on_head(http_parser *parser)
{
    parser->upgrade = parser->method == HTTP_CONNECT; /* nothing else is switched to */
    http_parser_pause(parser, 1);
    return 0;
}

static int on_chunk(http_parser *parser)
{
    http_parser_pause(parser, 1);
    return 0;
}

static int on_complete(http_parser *parser)
{
    http_parse *p = parser->data;

    p->done = true;
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_chunk_header = on_chunk,
    .on_message_complete = on_complete,
};

void http_parse_begin(http_parse *p, const http_limits *limits)
{
    http_parser *parser = parser_of(p);

    p->limits = limits;
    p->seen = p->line_at = p->body_at = p->body_size = p->framing = p->field_count = 0;
    p->head_done = p->done = p->expects_continue = p->chunked = p->in_value = p->trailing = false;
    p->target = (http_span){0};
    p->status = 0;
    p->why = "";
    http_parser_init(parser, HTTP_REQUEST);
    parser->data = p;
}

/* The head, once it is whole. */

static maru_text text_of(const http_parse *p, http_span span)
{
    return (maru_text){.at = (const char *)p->base + span.at, .size = span.size};
}

static maru_text value_of(const http_parse *p, const http_field *field)
{
    return lines_trim(text_of(p, field->value));
}

/* The one header of this name; false where there are several. */
static bool single(const http_parse *p, const char *name, const http_field **found)
{
    *found = NULL;
    for (size_t i = 0; i < p->field_count; i++) {
        if (!maru_text_is_nocase(text_of(p, p->fields[i].name), name))
            continue;
        if (*found != NULL)
            return false;
        *found = &p->fields[i];
    }
    return true;
}

/* What may stand before the request line: empty lines, each of CRLF (RFC 9112, 2.2). The library passes any CR and LF
 * there; one that is left over is then no part of a request line. The head is whole, so that something ends this. */
static size_t skip_empty(const http_parse *p)
{
    size_t at = 0;

    while (p->base[at] == '\r' && p->base[at + 1] == '\n')
        at += 2;
    return at;
}

/* "METHOD SP target SP HTTP/1.x CRLF", one space each. */
static int check_lines(http_parse *p, size_t start, size_t end)
{
    const char *line = (const char *)p->base + start;
    size_t      want = strlen(p->method) + 1 + p->target.size + sizeof " HTTP/1.1\r\n" - 1;

    if (*line == '\r' || *line == '\n')
        return refuse(p, 400, "a bare CR or LF stands before the request line, where only empty lines may: CRLF");
    if (memcmp(line + want - 2, "\r\n", 2) != 0 || line[strlen(p->method)] != ' ' || line[want - 11] != ' ' ||
        p->target.at != start + strlen(p->method) + 1)
        return refuse_line(p);
    if (!lines_target(text_of(p, p->target)))
        return refuse(p, 400, "the request target has characters that must be escaped");
    if (!lines_fields(line + want, end - start - want))
        return refuse_field(p);
    return 0;
}

static int check_framing(http_parse *p)
{
    const http_field *length, *coding;

    if (!single(p, "content-length", &length))
        return refuse(p, 400, "more than one Content-Length");
    if (!single(p, "transfer-encoding", &coding))
        return refuse(p, 400, "more than one Transfer-Encoding");
    if (coding != NULL && length != NULL)
        return refuse(p, 400, "Content-Length with Transfer-Encoding");
    if (coding != NULL && p->minor == 0)
        return refuse(p, 400, "Transfer-Encoding in HTTP/1.0");
    if (coding != NULL && !maru_text_is_nocase(value_of(p, coding), "chunked"))
        return refuse(p, 501, "Transfer-Encoding: want chunked, and nothing else");
    p->chunked = coding != NULL;
    if (p->chunked)
        parser_of(p)->flags |= F_CHUNKED; /* the library does not know it with a tab behind it */
    if (length != NULL && parser_of(p)->content_length > p->limits->max_body)
        return refuse_body(p);
    return 0;
}

static int check_rest(http_parse *p)
{
    const http_field *host, *expect;

    if (!single(p, "host", &host) || (host == NULL && p->minor > 0))
        return refuse(p, 400, "want one Host");
    if (host != NULL && !lines_host(value_of(p, host)))
        return refuse(p, 400, "Host: want a name or an address, an IPv6 address in brackets, and perhaps :PORT");
    if (!single(p, "expect", &expect) || (expect != NULL && !maru_text_is_nocase(value_of(p, expect), "100-continue")))
        return refuse(p, 417, "Expect: want 100-continue, and nothing else");
    p->expects_continue = expect != NULL && p->minor > 0;
    return 0;
}

static int check_head(http_parse *p)
{
    http_parser *parser = parser_of(p);
    size_t       end = p->seen + 1; /* the library stops before the last LF, which it does not look at */

    p->method = http_method_str(parser->method);
    p->minor = parser->http_minor;
    p->keep_alive = http_should_keep_alive(parser) != 0;
    if (p->base[p->target.at + p->target.size] != ' ') /* no version: the library takes that for HTTP/0.9 */
        return refuse_line(p);
    if (parser->http_major != 1 || parser->http_minor > 1)
        return refuse(p, 505, "want HTTP/1.1");
    if (end > p->limits->max_head)
        return refuse_head(p);
    if (check_lines(p, skip_empty(p), end) != 0 || check_framing(p) != 0 || check_rest(p) != 0)
        return -1;
    if (parser->method == HTTP_CONNECT)
        return refuse(p, 501, "CONNECT: this is no proxy");
    if (parser->method != HTTP_OPTIONS && maru_text_is(text_of(p, p->target), "*"))
        return refuse(p, 400, "the request target: \"*\" is for OPTIONS; want a path");
    if (!lines_authority(text_of(p, p->target)))
        return refuse(p, 400,
                      "the request target: want a path, or a URL of http or https with a host, and perhaps :PORT");
    p->head_done = true;
    p->body_at = p->line_at = end;
    return 0;
}

/* A chunk's line with the end of the chunk before it. */
static int check_chunk(http_parse *p)
{
    const char *line = (const char *)p->base + p->line_at;
    size_t      size = p->seen - p->line_at;

    if (!lines_chunk(line, size, p->body_size > 0))
        return refuse_chunk(p);
    if (parser_of(p)->content_length > p->limits->max_body - p->body_size)
        return refuse_body(p);
    p->framing += size;
    if (p->framing > p->limits->max_head + 8 * p->body_size)
        return refuse(p, 400, "the chunks are too small for what they carry");
    p->trailing = parser_of(p)->content_length == 0;
    p->line_at = p->seen;
    return 0;
}

static int check_trailer(http_parse *p)
{
    const char *lines = (const char *)p->base + p->line_at;

    if (p->chunked && !lines_fields(lines, p->seen - p->line_at))
        return refuse_trailer(p);
    return 0;
}

/* One that is a single number is dropped with the rest of the trailer. */
static const char trailing_length[] = "a Content-Length in the trailer that is no single number";

/* The library says the same of a Content-Length that is no number, of one that is above 64 bits, where it stops at a
 * digit behind a digit, and of a chunk's size above 64 bits. Those are above any limit, whatever digits follow. */
static int refuse_length(http_parse *p)
{
    const uint8_t *at = p->base + p->seen;
    bool           digits = at[0] >= '0' && at[0] <= '9' && at[-1] >= '0' && at[-1] <= '9';

    if (p->trailing)
        return refuse(p, 400, trailing_length);
    if (p->head_done || digits)
        return refuse_body(p);
    return refuse(p, 400, "Content-Length: want digits, and nothing else");
}

/* The library sees a second Content-Length, and one beside a Transfer-Encoding, before the head is whole. */
static int refuse_framing(http_parse *p)
{
    return check_framing(p) != 0 ? -1 : refuse(p, 400, trailing_length);
}

static int refuse_bare(http_parse *p)
{
    if (p->head_done && !p->trailing)
        return refuse_chunk(p);
    return refuse(p, 400, "a bare CR: want CRLF at the end of a line");
}

/* The library has stopped by itself. */
static int library_refused(http_parse *p)
{
    enum http_errno code = HTTP_PARSER_ERRNO(parser_of(p));

    if (p->status != 0)
        return -1; /* we did */
    switch (code) {
    case HPE_INVALID_METHOD:
        return refuse(p, 501, "no method that is known here");
    case HPE_HEADER_OVERFLOW:
        return refuse_head(p);
    case HPE_INVALID_VERSION: /* not one of another number, but none at all: HTTP/DIGIT.DIGIT */
    case HPE_INVALID_CONSTANT:
        return refuse_line(p);
    case HPE_INVALID_HEADER_TOKEN:
        return p->head_done ? refuse_trailer(p) : refuse_field(p);
    case HPE_INVALID_CONTENT_LENGTH:
        return refuse_length(p);
    case HPE_UNEXPECTED_CONTENT_LENGTH:
        return refuse_framing(p);
    case HPE_LF_EXPECTED:
    case HPE_STRICT:
        return refuse_bare(p);
    case HPE_INVALID_CHUNK_SIZE:
        return refuse_chunk(p);
    default:
        return refuse(p, 400, http_errno_description(code));
    }
}

/* What stands before at of a value that the library has told nothing of: digits, and blanks around them. */
static size_t untold(const http_parse *p, const uint8_t *at)
{
    size_t size = 0;

    if (p->head_done || p->in_value)
        return 0;
    for (at--; *at == ' ' || (*at >= '0' && *at <= '9'); at--)
        size++;
    return size;
}

/* A tab behind a length is a blank as a space is (RFC 9110, 5.6.3), where the library stops, and has not told of the
 * value so far. It goes on as if there were a space, which is dropped from the value's end like it; before a further
 * digit it stops anew. All blanks that follow are made spaces at once, and a value is looked back on once: what a
 * client's tabs cost grows as their number does. */
static bool pass_tabs(http_parse *p, size_t size)
{
    uint8_t *at = p->base + p->seen, *end = p->base + size;
    size_t   before;

    if (HTTP_PARSER_ERRNO(parser_of(p)) != HPE_INVALID_CONTENT_LENGTH || *at != '\t')
        return false;
    before = untold(p, at);
    if (on_value(parser_of(p), (const char *)at - before, before) != 0)
        return false;
    for (; at < end && (*at == ' ' || *at == '\t'); at++)
        *at = ' ';
    parser_of(p)->http_errno = HPE_OK;
    return true;
}

/* What came whole is bounded as what comes in pieces is. */
static int bounds(http_parse *p)
{
    if (!p->head_done && p->seen > p->limits->max_head)
        return refuse_head(p);
    if (p->chunked && p->seen - p->line_at > p->limits->max_head)
        return refuse_above(p, 431, "bytes of a chunk's line, or of the trailer", p->limits->max_head, "max_head");
    return 0;
}

/* At a pause: what was passed. */
static int check_passed(http_parse *p)
{
    if (!p->head_done)
        return check_head(p);
    if (bounds(p) != 0)
        return -1;
    return p->done ? check_trailer(p) : check_chunk(p);
}

/* A chunked body that is not whole: what is left of the framing moves behind what there is of the body. */
static void close_gap(http_parse *p, size_t *size)
{
    size_t end = p->body_at + p->body_size, left = *size - p->line_at;

    if (!p->chunked || p->line_at == end)
        return;
    memmove(p->base + end, p->base + p->line_at, left);
    p->line_at = end;
    *size = p->seen = end + left;
}

http_result http_parse_more(http_parse *p, uint8_t *bytes, size_t *size, bool shrink)
{
    http_parser *parser = parser_of(p);

    p->base = bytes;
    while (p->seen < *size) {
        size_t took = http_parser_execute(parser, &settings, (const char *)bytes + p->seen, *size - p->seen);

        p->seen += took;
        if (HTTP_PARSER_ERRNO(parser) == HPE_OK || pass_tabs(p, *size))
            continue;
        if (HTTP_PARSER_ERRNO(parser) != HPE_PAUSED) {
            library_refused(p);
            return HTTP_REFUSED;
        }
        if (check_passed(p) != 0)
            return HTTP_REFUSED;
        if (p->done)
            return HTTP_COMPLETE;
        http_parser_pause(parser, 0);
    }
    if (bounds(p) != 0)
        return HTTP_REFUSED;
    if (p->head_done && shrink)
        close_gap(p, size);
    return HTTP_MORE;
}

static size_t follows(const http_parse *p)
{
    const http_parser *parser = (const http_parser *)(const void *)p->parser;

    if (p->done)
        return 0;
    return p->chunked ? SIZE_MAX : (size_t)parser->content_length; /* which it counts down */
}

void http_parse_request(const http_parse *p, const uint8_t *bytes, maru_http_header *headers,
                        maru_http_request *request)
{
    const char *base = (const char *)bytes;

    for (size_t i = 0; i < p->field_count; i++) {
        const http_field *f = &p->fields[i];

        headers[i].name = (maru_text){.at = base + f->name.at, .size = f->name.size};
        headers[i].value = lines_trim((maru_text){.at = base + f->value.at, .size = f->value.size});
    }
    *request = (maru_http_request){.method = p->method,
                                   .headers = headers,
                                   .header_count = p->field_count,
                                   .body = {.at = base + p->body_at, .size = p->body_size},
                                   .follows = follows(p)};
    lines_split((maru_text){.at = base + p->target.at, .size = p->target.size}, &request->path, &request->query);
}
