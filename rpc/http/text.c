/* text.c: views of text, and what is looked up in a request. See maru/http.h. */
#include <string.h>
#include <strings.h>

#include "maru/http.h"

bool maru_text_is(maru_text text, const char *word)
{
    return strlen(word) == text.size && memcmp(text.at, word, text.size) == 0;
}

bool maru_text_is_nocase(maru_text text, const char *word)
{
    return strlen(word) == text.size && strncasecmp(text.at, word, text.size) == 0;
}

bool maru_http_one(const maru_http_request *request, const char *name, maru_text *value)
{
    *value = (maru_text){0};
    for (size_t i = 0; i < request->header_count; i++) {
        if (!maru_text_is_nocase(request->headers[i].name, name))
            continue;
        if (value->at != NULL)
            return false;
        *value = request->headers[i].value;
    }
    return true;
}

static maru_text join(maru_call *call, maru_text a, maru_text b)
{
    size_t size = a.size + 2 + b.size;
    char  *both = maru_alloc(call, size);

    memcpy(both, a.at, a.size);
    memcpy(both + a.size, ", ", 2);
    memcpy(both + a.size + 2, b.at, b.size);
    return (maru_text){.at = both, .size = size};
}

maru_text maru_http_list(maru_call *call, const maru_http_request *request, const char *name)
{
    maru_text all = {0};

    for (size_t i = 0; i < request->header_count; i++)
        if (maru_text_is_nocase(request->headers[i].name, name))
            all = all.at == NULL ? request->headers[i].value : join(call, all, request->headers[i].value);
    return all;
}
