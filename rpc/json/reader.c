/* reader.c: JSON text, value by value (contract: reader.h). */
#include "json/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "json/number.h"
#include "json/place.h"

enum { GOT_MAX = 40 }; /* bytes of a wrong value that an error shows */

bool reader_fail(reader *r, maru_status status, const char *format, ...)
{
    char       words[320], path[PLACE_PATH_MAX];
    va_list    args;
    text_place place;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    if (r->placeless) {
        r->status = maru_error_set(r->error, status, "%s", words);
        return false;
    }
    place = place_of(r->text, r->value);
    place_path(r->frames, r->secret ? r->secret_depth : r->depth, path);
    r->status = maru_error_set(r->error, status, "line %zu, column %zu: %s%s%s", place.line, place.column, path,
                               path[0] != '\0' ? ": " : "", words);
    return false;
}

static bool fail_at(reader *r, const char *at, const char *problem)
{
    r->value = at;
    return reader_fail(r, MARU_INVALID_ARGUMENT, "%s", problem);
}

void reader_hide(reader *r, bool *before)
{
    *before = r->secret;
    if (!r->secret)
        r->secret_depth = r->depth;
    r->secret = true;
}

bool reader_no_memory(reader *r)
{
    return reader_fail(r, MARU_RESOURCE_EXHAUSTED, "no memory left of the %zu bytes that reading may take",
                       maru_arena_budget(r->arena));
}

bool reader_start(reader *r, const char *text, size_t size, maru_arena *arena, maru_error *error)
{
    size_t good = utf8_text_size((const uint8_t *)text, size);

    *r = (reader){.arena = arena, .text = text, .at = text, .end = text + size, .value = text, .error = error};
    return good == size ||
           fail_at(r, text + good, text[good] == '\0' ? "a NUL byte, which no JSON has" : "the text is not UTF-8 here");
}

