/* headers.c: see headers.h. */
#include "headers.h"

#include <string.h>

enum { KEY_MAX = 128, NUMBER_MOST = 1000000000 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static maru_text trim(maru_text text)
{
    while (text.size > 0 && is_space(text.at[0]))
        text = (maru_text){.at = text.at + 1, .size = text.size - 1};
    while (text.size > 0 && is_space(text.at[text.size - 1]))
        text.size--;
    return text;
}

/* The part before the next c, which is cut off. */
static maru_text next_part(maru_text *text, char c)
{
    const char *end = text->size == 0 ? NULL : memchr(text->at, c, text->size);
    maru_text   part = {.at = text->at, .size = end != NULL ? (size_t)(end - text->at) : text->size};

    *text = (maru_text){.at = text->at + part.size + (end != NULL), .size = text->size - part.size - (end != NULL)};
    return trim(part);
}

bool headers_is_json(maru_text type)
{
    if (!maru_text_is_nocase(next_part(&type, ';'), "application/json"))
        return false;
    while (type.size > 0) {
        maru_text value = next_part(&type, ';'), name = next_part(&value, '=');

        if (maru_text_is_nocase(name, "charset") && !maru_text_is_nocase(value, "utf-8") &&
            !maru_text_is_nocase(value, "\"utf-8\""))
            return false;
    }
    return true;
}

bool headers_is_identity(maru_text codings)
{
    while (codings.size > 0) {
        maru_text coding = next_part(&codings, ',');

        if (coding.size > 0 && !maru_text_is_nocase(coding, "identity"))
            return false;
    }
    return true;
}

/* "0", "0.0", "0.000": it is not wanted. */
static bool is_zero(maru_text q)
{
    for (size_t i = 0; i < q.size; i++)
        if (q.at[i] != '0' && q.at[i] != '.')
            return false;
    return q.size > 0;
}

/* How exactly a range means application/json: 0 not at all. */
static int rank_of(maru_text range)
{
    if (maru_text_is_nocase(range, "application/json"))
        return 3;
    return maru_text_is_nocase(range, "application/*") ? 2 : maru_text_is(range, "*/*") ? 1 : 0;
}

/* The most exact range that means it decides. */
bool headers_accepts_json(maru_text accept)
{
    bool accepts = false;
    int  best = 0;

    if (accept.at == NULL || trim(accept).size == 0)
        return true;
    while (accept.size > 0) {
        maru_text rest = next_part(&accept, ',');
        int       rank = rank_of(next_part(&rest, ';'));
        bool      wanted = true;

        while (rest.size > 0) {
            maru_text value = next_part(&rest, ';'), name = next_part(&value, '=');

            wanted = wanted && !(maru_text_is_nocase(name, "q") && is_zero(trim(value)));
        }
        if (rank > best) {
            best = rank;
            accepts = wanted;
        }
    }
    return accepts;
}

int64_t headers_timeout(maru_text text)
{
    static const struct {
        const char *unit;
        int64_t     ms;
    } units[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}};
    int64_t number = 0;
    size_t  digits = 0;

    for (; digits < text.size && text.at[digits] >= '0' && text.at[digits] <= '9'; digits++)
        number = number < NUMBER_MOST ? number * 10 + (text.at[digits] - '0') : number;
    text = (maru_text){.at = text.at + digits, .size = text.size - digits};
    for (size_t i = 0; digits > 0 && number > 0 && i < sizeof units / sizeof *units; i++)
        if (maru_text_is(text, units[i].unit))
            return number * units[i].ms;
    return -1;
}

/* "a"b" could mean two keys, or three: what is in quotes has none, nor the backslash that elsewhere goes before one. */
static bool unquote(maru_text *text)
{
    if (text->size == 0 || text->at[0] != '"')
        return true;
    if (text->size == 1 || text->at[text->size - 1] != '"')
        return false;
    *text = (maru_text){.at = text->at + 1, .size = text->size - 2};
    return memchr(text->at, '"', text->size) == NULL && memchr(text->at, '\\', text->size) == NULL;
}

bool headers_key(maru_text text, maru_text *key)
{
    if (!unquote(&text))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    *key = text;
    return text.size >= 1 && text.size <= KEY_MAX;
}
