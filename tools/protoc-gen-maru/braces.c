/* braces.c: puts a second pair of braces into the INIT macros whose oneof begins with bytes. */
#include "braces.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "option.h"

/* The oneofs that begin with bytes, by what their constants begin with: "SHOP__CART__WHAT". In order of name. */
struct oneofs {
    struct pool *pool;
    char       **names;
    size_t       count;
    size_t       room;
};

static const Field *first_of_oneof(const Message *message, size_t index)
{
    for (size_t i = 0; i < message->n_field; i++)
        if (message->field[i]->has_oneof_index && (size_t)message->field[i]->oneof_index == index)
            return message->field[i];
    return NULL;
}

static void add_name(struct oneofs *oneofs, char *name)
{
    if (oneofs->count == oneofs->room) {
        size_t room = oneofs->room == 0 ? 16 : 2 * oneofs->room;
        char **names = pool_take(oneofs->pool, room * sizeof *names);

        if (oneofs->count > 0)
            memcpy(names, oneofs->names, oneofs->count * sizeof *names);
        oneofs->names = names;
        oneofs->room = room;
    }
    oneofs->names[oneofs->count++] = name;
}

static void add_oneofs(void *arg, const struct type *type, const struct place *place)
{
    struct oneofs *oneofs = arg;

    (void)place;
    for (size_t i = 0; type->message != NULL && i < type->message->n_oneof_decl; i++) {
        const char  *full = pool_printf(oneofs->pool, "%s.%s", type->name, type->message->oneof_decl[i]->name);
        const Field *first = first_of_oneof(type->message, i);

        if (first != NULL && option_is_bytes(first))
            add_name(oneofs, names_upper(oneofs->pool, full, type->file));
    }
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Whether the name that ends where end is, in a text that begins at start, is one of oneofs. */
static bool is_one_of(const struct oneofs *oneofs, const char *start, const char *end)
{
    const char *from = end;
    char       *name;

    while (from > start && (isalnum((unsigned char)from[-1]) || from[-1] == '_'))
        from--;
    name = pool_strndup(oneofs->pool, from, (size_t)(end - from));
    return bsearch(&name, oneofs->names, oneofs->count, sizeof name, compare_names) != NULL;
}

static char *mend(const struct oneofs *oneofs, const char *text)
{
    static const char unset[] = "__NOT_SET, {0}";
    struct text       mended = {.pool = oneofs->pool};
    const char       *at;

    for (const char *start = text; (at = strstr(text, unset)) != NULL; text = at + strlen(unset)) {
        text_append(&mended, text, (size_t)(at - text));
        text_printf(&mended, "%s", is_one_of(oneofs, start, at) ? "__NOT_SET, {{0, NULL}}" : unset);
    }
    text_printf(&mended, "%s", text);
    return mended.bytes;
}

void braces_mend(struct schema *schema, Made *made)
{
    struct oneofs oneofs = {.pool = schema->pool};

    for (size_t i = 0; made->name != NULL && made->content != NULL && i < schema->request->n_proto_file; i++) {
        const File *file = schema->request->proto_file[i];

        if (strcmp(made->name, pool_printf(schema->pool, "%s.pb-c.h", names_stem(schema->pool, file->name))) == 0)
            schema_walk(schema->pool, file, add_oneofs, &oneofs);
    }
    if (oneofs.count == 0)
        return;
    qsort(oneofs.names, oneofs.count, sizeof *oneofs.names, compare_names);
    made->content = mend(&oneofs, made->content);
}
