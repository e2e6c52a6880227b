/* sections.c: refuses a section of a configuration file whose name is a slip of a known one. */
#include "app/sections.h"

#include <limits.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "app/nearest.h"
#include "app/peers.h"

enum { EDITS = 2, LETTERS_AN_EDIT = 3 }; /* fewer letters make another word of it: [ui] is not [up] */

bool sections_only_up_has(const char *name)
{
    static const char *const names[] = {"bin", "edge", "ready-timeout", "tcp"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Services of one application lie in one folder; the name that we were started by, which may be a link there, says
 * which. */
static bool beside_us(const char *name)
{
    const char *us = (const char *)getauxval(AT_EXECFN), *slash = us == NULL ? NULL : strrchr(us, '/');
    char        path[PATH_MAX];
    int         size = slash == NULL ? -1 : snprintf(path, sizeof path, "%.*s/%s", (int)(slash - us), us, name);

    return size > 0 && (size_t)size < sizeof path && access(path, X_OK) == 0;
}

static void offer_known(nearest *n, const config *c, const maru_app *app)
{
    char *peer;

    nearest_offer(n, app->name);
    nearest_offer(n, UP_SECTION);
    for (size_t i = 0; peers_at(app, i) != NULL; i++)
        nearest_offer(n, peers_at(app, i));
    for (const config_value *v = c->values[CONFIG_PEER]; v != NULL; v = v->next)
        if ((peer = maru_arena_printf(c->arena, "%.*s", (int)strcspn(v->text, "="), v->text)) != NULL)
            nearest_offer(n, peer);
}

static bool is_slip(const nearest *n)
{
    return n->edits > 0 && n->edits <= EDITS && n->edits * LETTERS_AN_EDIT <= strlen(n->word) && !beside_us(n->word);
}

maru_status sections_check(const config *c, const maru_app *app, maru_error *error)
{
    maru_status status = MARU_OK;

    for (const config_section *s = c->sections; s != NULL; s = s->next) { /* the last first */
        nearest n = {.word = s->name};

        offer_known(&n, c, app);
        if (is_slip(&n))
            status = maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: [%s]: no such service; did you mean %s?",
                                    s->where, s->name, n.best);
    }
    return status;
}
