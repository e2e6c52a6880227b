/* hide.c: see hide.h. */
#include "hide.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS_SHOWN = 200 }; /* bytes of its target that a client's words have at most */

static void put(char **out, size_t *room, const char *bytes, size_t size)
{
    size = size < *room ? size : *room;
    memcpy(*out, bytes, size);
    *out += size;
    *room -= size;
}

bool hide_ours(maru_status status, const char *words, const char *origin, const char *address)
{
    static const char lost[] = ": the connection was lost";
    size_t            size = strnlen(address, ADDRESS_SHOWN);

    return *origin == 0 || (status == MARU_UNAVAILABLE && strncmp(words, address, size) == 0 &&
                            strncmp(words + size, lost, sizeof lost - 1) == 0);
}

bool hide_address(const char *text, const char *address, const char *name, char *out, size_t room)
{
    size_t size = strnlen(address, ADDRESS_SHOWN);
    bool   found = false;

    room--;
    while (*text != 0) {
        if (size > 0 && strncmp(text, address, size) == 0) {
            put(&out, &room, name, strlen(name));
            text += size;
            found = true;
        } else {
            put(&out, &room, text++, 1);
        }
    }
    *out = 0;
    return found;
}

static const char *first_address(const char *words)
{
    const char *ipc = strstr(words, "ipc://"), *tcp = strstr(words, "tcp://");

    return tcp == NULL || (ipc != NULL && ipc < tcp) ? ipc : tcp;
}

/* Where the sentence before end has its colon; words where there is none. */
static const char *sentence_before(const char *words, const char *end)
{
    for (end--; end > words && strncmp(end, ": ", 2) != 0;)
        end--;
    return end < words ? words : end;
}

/* Where the last sentence of what goes up to end begins. */
static const char *last_sentence(const char *words, const char *end)
{
    const char *colon = sentence_before(words, end);

    return strncmp(colon, ": ", 2) == 0 ? colon + 2 : colon;
}

/* "/shop.cart.v1.CartService/GetCart": whose method was called says nothing without what came of it. */
static bool is_method(const char *at, const char *end)
{
    return *at == '/' && memchr(at + 1, '/', (size_t)(end - at - 1)) != NULL &&
           memchr(at, ' ', (size_t)(end - at)) == NULL;
}

/* What its disk refuses is PERMISSION_DENIED, and no matter of who called. Other statuses say nothing of a store, and
 * may quote a request. */
static bool is_of_a_store(maru_status status, const char *words)
{
    bool may_be = status == MARU_RESOURCE_EXHAUSTED || status == MARU_UNAVAILABLE || status == MARU_PERMISSION_DENIED;

    return may_be && strstr(words, "the store of ") != NULL;
}

bool hide_inside(maru_status status, const char *words, char *out, size_t room)
{
    if (status == MARU_INTERNAL || status == MARU_UNKNOWN || status == MARU_DATA_LOSS)
        snprintf(out, room, "the service failed");
    else if (is_of_a_store(status, words))
        snprintf(out, room, "the service can't do that now");
    else
        return false;
    return true;
}

bool hide_behind(maru_status status, const char *words, char *out, size_t room)
{
    const char *address = first_address(words), *end = address;
    bool way = status == MARU_UNAVAILABLE || status == MARU_DEADLINE_EXCEEDED || status == MARU_RESOURCE_EXHAUSTED;

    if (address == NULL || !way) {
        snprintf(out, room, "%s", words);
        return false;
    }
    do
        end = sentence_before(words, end);
    while (end > words && is_method(last_sentence(words, end), end));
    if (end == words)
        snprintf(out, room, "a service behind this one %s",
                 status == MARU_DEADLINE_EXCEEDED ? "did not answer in time" : "was not reached");
    else
        snprintf(out, room, "%.*s", (int)(end - words), words);
    return true;
}
