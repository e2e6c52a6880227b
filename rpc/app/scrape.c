/* scrape.c: answers GET and HEAD of /metrics with a runtime's meters, on an HTTP server of its own. */
#include "app/scrape.h"

#include <string.h>

#include "runtime/meter.h"
#include "runtime/rt.h"

/* Two at once, and one that waits, are more than who scrapes needs; and a scrape is small. */
enum { SCRAPE_MEMORY = 16 << 20, SCRAPE_MS = 10000, SCRAPE_BODY = 1024 };

static bool is_method(const maru_http_request *request, const char *method)
{
    return strcmp(request->method, method) == 0;
}

static void handle(void *rt, maru_call *call, const maru_http_request *request, maru_http_response *response)
{
    const char *text;
    size_t      size;
    maru_status status;

    if (!maru_text_is(request->path, "/metrics")) {
        maru_http_fail(call, response, 0, MARU_NOT_FOUND, "there is /metrics here, and nothing else", "");
    } else if (!is_method(request, "GET") && !is_method(request, "HEAD")) {
        maru_http_add_header(response, "Allow", "GET, HEAD");
        maru_http_fail(call, response, 405, MARU_UNIMPLEMENTED, "want GET or HEAD", "");
    } else if ((status = meters_collect(rt_meters(rt), call, &text, &size)) != MARU_OK) {
        maru_http_fail(call, response, 0, status, maru_call_message(call), "");
    } else {
        response->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        response->body = (maru_text){.at = text, .size = size};
    }
}

maru_status scrape_open(maru_runtime *rt, const char *address, maru_http_server **server, maru_error *error)
{
    maru_http_options options = {.max_memory = SCRAPE_MEMORY,
                                 .max_body = SCRAPE_BODY,
                                 .max_connections = 16,
                                 .makes_room = true,
                                 .call_ms = SCRAPE_MS,
                                 .drain_ms = 1000};
    maru_status       status = maru_http_new(rt, &options, handle, rt, server, error);

    if (status == MARU_OK && (status = maru_http_listen(*server, address, error)) != MARU_OK) {
        maru_http_free(*server);
        *server = NULL;
    }
    return status;
}
