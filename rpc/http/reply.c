/* reply.c: writes an answer's status line, headers and body as bytes, and errors as google.rpc.Status in JSON. */
#include "http/reply.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "json/writer.h"

enum { HEAD_MOST = 256, WORDS_MOST = 4096, ERROR_MOST = 32768 };

/* Status codes that are answered here, and their names. */
static const struct {
    int         code;
    const char *name;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

static const char *reason_of(int code)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].code == code)
            return reasons[i].name;
    return "Unknown";
}

/* By gRPC's code. */
static const int http_of[MARU_STATUS_COUNT] = {
    [MARU_OK] = 200,
    [MARU_CANCELLED] = 499,
    [MARU_UNKNOWN] = 500,
    [MARU_INVALID_ARGUMENT] = 400,
    [MARU_DEADLINE_EXCEEDED] = 504,
    [MARU_NOT_FOUND] = 404,
    [MARU_ALREADY_EXISTS] = 409,
    [MARU_PERMISSION_DENIED] = 403,
    [MARU_RESOURCE_EXHAUSTED] = 429,
    [MARU_FAILED_PRECONDITION] = 400,
    [MARU_ABORTED] = 409,
    [MARU_OUT_OF_RANGE] = 400,
    [MARU_UNIMPLEMENTED] = 501,
    [MARU_INTERNAL] = 500,
    [MARU_UNAVAILABLE] = 503,
    [MARU_DATA_LOSS] = 500,
    [MARU_UNAUTHENTICATED] = 401,
};

int maru_http_status(maru_status status)
{
    return (unsigned)status < MARU_STATUS_COUNT ? http_of[status] : 500;
}

/* Names by hand: strftime's are the locale's. */
void reply_date(char out[static REPLY_DATE_SIZE], int64_t wall_ns)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t            seconds = wall_ns / 1000000000;
    char              line[80];
    struct tm         t;

    gmtime_r(&seconds, &t);
    snprintf(line, sizeof line, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * t.tm_wday, t.tm_mday,
             months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    memcpy(out, line, REPLY_DATE_SIZE);
    out[REPLY_DATE_SIZE - 1] = 0;
}

static bool is_value(const char *value)
{
    for (; *value != 0; value++)
        if ((unsigned char)*value < ' ' || *value == 0x7f)
            return false;
    return true;
}

size_t reply_size(const reply *r)
{
    const maru_http_response *response = r->response;
    size_t                    size = HEAD_MOST + (r->head ? 0 : response->body.size);

    size += response->type == NULL ? 0 : strlen(response->type);
    for (size_t i = 0; i < response->header_count; i++)
        size += strlen(response->headers[i].name) + strlen(response->headers[i].value) + 4;
    return size;
}

static char *put(char *at, const char *words)
{
    size_t size = strlen(words);

    memcpy(at, words, size);
    return at + size;
}

static char *put_header(char *at, const char *name, const char *value)
{
    return put(put(put(put(at, name), ": "), value), "\r\n");
}

static char *put_number(char *at, size_t number)
{
    char  digits[24];
    char *from = digits + sizeof digits;

    do
        *--from = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    memcpy(at, from, (size_t)(digits + sizeof digits - from));
    return at + (digits + sizeof digits - from);
}

/* 204 has no body, and says so by having no length either (RFC 9110, 8.6). */
size_t reply_write(const reply *r, uint8_t *out)
{
    const maru_http_response *response = r->response;
    char                     *at = (char *)out;

    at = put(put_number(put(at, "HTTP/1.1 "), (size_t)response->status), " ");
    at = put(put(at, reason_of(response->status)), "\r\n");
    at = put_header(at, "Date", r->date);
    if (response->type != NULL)
        at = put_header(at, "Content-Type", response->type);
    if (response->status != 204)
        at = put(put_number(put(at, "Content-Length: "), response->body.size), "\r\n");
    if (r->close || r->http_1_0)
        at = put_header(at, "Connection", r->close ? "close" : "keep-alive");
    for (size_t i = 0; i < response->header_count; i++)
        if (is_value(response->headers[i].value))
            at = put_header(at, response->headers[i].name, response->headers[i].value);
    at = put(at, "\r\n");
    if (!r->head && response->status != 204 && response->body.size > 0) {
        memcpy(at, response->body.at, response->body.size);
        at += response->body.size;
    }
    return (size_t)(at - (char *)out);
}

void maru_http_add_header(maru_http_response *response, const char *name, const char *value)
{
    if (response->header_count == MARU_HTTP_HEADERS_MAX)
        return;
    response->headers[response->header_count].name = name;
    response->headers[response->header_count++].value = value;
}

static void put_string(writer *w, const char *key, const char *string)
{
    char clean[WORDS_MOST];

    utf8_clean(clean, sizeof clean, string);
    writer_key(w, key, strlen(key));
    writer_string(w, clean, strlen(clean));
}

void maru_http_fail(maru_call *call, maru_http_response *response, int http, maru_status status, const char *message,
                    const char *origin)
{
    writer w = {.out = text_in(maru_call_arena(call), ERROR_MOST)};
    char   code[12];

    snprintf(code, sizeof code, "%d", (int)status);
    writer_open(&w, JSON_OBJECT);
    writer_key(&w, "code", strlen("code"));
    writer_raw(&w, code, strlen(code));
    put_string(&w, "message", message);
    writer_key(&w, "details", strlen("details"));
    writer_open(&w, JSON_LIST);
    writer_close(&w);
    if (*origin != 0)
        put_string(&w, "origin", origin);
    writer_close(&w);
    response->status = http != 0 ? http : maru_http_status(status);
    response->type = "application/json";
    response->body = (maru_text){.at = text_end(&w.out), .size = w.out.size};
    if (response->body.at == NULL)
        response->body = (maru_text){.at = "{\"code\":8}", .size = strlen("{\"code\":8}")};
}
