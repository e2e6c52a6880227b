/* fuzz_http.c: bytes of a connection as HTTP/1.1. The parser has them at once and in pieces, and must make the same of
 * them; a server in a simulated world has them too, and must handle as many requests as were made. The first byte says
 * how large the pieces are, and whether limits are small or the edge's own. */
#include "fuzz.h"

#include <string.h>

#include "edge/httpsim.h"
#include "http/parse.h"

enum { REQUESTS_MAX = 64, TEXT_MAX = 1 << 16 };

/* The small ones are passed often; in the others there is room for what only happens in large heads. */
static const http_limits small = {.max_head = 1024, .max_headers = 8, .max_target = 256, .max_body = 512};
static const http_limits usual = {.max_head = 16384, .max_headers = 64, .max_target = 8192, .max_body = 16384};

/* What the parser made of it: each request as text, then how it ended. */
typedef struct outcome {
    const http_limits *limits;
    char               text[TEXT_MAX];
    size_t             size;
    unsigned           requests, closing; /* the first that ends the connection, from 1; 0: none */
    int                refused;
} outcome;

static void note(outcome *o, const char *at, size_t size)
{
    MUST(o->size + size <= sizeof o->text);
    memcpy(o->text + o->size, at, size);
    o->size += size;
}

static void note_request(outcome *o, const http_parse *p, const uint8_t *bytes, size_t size)
{
    maru_http_header  headers[HTTP_HEADERS_MOST];
    maru_http_request r;
    const char       *base = (const char *)bytes;

    http_parse_request(p, bytes, headers, &r);
    MUST(p->seen <= size && p->body_at + p->body_size <= p->seen);
    MUST(r.body.size <= o->limits->max_body && r.header_count <= o->limits->max_headers);
    MUST(p->body_at <= o->limits->max_head);
    MUST(r.body.at >= base && r.body.at + r.body.size <= base + size);
    note(o, r.method, strlen(r.method));
    note(o, r.path.at, r.path.size);
    note(o, r.query.at, r.query.size);
    for (size_t i = 0; i < r.header_count; i++) {
        MUST(headers[i].name.size > 0 && headers[i].value.at + headers[i].value.size <= base + p->body_at);
        note(o, headers[i].name.at, headers[i].name.size);
        note(o, headers[i].value.at, headers[i].value.size);
    }
    note(o, r.body.at, r.body.size);
    o->requests++;
    if (!p->keep_alive && o->closing == 0)
        o->closing = o->requests;
}

/* One piece after the other, as a connection's buffer would have them. */
static void parse_in_pieces(const http_limits *limits, const uint8_t *data, size_t size, size_t piece, outcome *o)
{
    uint8_t    *bytes = malloc(size + 1);
    size_t      have = 0, at = 0;
    http_parse *p = malloc(sizeof *p);

    *o = (outcome){.limits = limits};
    http_parse_begin(p, limits);
    while (o->refused == 0 && o->requests < REQUESTS_MAX) {
        size_t      before = have;
        http_result result = have == 0 ? HTTP_MORE : http_parse_more(p, bytes, &have, true);

        MUST(have <= before);
        if (result == HTTP_COMPLETE) {
            note_request(o, p, bytes, have);
            have -= p->seen;
            memmove(bytes, bytes + p->seen, have);
            http_parse_begin(p, limits);
        } else if (result == HTTP_REFUSED) {
            MUST(p->status >= 400 && p->status <= 505 && *p->why != 0);
            o->refused = p->status;
        } else if (at == size) {
            break;
        } else {
            size_t more = piece < size - at ? piece : size - at;

            memcpy(bytes + have, data + at, more);
            have += more;
            at += more;
        }
    }
    free(p);
    free(bytes);
}

static void answer(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response)
{
    ++*(unsigned *)arg;
    (void)call;
    response->body = request->body;
}

/* A server handles the requests up to the one that ends the connection, and refuses what was refused. */
static void serve(const uint8_t *data, size_t size, size_t piece, const outcome *want)
{
    maru_http_options    options = {.max_head = want->limits->max_head,
                                    .max_headers = want->limits->max_headers,
                                    .max_target = want->limits->max_target,
                                    .max_body = want->limits->max_body};
    maru_sim            *sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    maru_runtime_options runtime = {.seam = maru_sim_seam(sim)};
    maru_runtime        *rt;
    maru_http_server    *server;
    unsigned             handled = 0, expected = want->closing > 0 ? want->closing : want->requests;
    simpeer              p;

    MUST(maru_runtime_new(&runtime, &rt, NULL) == MARU_OK);
    MUST(maru_http_new(rt, &options, answer, &handled, &server, NULL) == MARU_OK);
    MUST(maru_http_listen(server, HTTPSIM_ADDRESS, NULL) == MARU_OK);
    simpeer_dial(&p, sim, HTTPSIM_URL);
    for (size_t at = 0; at < size; at += piece)
        simpeer_write(&p, data + at, piece < size - at ? piece : size - at);
    maru_sim_run(sim, maru_sim_now(sim) + 100 * SECOND); /* past every time-out */
    MUST(handled == expected);
    MUST(p.closed_at != 0);
    simpeer_free(&p);
    maru_http_free(server);
    maru_runtime_free(rt);
    maru_sim_free(sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static outcome     whole, pieces; /* large, and of one call */
    const http_limits *limits;
    size_t             piece;

    if (size < 2 || size > FUZZ_INPUT_MAX)
        return 0;
    piece = data[0] % 64 + 1u;
    limits = data[0] & 0x80 ? &usual : &small;
    data++;
    size--;
    parse_in_pieces(limits, data, size, size, &whole);
    parse_in_pieces(limits, data, size, piece, &pieces);
    MUST(whole.requests == pieces.requests && whole.closing == pieces.closing);
    MUST((whole.refused != 0) == (pieces.refused != 0));
    MUST(whole.size == pieces.size && memcmp(whole.text, pieces.text, whole.size) == 0);
    if (whole.requests < REQUESTS_MAX)
        serve(data, size, piece, &whole);
    return 0;
}
