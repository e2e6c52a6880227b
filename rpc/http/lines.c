/* lines.c: checks request targets, header fields, chunk lines and hosts against RFC 9112's grammar. */
#include "http/lines.h"

#include <arpa/inet.h>
#include <string.h>

enum { PORT_MAX = 65535 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

maru_text lines_trim(maru_text text)
{
    while (text.size > 0 && is_blank(text.at[0]))
        text = (maru_text){.at = text.at + 1, .size = text.size - 1};
    while (text.size > 0 && is_blank(text.at[text.size - 1]))
        text.size--;
    return text;
}

bool lines_target(maru_text target)
{
    for (size_t i = 0; i < target.size; i++)
        if (target.at[i] <= ' ' || target.at[i] > '~' || target.at[i] == '#')
            return false;
    return target.size > 0;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 9110's tchar. */
static bool is_token(char c)
{
    return is_letter_or_digit(c) || c == '-' || (c != 0 && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

static bool is_value(char c)
{
    return c == '\t' || (unsigned char)c >= 0x80 || (c >= ' ' && c <= '~');
}

static bool is_end(const char *at, size_t size)
{
    return size >= 2 && at[0] == '\r' && at[1] == '\n';
}

/* One field line with its end: its size, 0 where it is none. */
static size_t field_size(const char *at, size_t size)
{
    size_t i = 0;

    while (i < size && is_token(at[i]))
        i++;
    if (i == 0 || i == size || at[i++] != ':')
        return 0;
    while (i < size && is_value(at[i]))
        i++;
    return is_end(at + i, size - i) ? i + 2 : 0;
}

bool lines_fields(const char *at, size_t size)
{
    while (size > 2) {
        size_t line = field_size(at, size);

        if (line == 0)
            return false;
        at += line;
        size -= line;
    }
    return size == 2 && is_end(at, size);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool lines_chunk(const char *at, size_t size, bool after_chunk)
{
    size_t i = after_chunk ? 2 : 0, digits = i;

    if (after_chunk && !is_end(at, size))
        return false;
    while (i < size && is_hex(at[i]))
        i++;
    if (i == digits)
        return false;
    if (i < size && at[i] == ';')
        while (i < size && is_value(at[i]))
            i++;
    return i + 2 == size && is_end(at + i, size - i);
}

/* RFC 3986's reg-name, of which an IPv4 address is one: the size of it; an escape is three characters. */
static size_t name_size(maru_text host)
{
    size_t i = 0;

    while (i < host.size) {
        char c = host.at[i];

        if (c == '%' && i + 2 < host.size && is_hex(host.at[i + 1]) && is_hex(host.at[i + 2]))
            i += 3;
        else if (is_letter_or_digit(c) || c == '.' || c == '-' || (c != 0 && strchr("_~!$&'()*+,;=", c) != NULL))
            i++;
        else
            break;
    }
    return i;
}

/* "[2001:db8::1]": the size of it, 0 where it is none. An address of a link has no zone here: it is for the client. */
static size_t bracket_size(maru_text host)
{
    struct in6_addr address;
    char            text[INET6_ADDRSTRLEN];
    const char     *end = memchr(host.at, ']', host.size);
    size_t          size = end == NULL ? 0 : (size_t)(end - host.at) - 1;

    if (size == 0 || size >= sizeof text)
        return 0;
    memcpy(text, host.at + 1, size);
    text[size] = 0;
    return inet_pton(AF_INET6, text, &address) == 1 ? size + 2 : 0;
}

bool lines_host(maru_text host)
{
    size_t   i = host.size > 0 && host.at[0] == '[' ? bracket_size(host) : name_size(host);
    unsigned port = 0;

    if (i == 0 || i == host.size)
        return i > 0;
    if (host.at[i++] != ':')
        return false;
    for (; i < host.size && host.at[i] >= '0' && host.at[i] <= '9' && port <= PORT_MAX; i++)
        port = port * 10 + (unsigned)(host.at[i] - '0');
    return i == host.size && port <= PORT_MAX;
}

/* The first of either; the end where there is none. */
static const char *find(maru_text text, char one, char other)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == one || text.at[i] == other)
            return text.at + i;
    return text.at + text.size;
}

static maru_text from(maru_text text, const char *at)
{
    return (maru_text){.at = at, .size = (size_t)(text.at + text.size - at)};
}

bool lines_authority(maru_text target)
{
    maru_text scheme = target, rest;

    if (target.at[0] == '/' || maru_text_is(target, "*"))
        return true;
    rest = from(target, find(target, ':', ':'));
    scheme.size -= rest.size;
    if (!maru_text_is_nocase(scheme, "http") && !maru_text_is_nocase(scheme, "https"))
        return false;
    if (rest.size < 3 || memcmp(rest.at, "://", 3) != 0)
        return false;
    rest = from(rest, rest.at + 3);
    return lines_host((maru_text){.at = rest.at, .size = (size_t)(find(rest, '/', '?') - rest.at)});
}

void lines_split(maru_text target, maru_text *path, maru_text *query)
{
    const char *scheme, *mark;

    if (target.at[0] != '/' && target.at[0] != '*') {
        scheme = find(target, ':', ':');
        target = from(target, scheme + (from(target, scheme).size >= 3 ? 3 : from(target, scheme).size));
        target = from(target, find(target, '/', '?'));
    }
    mark = find(target, '?', '?');
    *path = (maru_text){.at = target.at, .size = (size_t)(mark - target.at)};
    if (path->size == 0)
        *path = (maru_text){.at = "/", .size = 1};
    *query = from(target, mark);
    if (query->size > 0)
        *query = (maru_text){.at = query->at + 1, .size = query->size - 1};
}