static void skip_space(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

bool reader_end(reader *r)
{
    skip_space(r);
    return r->at == r->end || fail_at(r, r->at, "want the end of the text after the value");
}

/* What cannot begin a value, in words. */
static bool fail_value(reader *r)
{
    char words[96];
    int  size = 1;

    if (r->at == r->end)
        return fail_at(r, r->at, "want a value, but the text ends here");
    while (r->at + size < r->end && ((unsigned char)r->at[size] & 0xc0) == 0x80)
        size++;
    if (r->secret)
        return fail_at(r, r->at, "want a value of JSON");
    if (size == 3 && memcmp(r->at, "\xef\xbb\xbf", 3) == 0)
        return fail_at(r, r->at, "want a value, got a byte order mark");
    if ((unsigned char)*r->at < 0x20 || *r->at == 0x7f)
        snprintf(words, sizeof words, "want a value, got the control character 0x%02x", (unsigned)*r->at);
    else
        snprintf(words, sizeof words, "want a value, got '%.*s'", size, r->at);
    return fail_at(r, r->at, words);
}

bool reader_peek(reader *r, json_kind *kind)
{
    skip_space(r);
    r->value = r->at;
    if (r->at == r->end)
        return fail_value(r);
    switch (*r->at) {
    case '{':
        *kind = JSON_OBJECT;
        return true;
    case '[':
        *kind = JSON_LIST;
        return true;
    case '"':
        *kind = JSON_STRING;
        return true;
    case 't':
        *kind = JSON_TRUE;
        return true;
    case 'f':
        *kind = JSON_FALSE;
        return true;
    case 'n':
        *kind = JSON_NULL;
        return true;
    default:
        *kind = JSON_NUMBER;
        return *r->at == '-' || (*r->at >= '0' && *r->at <= '9') || fail_value(r);
    }
}

/* ---- strings ---- */

static bool four_hex(const char *at, const char *end, unsigned *code)
{
    *code = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = at[i];

        if (c >= '0' && c <= '9')
            *code = *code << 4 | (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            *code = *code << 4 | (unsigned)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    return true;
}

static char *put_utf8(char *to, unsigned code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xe0 | code >> 12);
        } else {
            *to++ = (char)(0xf0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

/* \uXXXX, of which a high surrogate must have a low one behind it. *from is after the u. */
static bool unicode_escape(reader *r, const char **from, char **to)
{
    const char *start = *from - 2;
    unsigned    code, low;

    if (!four_hex(*from, r->end, &code))
        return fail_at(r, start, "want four hexadecimal digits after \\u");
    *from += 4;
    if (code >= 0xdc00 && code <= 0xdfff)
        return fail_at(r, start, "a low surrogate without the high one before it");
    if (code >= 0xd800 && code <= 0xdbff) {
        if (r->end - *from < 6 || (*from)[0] != '\\' || (*from)[1] != 'u' || !four_hex(*from + 2, r->end, &low) ||
            low < 0xdc00 || low > 0xdfff)
            return fail_at(r, start, "a high surrogate without the low one behind it");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        *from += 6;
    }
    *to = put_utf8(*to, code);
    return true;
}

/* What is behind a backslash. */
static bool escape(reader *r, const char **from, char **to)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char              c = *(*from)++;
    const char       *letter = c == '\0' ? NULL : strchr(letters, c);

    if (c == 'u')
        return unicode_escape(r, from, to);
    if (letter == NULL)
        return fail_at(r, *from - 2, "want one of \" \\ / b f n r t u behind a backslash");
    *(*to)++ = means[letter - letters];
    return true;
}

/* Finds the closing quote; whether there are escapes before it. */
static bool find_quote(reader *r, const char **quote, bool *escapes)
{
    const char *at = r->at + 1;

    *escapes = false;
    for (; at < r->end && *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            return fail_at(r, at, "a control character in a string must be escaped");
        if (*at == '\\') {
            *escapes = true;
            at++;
        }
    }
    *quote = at;
    return at < r->end || fail_at(r, r->at, "the string that begins here has no end");
}

static bool decode(reader *r, const char *from, const char *quote, slice *string)
{
    char *start = maru_arena_alloc(r->arena, (size_t)(quote - from) + 1), *to = start;

    if (start == NULL)
        return reader_no_memory(r);
    while (from < quote) {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        from++;
        if (!escape(r, &from, &to))
            return false;
    }
    *string = (slice){.at = start, .size = (size_t)(to - start)};
    return true;
}

static bool take_string(reader *r, slice *string)
{
    const char *quote;
    bool        escapes;

    if (!find_quote(r, &quote, &escapes))
        return false;
    *string = (slice){.at = r->at + 1, .size = (size_t)(quote - r->at - 1)};
    if (escapes && !decode(r, r->at + 1, quote, string))
        return false;
    r->at = quote + 1;
    return true;
}

bool reader_string(reader *r, slice *string)
{
    json_kind kind;

    if (!reader_peek(r, &kind))
        return false;
    return kind == JSON_STRING ? take_string(r, string) : reader_want(r, "a string");
}

/* ---- numbers and words ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '+';
}

/* The number or word that stands here, up to what cannot be of it. */
static slice whole_word(const reader *r)
{
    const char *end = r->at;

    while (end < r->end && is_word(*end))
        end++;
    return (slice){.at = r->at, .size = (size_t)(end - r->at)};
}

bool reader_number(reader *r, slice *number)
{
    json_kind kind;

    if (!reader_peek(r, &kind))
        return false;
    if (kind != JSON_NUMBER)
        return reader_want(r, "a number");
    *number = whole_word(r);
    if (number_size(number->at, number->size) != number->size)
        return r->secret ? reader_want(r, "a number of JSON")
                         : reader_fail(r, MARU_INVALID_ARGUMENT, "\"%.*s\" is no number of JSON",
                                       (int)(number->size < GOT_MAX ? number->size : GOT_MAX), number->at);
    r->at += number->size;
    return true;
}

bool reader_literal(reader *r, json_kind kind)
{
    const char *want = kind == JSON_TRUE ? "true" : kind == JSON_FALSE ? "false" : "null";
    json_kind   next;
    slice       word;

    if (!reader_peek(r, &next))
        return false;
    if (next != kind)
        return reader_want(r, want);
    word = whole_word(r);
    if (word.size != strlen(want) || memcmp(word.at, want, word.size) != 0)
        return r->secret ? reader_want(r, want)
                         : reader_fail(r, MARU_INVALID_ARGUMENT, "want %s, got %.*s", want,
                                       (int)(word.size < GOT_MAX ? word.size : GOT_MAX), word.at);
    r->at += word.size;
    return true;
}

/* ---- objects and lists ---- */

bool reader_open(reader *r, json_kind kind)
{
    json_kind next;

    if (!reader_peek(r, &next))
        return false;
    if (next != kind)
        return reader_want(r, kind == JSON_OBJECT ? "an object" : "a list");
    if (r->depth == JSON_DEPTH_MAX)
        return reader_fail(r, MARU_RESOURCE_EXHAUSTED, "objects and lists are nested more than %d deep",
                           JSON_DEPTH_MAX);
    r->frames[r->depth++] = (reader_frame){.start = r->at, .list = kind == JSON_LIST};
    r->at++;
    return true;
}

/* Past the comma before the next member or element, or past the end. */
static bool go_on(reader *r, char close, const char *problem, bool *more)
{
    reader_frame *frame = &r->frames[r->depth - 1];

    skip_space(r);
    *more = !(r->at < r->end && *r->at == close);
    if (!*more) {
        r->at++;
        r->depth--;
        return true;
    }
    if (frame->begun && (r->at == r->end || *r->at != ','))
        return fail_at(r, r->at, problem);
    r->at += frame->begun;
    frame->index += frame->begun;
    frame->begun = true;
    skip_space(r);
    return true;
}

bool reader_member(reader *r, slice *key, bool *more)
{
    reader_frame *frame = &r->frames[r->depth - 1];

    frame->key = (slice){0};
    if (!go_on(r, '}', "want , or } after a member", more) || !*more)
        return r->status == MARU_OK;
    if (r->at == r->end || *r->at != '"')
        return fail_at(r, r->at, "want a name in double quotes");
    r->value = r->at;
    if (!take_string(r, key))
        return false;
    skip_space(r);
    if (r->at == r->end || *r->at != ':')
        return fail_at(r, r->at, "want : after a name");
    r->at++;
    frame->key = *key;
    return true;
}

bool reader_element(reader *r, bool *more)
{
    return go_on(r, ']', "want , or ] after an element", more);
}

static bool skip_scalar(reader *r, json_kind kind)
{
    slice ignored;

    if (kind == JSON_STRING)
        return take_string(r, &ignored);
    return kind == JSON_NUMBER ? reader_number(r, &ignored) : reader_literal(r, kind);
}

/* Goes from the end of one value to the next one inside of what is open above outer; *inside is false where nothing is
 * open there any more. */
static bool walk_on(reader *r, unsigned outer, reader_member_fn member, void *arg, bool *inside)
{
    while (r->depth > outer) {
        reader_frame *frame = &r->frames[r->depth - 1];
        slice         key;
        bool          more, taken = false;

        if (!(frame->list ? reader_element(r, &more) : reader_member(r, &key, &more)))
            return false;
        if (!more)
            continue;
        if (!frame->list && member != NULL && !member(r, key, frame->start, arg, &taken))
            return false;
        if (taken)
            continue;
        *inside = true;
        return true;
    }
    *inside = false;
    return true;
}

bool reader_walk(reader *r, reader_member_fn member, void *arg)
{
    unsigned  outer = r->depth;
    json_kind kind;
    bool      inside;

    do {
        if (!reader_peek(r, &kind))
            return false;
        if (!(kind == JSON_OBJECT || kind == JSON_LIST ? reader_open(r, kind) : skip_scalar(r, kind)))
            return false;
        if (!walk_on(r, outer, member, arg, &inside))
            return false;
    } while (inside);
    return true;
}

bool reader_skip(reader *r)
{
    return reader_walk(r, NULL, NULL);
}

/* ---- what is there instead ---- */

/* What begins so, without a character of it. */
static const char *kind_words(char first)
{
    switch (first) {
    case '{':
        return "an object";
    case '[':
        return "a list";
    case '"':
        return "a string";
    case 't':
    case 'f':
        return "true or false";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

bool reader_want(reader *r, const char *what)
{
    const char *at = r->value, *quote = at;
    bool        escapes;
    slice       got;

    r->at = at;
    got = whole_word(r);
    if (at < r->end && (r->secret || *at == '{' || *at == '['))
        return reader_fail(r, MARU_INVALID_ARGUMENT, "want %s, got %s", what, kind_words(*at));
    if (at < r->end && *at == '"') {
        if (!find_quote(r, &quote, &escapes))
            return false;
        got.size = (size_t)(quote + 1 - at);
    }
    if (got.size <= GOT_MAX)
        return reader_fail(r, MARU_INVALID_ARGUMENT, "want %s, got %.*s", what, (int)got.size, got.at);
    got.size = GOT_MAX;
    while (((unsigned char)got.at[got.size] & 0xc0) == 0x80)
        got.size--; /* not in the middle of a character */
    return reader_fail(r, MARU_INVALID_ARGUMENT, "want %s, got %.*s...", what, (int)got.size, got.at);
}
