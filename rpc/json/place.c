/* place.c: where an error is (contract: place.h). */
#include "json/place.h"

#include <stdio.h>
#include <string.h>

enum { PART_MAX = 48, NAME_SHOWN = 40 };

text_place place_of(const char *text, const char *at)
{
    text_place place = {.line = 1, .column = 1};

    for (; text < at; text++) {
        if (*text == '\n')
            place = (text_place){.line = place.line + 1, .column = 1};
        else
            place.column += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return place;
}

static bool is_plain(slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return name.size > 0;
}

/* A name that may be anything, made fit for one line: cut at a character, control characters replaced. */
static size_t tame(slice name, char *to)
{
    size_t size = name.size < NAME_SHOWN ? name.size : NAME_SHOWN;

    while (size < name.size && size > 0 && ((unsigned char)name.at[size] & 0xc0) == 0x80)
        size--;
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7f ? '?' : name.at[i];
    return size;
}

static size_t print_part(const reader_frame *frame, bool first, char part[static PART_MAX])
{
    char   name[NAME_SHOWN];
    size_t size = tame(frame->key, name);
    int    printed;

    if (!frame->begun || (!frame->list && frame->key.at == NULL))
        return 0;
    if (frame->list)
        printed = snprintf(part, PART_MAX, "[%u]", frame->index);
    else if (is_plain(frame->key))
        printed = snprintf(part, PART_MAX, "%s%.*s", first ? "" : ".", (int)size, name);
    else
        printed = snprintf(part, PART_MAX, "[\"%.*s\"]", (int)size, name);
    return (size_t)printed;
}

void place_path(const reader_frame *frames, unsigned depth, char path[static PLACE_PATH_MAX])
{
    char     part[PART_MAX];
    size_t   used = 0;
    unsigned from = depth;

    for (size_t room = PLACE_PATH_MAX - sizeof "..."; from > 0; from--) {
        size_t size = print_part(&frames[from - 1], from == 1, part);

        if (size > room)
            break;
        room -= size;
    }
    if (from > 0)
        used = (size_t)snprintf(path, PLACE_PATH_MAX, "...");
    for (path[used] = '\0'; from < depth; from++) {
        size_t size = print_part(&frames[from], from == 0, part);

        memcpy(path + used, part, size);
        used += size;
        path[used] = '\0';
    }
}
