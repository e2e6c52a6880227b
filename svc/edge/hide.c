/* hide.c: see hide.h. */
#include "hide.h"

#include <string.h>

/* As it stands in a sentence: a colon or full stop behind it is the sentence's. 0 where there is none. */
static size_t url_size(const char *text)
{
    size_t size;

    if (strncmp(text, "ipc://", 6) != 0 && strncmp(text, "tcp://", 6) != 0)
        return 0;
    for (size = 6; text[size] != 0 && strchr(" ,;)\"'", text[size]) == NULL;)
        size++;
    while (strchr(":.", text[size - 1]) != NULL)
        size--;
    return size;
}

static void put(char **out, size_t *room, const char *bytes, size_t size)
{
    size = size < *room ? size : *room;
    memcpy(*out, bytes, size);
    *out += size;
    *room -= size;
}

bool hide_urls(const char *text, hide_name name, void *arg, char *out, size_t room)
{
    bool found = false;

    room--;
    while (*text != 0) {
        size_t size = url_size(text);

        if (size > 0) {
            const char *instead = name(arg, text, size);

            put(&out, &room, instead, strlen(instead));
            text += size;
            found = true;
        } else {
            put(&out, &room, text++, 1);
        }
    }
    *out = 0;
    return found;
}
