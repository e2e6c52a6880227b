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

maru_text maru_http_find(const maru_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (maru_text_is_nocase(request->headers[i].name, name))
            return request->headers[i].value;
    return (maru_text){0};
}
