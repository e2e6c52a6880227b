/* httpsim.c: see httpsim.h. */
#include "httpsim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t number_of(maru_text text)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%.*s", (int)text.size, text.at);
    return strtoll(digits, NULL, 10);
}

static void say(maru_http_response *response, const char *words)
{
    response->type = "text/plain";
    response->body = (maru_text){.at = words, .size = strlen(words)};
}

static const char *x_headers(maru_call *call, const maru_http_request *request)
{
    const char *words = "";

    for (size_t i = 0; i < request->header_count; i++) {
        const maru_http_header *h = &request->headers[i];

        if (h->name.size > 2 && (h->name.at[0] | 0x20) == 'x' && h->name.at[1] == '-')
            words = maru_printf(call, "%s%.*s=%.*s;", words, (int)h->name.size, h->name.at, (int)h->value.size,
                                h->value.at);
    }
    return words;
}

static void released(void *held)
{
    ((httpsim *)held)->released++;
}

static void handle(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response)
{
    httpsim *h = arg;

    h->begun++;
    response->release = released;
    response->held = h;
    if (maru_text_is(request->path, "/hold"))
        memset(maru_alloc(call, 1 << 20), 'x', 1 << 20);
    if ((maru_text_is(request->path, "/sleep") || maru_text_is(request->path, "/hold")) &&
        maru_sleep(call, number_of(request->query)) == MARU_CANCELLED)
        h->cancelled++;
    if (maru_text_is(request->path, "/memory"))
        for (;;)
            maru_alloc(call, 1 << 20);
    if (maru_text_is(request->path, "/big")) {
        response->body.size = (size_t)number_of(request->query);
        response->body.at = memset(maru_alloc(call, response->body.size), 'x', response->body.size);
    } else {
        say(response, maru_printf(call, "%s %.*s?%.*s {%.*s}%s", request->method, (int)request->path.size,
                                  request->path.at, (int)request->query.size, request->query.at,
                                  (int)request->body.size, request->body.at, x_headers(call, request)));
    }
    h->ended++;
}

bool httpsim_screen(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response)
{
    httpsim *h = arg;

    h->screened++;
    h->follows = request->follows;
    response->release = released;
    response->held = h;
    if (maru_text_is(request->path, "/nomemory"))
        for (;;)
            maru_alloc(call, 1 << 20);
    maru_sleep(call, number_of(request->query));
    if (request->path.size < 3 || memcmp(request->path.at, "/no", 3) != 0)
        return true;
    maru_http_fail(call, response, 404, MARU_NOT_FOUND, "no such path", "");
    return false;
}

void httpsim_start(httpsim *h, const maru_http_options *options)
{
    maru_runtime_options runtime;
    maru_error           error;

    *h = (httpsim){.sim = maru_sim_new(&(maru_sim_options){.seed = 1})};
    runtime = (maru_runtime_options){.seam = maru_sim_seam(h->sim)};
    if (maru_runtime_new(&runtime, &h->rt, &error) != MARU_OK ||
        maru_http_new(h->rt, options, handle, h, &h->server, &error) != MARU_OK ||
        maru_http_listen(h->server, HTTPSIM_ADDRESS, &error) != MARU_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
}

void httpsim_stop(httpsim *h)
{
    maru_http_free(h->server);
    maru_runtime_free(h->rt);
    maru_sim_free(h->sim);
}

void httpsim_pass(httpsim *h, int64_t ns)
{
    maru_sim_run(h->sim, maru_sim_now(h->sim) + ns);
}

void httpsim_dial(httpsim *h, simpeer *p)
{
    simpeer_dial(p, h->sim, HTTPSIM_URL);
    httpsim_pass(h, MS);
}

void httpsim_words(simpeer *p, const char *words)
{
    if (*words != 0)
        simpeer_write(p, words, strlen(words));
}

const char *httpsim_text(simpeer *p)
{
    if (p->in_room < p->in_size + 1) {
        p->in_room = p->in_size + 1;
        if ((p->in = realloc(p->in, p->in_room)) == NULL)
            abort();
    }
    p->in[p->in_size] = 0;
    return (const char *)p->in;
}

unsigned httpsim_count(simpeer *p, int status)
{
    char        line[32];
    unsigned    count = 0;
    const char *at = httpsim_text(p);

    snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
    while ((at = strstr(at, line)) != NULL) {
        at += strlen(line);
        count++;
    }
    return count;
}
