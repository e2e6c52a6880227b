/* call_log.c: writes log records about a call, with its trace, span and request id as fields. */
#include "runtime/call_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/call_impl.h"
#include "runtime/rt.h"

enum { TRACE_AT = 3, TRACE_SIZE = 32, SPAN_AT = 36, SPAN_SIZE = 16, WORDS_MAX = 1024 };

static const char *piece(char *out, const char *from, size_t size)
{
    memcpy(out, from, size);
    out[size] = '\0';
    return out;
}

int call_log_trace(const char *traceparent, call_ids *ids, log_field *out)
{
    if (!call_traceparent_fits(traceparent))
        return 0;
    out[0] = (log_field){"trace", piece(ids->trace, traceparent + TRACE_AT, TRACE_SIZE), 0};
    out[1] = (log_field){"span", piece(ids->span, traceparent + SPAN_AT, SPAN_SIZE), 0};
    return 2;
}

int call_log_ids(const maru_call *call, call_ids *ids, log_field *out)
{
    const maru_call *base = call->base;
    const char      *request = maru_call_metadata(call, MARU_LOG_REQUEST);
    int              count = 0;

    if (request != NULL)
        out[count++] = (log_field){"request", request, 0};
    return count + call_log_trace(base->traceparent, ids, out + count);
}

bool maru_log_wants(const maru_call *call, maru_log_level level)
{
    return log_wants(rt_log(call->base->rt), LOG_SERVICE, level);
}

void call_log_words(const maru_call *call, maru_log_level level, const char *format, va_list args)
{
    log_field fields[CALL_LOG_IDS + 1] = {0};
    call_ids  ids;
    char      words[WORDS_MAX];

    if (!maru_log_wants(call, level))
        return;
    vsnprintf(words, sizeof words, format, args);
    call_log_ids(call, &ids, fields);
    log_write(rt_log(call->base->rt), LOG_SERVICE, level, fields, "%s", words);
}

void maru_log_write(const maru_call *call, maru_log_level level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    call_log_words(call, level, format, args);
    va_end(args);
}

void maru_runtime_log(maru_runtime *rt, maru_log_level level, const char *format, ...)
{
    char    words[WORDS_MAX];
    va_list args;

    if (!log_wants(rt_log(rt), LOG_SERVICE, level))
        return;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    log_write(rt_log(rt), LOG_SERVICE, level, NULL, "%s", words);
}
