/* base64.c: bytes as text (contract: base64.h). */
#include "json/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

void base64_encode(const uint8_t *bytes, size_t size, char *out)
{
    for (size_t at = 0; at < size; at += 3) {
        size_t   left = size - at;
        uint32_t three = (uint32_t)bytes[at] << 16;

        three |= left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0;
        three |= left > 2 ? bytes[at + 2] : 0;
        *out++ = alphabet[three >> 18];
        *out++ = alphabet[three >> 12 & 63];
        *out++ = left > 1 ? alphabet[three >> 6 & 63] : '=';
        *out++ = left > 2 ? alphabet[three & 63] : '=';
    }
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* Without its padding, which must fill up the last four. false where it does not. */
static bool drop_padding(const char *text, size_t *size)
{
    size_t padding = 0;

    while (padding < 2 && padding < *size && text[*size - 1 - padding] == '=')
        padding++;
    if (padding > 0 && *size % 4 != 0)
        return false;
    *size -= padding;
    return *size % 4 != 1;
}

bool base64_decode(const char *text, size_t text_size, uint8_t *out, size_t *size)
{
    uint32_t bits = 0;
    unsigned count = 0;
    uint8_t *at = out;

    if (!drop_padding(text, &text_size))
        return false;
    for (size_t i = 0; i < text_size; i++) {
        int value = value_of(text[i]);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *at++ = (uint8_t)(bits >> count);
        }
    }
    *size = (size_t)(at - out);
    return true;
}
