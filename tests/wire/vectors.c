/* vectors.c: reads docs/wire-vectors.txt (contract: vectors.h). */
#include "vectors.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *vector_get(const vector *v, const char *key)
{
    for (int i = 0; i < v->count; i++)
        if (strcmp(v->keys[i], key) == 0)
            return v->values[i];
    return NULL;
}

int vector_hex(const char *text, uint8_t *bytes, size_t room, size_t *size)
{
    unsigned byte;
    int      used;

    for (*size = 0; sscanf(text, " %2x%n", &byte, &used) == 1; text += used) {
        if (*size == room)
            return -1;
        bytes[(*size)++] = (uint8_t)byte;
    }
    return text[strspn(text, " ")] == '\0' ? 0 : -1;
}

/* "  more hex" goes on with the line before, "key: value" begins one. */
static int add_line(vector *v, const char *line)
{
    const char *colon = strchr(line, ':');
    size_t      have;

    if (line[0] == ' ') {
        if (v->count == 0)
            return -1;
        have = strlen(v->values[v->count - 1]);
        snprintf(v->values[v->count - 1] + have, VECTOR_LINE - have, "%s", line);
        return 0;
    }
    if (!colon || v->count == VECTOR_KEYS || (size_t)(colon - line) >= sizeof v->keys[0])
        return -1;
    snprintf(v->keys[v->count], sizeof v->keys[0], "%.*s", (int)(colon - line), line);
    snprintf(v->values[v->count], VECTOR_LINE, "%s", colon + 1 + strspn(colon + 1, " "));
    v->count++;
    return 0;
}

static int finish(vector *v)
{
    const char *hex = vector_get(v, "hex");

    return hex && vector_get(v, "vector") ? vector_hex(hex, v->bytes, VECTOR_BYTES, &v->size) : -1;
}

int vectors_each(const char *path, void (*take)(const vector *v, void *arg), void *arg)
{
    FILE   *file = fopen(path, "r");
    vector *v = calloc(1, sizeof *v);
    char    line[VECTOR_LINE];
    int     number = 0, count = 0, bad = 0;

    if (!file)
        perror(path);
    while (file && v && !bad) {
        char *got = fgets(line, sizeof line, file);

        number++;
        if (got && line[0] == '#')
            continue;
        line[got ? strcspn(line, "\n") : 0] = '\0';
        if (line[0] != '\0') {
            bad = add_line(v, line);
        } else if (v->count > 0) {
            if ((bad = finish(v)) == 0)
                take(v, arg);
            count++;
            memset(v, 0, sizeof *v);
        }
        if (!got)
            break;
    }
    if (bad)
        fprintf(stderr, "%s:%d: not a vector\n", path, number);
    free(v);
    if (!file)
        return -1;
    fclose(file);
    return bad ? -1 : count;
}
