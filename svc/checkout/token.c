/* token.c: the page tokens of ListOrders (token.h). */
#include "token.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* 32-bit FNV-1a (draft-eastlake-fnv): against slips, not against forgers, who could only skip pages. */
static uint32_t checksum(uint64_t number)
{
    uint32_t sum = 0x811c9dc5;

    for (int shift = 0; shift < 64; shift += 8)
        sum = (sum ^ (uint32_t)(number >> shift & 0xff)) * 0x01000193;
    return sum;
}

void token_of(uint64_t number, char token[static TOKEN_SIZE])
{
    snprintf(token, TOKEN_SIZE, "%016" PRIx64 "%08" PRIx32, number, checksum(number));
}

/* Written again from what was read, it must be the same. */
maru_status token_parse(const char *token, uint64_t *number, maru_error *error)
{
    char again[TOKEN_SIZE] = "";

    if (strlen(token) == TOKEN_SIZE - 1 && sscanf(token, "%16" SCNx64, number) == 1)
        token_of(*number, again);
    if (again[0] == '\0' || strcmp(again, token) != 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "page_token: want the next_page_token of the page before, got %zu bytes that are none",
                              strlen(token));
    return MARU_OK;
}
