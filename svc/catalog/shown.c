/* shown.c: a peer's text as far as one line of an error can show it (shown.h). */
#include "shown.h"

#include <string.h>

struct shown shown(const char *text)
{
    struct shown out = {.text = ""};
    size_t       size = strnlen(text, 81);

    if (size > 80) {
        for (size = 77; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80;)
            size--;
        memcpy(out.text + size, "...", 4);
    }
    memcpy(out.text, text, size);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)out.text[i] < 0x20 || out.text[i] == 0x7f)
            out.text[i] = '?';
    return out;
}
