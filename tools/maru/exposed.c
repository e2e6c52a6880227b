/* exposed.c: see exposed.h. It relies on what OpenMetrics demands of a text: a family begins with "# TYPE NAME ...",
 * and all its lines follow one another. */
#include "exposed.h"

#include <stdlib.h>
#include <string.h>

static const char type_mark[] = "# TYPE ";

void exposed_open(exposed *all)
{
    all->first = NULL;
    all->last = &all->first;
}

void exposed_close(exposed *all)
{
    while (all->first != NULL) {
        exposed_family *f = all->first;

        all->first = f->next;
        free(f->name);
        free(f->head);
        free(f->samples);
        free(f);
    }
    all->last = &all->first;
}

static exposed_family *family_of(exposed *all, const char *name, size_t size)
{
    exposed_family *f;

    for (f = all->first; f != NULL; f = f->next)
        if (strlen(f->name) == size && memcmp(f->name, name, size) == 0)
            return f;
    if ((f = calloc(1, sizeof *f)) == NULL || (f->name = strndup(name, size)) == NULL) {
        free(f);
        return NULL;
    }
    *all->last = f;
    all->last = &f->next;
    return f;
}

static bool append(exposed_family *f, const char *at, size_t size)
{
    size_t room = f->room == 0 ? 4096 : f->room;
    char  *grown;

    while (room < f->size + size + 1)
        room *= 2;
    if (room != f->room) {
        if ((grown = realloc(f->samples, room)) == NULL)
            return false;
        f->samples = grown;
        f->room = room;
    }
    memcpy(f->samples + f->size, at, size);
    f->size += size;
    return true;
}

/* NAME{a="b"} 1 becomes NAME{service="cart",a="b"} 1. Names of services have nothing that must be escaped. */
static bool add_sample(exposed_family *f, const char *service, const char *line, size_t size)
{
    size_t name = strcspn(line, "{ ");
    bool   labels = line[name] == '{';

    return append(f, line, name) && append(f, "{service=\"", strlen("{service=\"")) &&
           append(f, service, strlen(service)) && append(f, labels ? "\"," : "\"}", 2) &&
           append(f, line + name + labels, size - name - labels);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static size_t line_size(const char *text)
{
    size_t size = strcspn(text, "\n");

    return size + (text[size] == '\n');
}

/* "# TYPE", and what else is said of the family before its samples; it may have none. */
static size_t head_size(const char *text)
{
    size_t size = line_size(text);

    while (text[size] == '#' && !begins(text + size, type_mark) && !begins(text + size, "# EOF"))
        size += line_size(text + size);
    return size;
}

bool exposed_add(exposed *all, const char *service, const char *text)
{
    exposed_family *f = NULL;

    while (*text != '\0' && !begins(text, "# EOF")) {
        size_t size = line_size(text);

        if (begins(text, type_mark)) {
            const char *name = text + strlen(type_mark);

            if ((f = family_of(all, name, strcspn(name, " "))) == NULL)
                return false;
            size = head_size(text);
            if (f->head == NULL && (f->head = strndup(text, size)) == NULL)
                return false;
        } else if (f != NULL && !add_sample(f, service, text, size)) {
            return false;
        }
        text += size;
    }
    return true;
}

void exposed_print(const exposed *all, FILE *out)
{
    for (const exposed_family *f = all->first; f != NULL; f = f->next) {
        fputs(f->head, out);
        if (f->size > 0)
            fwrite(f->samples, 1, f->size, out);
    }
    fputs("# EOF\n", out);
}
