/* blueprint.c: fills the holes of a blueprint with names, aligns columns, and breaks long lines. */
#include "blueprint.h"

#include <stdlib.h>
#include <string.h>

const char *blueprint_find(const char *name)
{
    for (const blueprint *at = blueprints; at->name != NULL; at++)
        if (strcmp(at->name, name) == 0)
            return at->text;
    return NULL;
}

static const char *value_of(const blueprint_hole *holes, const char *name, size_t size)
{
    for (; holes->name != NULL; holes++)
        if (strlen(holes->name) == size && memcmp(holes->name, name, size) == 0)
            return holes->value;
    return NULL;
}

bool blueprint_fill_name(const char *path, const blueprint_hole *holes, FILE *out)
{
    for (const char *end; *path != '\0'; path = end) {
        end = path + strcspn(path, "@");
        fwrite(path, 1, (size_t)(end - path), out);
        if (*end == '@') {
            size_t      size = strcspn(++end, "@");
            const char *value = value_of(holes, end, size);

            if (value == NULL || end[size] != '@')
                return false;
            fputs(value, out);
            end += size + 1;
        }
    }
    return !ferror(out);
}

/* Of a line "    TYPE<tab>*NAME ...": where NAME begins, at least: after the type, one space and the stars. */
static size_t name_column(const char *line, size_t tab)
{
    return tab + 1 + strspn(line + tab + 1, "*");
}

/* The column of the lines from here on that have a tab; 0: this one has none. */
static size_t column_of(const char *text)
{
    size_t column = 0, tab;

    while (text[tab = strcspn(text, "\t\n")] == '\t') {
        column = name_column(text, tab) > column ? name_column(text, tab) : column;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return column;
}

/* A line with breaks: as much in a row as fits. */
static void put_parts(const char *line, size_t size, FILE *out)
{
    size_t indent = (size_t)((const char *)memchr(line, '(', size) - line) + 1, at = 0, part;

    for (size_t done = 0; done < size; done += part + 1) {
        const char *end = memchr(line + done, '~', size - done);

        part = (end != NULL ? (size_t)(end - line) : size) - done;
        if (done > 0 && at + 1 + part > BLUEPRINT_WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (done > 0) {
            fputc(' ', out);
            at++;
        }
        fwrite(line + done, 1, part, out);
        at += part;
    }
}

static void put_line(const char *line, size_t size, size_t column, FILE *out)
{
    size_t tab = strcspn(line, "\t\n");

    if (tab < size)
        fprintf(out, "%.*s%*s%.*s", (int)tab, line, (int)(column - name_column(line, tab) + 1), "",
                (int)(size - tab - 1), line + tab + 1);
    else if (memchr(line, '~', size) != NULL)
        put_parts(line, size, out);
    else
        fwrite(line, 1, size, out);
}

static void lay_out(const char *text, FILE *out)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        bool   has_tab = memchr(text, '\t', size) != NULL;

        if (!has_tab)
            column = 0;
        else if (column == 0)
            column = column_of(text);
        put_line(text, size, column, out);
        fputc('\n', out);
        text += size + (text[size] == '\n');
    }
}

bool blueprint_fill(const char *text, const blueprint_hole *holes, FILE *out)
{
    char  *filled = NULL;
    size_t size;
    FILE  *memory = open_memstream(&filled, &size);
    bool   good = memory != NULL && blueprint_fill_name(text, holes, memory);

    if (memory != NULL && fclose(memory) != 0)
        good = false;
    if (good)
        lay_out(filled, out);
    free(filled);
    return good && !ferror(out);
}
