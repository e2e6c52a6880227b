/* token.c: the page tokens of ListProducts (token.h). */
#include "token.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { TOKEN_VERSION = 1, TOKEN_HEAD = 5 };

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* 32-bit FNV-1a (draft-eastlake-fnv): against slips and guesses, not against forgers, who could only skip pages. */
static uint32_t checksum(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0x811c9dc5;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * 0x01000193;
    return sum;
}

static void put_checksum(uint8_t *bytes, size_t size)
{
    uint32_t sum = checksum(bytes + TOKEN_HEAD, size - TOKEN_HEAD);

    for (int i = 0; i < 4; i++)
        bytes[1 + i] = (uint8_t)(sum >> (24 - 8 * i));
}

/* Bits leave from the top of a window; base64 without padding. */
static void encode(const uint8_t *bytes, size_t size, char *out)
{
    uint32_t window = 0;
    int      bits = 0;

    for (size_t i = 0; i < size; i++) {
        window = window << 8 | bytes[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *out++ = ALPHABET[window >> (bits - 6) & 63];
    }
    if (bits > 0)
        *out++ = ALPHABET[window << (6 - bits) & 63];
    *out = '\0';
}

/* The number of bytes, or 0 where text is no base64url or more than max. */
static size_t decode(const char *text, uint8_t *bytes, size_t max)
{
    uint32_t    window = 0;
    int         bits = 0;
    size_t      size = 0;
    const char *at;

    for (; *text != '\0'; text++) {
        if ((at = strchr(ALPHABET, *text)) == NULL)
            return 0;
        window = window << 6 | (uint32_t)(at - ALPHABET);
        if ((bits += 6) < 8)
            continue;
        if (size == max)
            return 0;
        bytes[size++] = (uint8_t)(window >> (bits -= 8));
    }
    return size;
}

void token_of(const char *name, char token[static TOKEN_MAX])
{
    uint8_t bytes[TOKEN_HEAD + TOKEN_NAME_MAX] = {TOKEN_VERSION};
    size_t  size = strlen(name);

    assert(size <= TOKEN_NAME_MAX);
    memcpy(bytes + TOKEN_HEAD, name, size);
    put_checksum(bytes, TOKEN_HEAD + size);
    encode(bytes, TOKEN_HEAD + size, token);
}

/* Written again from what was read, a token must be the same: that catches a wrong sum and stray bits at once. */
maru_status token_parse(const char *token, char name[static TOKEN_NAME_MAX + 1], maru_error *error)
{
    uint8_t bytes[TOKEN_HEAD + TOKEN_NAME_MAX];
    char    again[TOKEN_MAX] = "";
    size_t  size = decode(token, bytes, sizeof bytes);

    if (size > TOKEN_HEAD && bytes[0] == TOKEN_VERSION && memchr(bytes + TOKEN_HEAD, 0, size - TOKEN_HEAD) == NULL) {
        memcpy(name, bytes + TOKEN_HEAD, size - TOKEN_HEAD);
        name[size - TOKEN_HEAD] = '\0';
        token_of(name, again);
    }
    if (again[0] == '\0' || strcmp(again, token) != 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "page_token: want the next_page_token of the page before, got %zu bytes that are none",
                              strlen(token));
    return MARU_OK;
}
