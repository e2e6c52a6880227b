/* each.c: opens a session with one service, or with each that runs, all at once, and asks it one question. */
#include "each.h"

#include <stdlib.h>

#include "audit/atonce.h"
#include "session.h"

static maru_status ask_one(const char *data, const char *target, each_ask ask, void *arg, FILE *out, maru_error *error)
{
    session     s;
    maru_call  *call = NULL;
    maru_status status = session_open(&s, data, target, SESSION_TIMEOUT_MS, error);

    if (status == MARU_OK && (call = maru_call_begin(s.runtime, s.timeout_ms)) == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (status == MARU_OK && (status = ask(arg, target, s.client, call, out)) != MARU_OK)
        status = session_fail(call, status, error);
    if (call != NULL)
        maru_call_end(call);
    session_close(&s);
    return status;
}

/* What one of them says. */
typedef struct answer {
    char       *text;
    size_t      size;
    maru_status status;
    maru_error  error;
} answer;

typedef struct asking {
    const char *data;
    each_ask    ask;
    void       *arg;
    running    *list;
    answer     *answers; /* of those of list */
} asking;

static void ask_listed(void *arg, size_t index)
{
    const asking *a = arg;
    answer       *to = &a->answers[index];
    FILE         *out = open_memstream(&to->text, &to->size);

    if (out == NULL) {
        to->status = maru_error_set(&to->error, MARU_RESOURCE_EXHAUSTED, "out of memory");
        return;
    }
    to->status = ask_one(a->data, a->list[index].name, a->ask, a->arg, out, &to->error);
    if (fclose(out) != 0 && to->status == MARU_OK)
        to->status = maru_error_set(&to->error, MARU_RESOURCE_EXHAUSTED, "out of memory");
}

/* In the order of their names, whoever answered first. */
static int take_all(const command *self, const asking *a, size_t count, each_take take, void *arg)
{
    int result = EXIT_FINE;

    for (size_t i = 0; i < count; i++) {
        answer *of = &a->answers[i];

        if (!take(arg, &a->list[i], of->status == MARU_OK ? of->text : "") && of->status == MARU_OK)
            of->status = maru_error_set(&of->error, MARU_RESOURCE_EXHAUSTED, "out of memory");
        if (of->status != MARU_OK) {
            complain(self, "%s: %s: %s", a->list[i].name, maru_status_name(of->status),
                     maru_status_words((int)of->status, of->error.text));
            result = EXIT_STATUS + (int)of->status;
        }
        free(of->text);
    }
    return result;
}

static maru_status find_all(const char *data, rundir *dir, asking *a, size_t *count, maru_error *error)
{
    maru_status status;

    a->list = calloc(RUNNING_MAX, sizeof *a->list);
    a->answers = calloc(RUNNING_MAX, sizeof *a->answers);
    if (a->list == NULL || a->answers == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if ((status = running_folder(data, dir, error)) == MARU_OK)
        status = running_list(dir, a->list, RUNNING_MAX, count, error);
    return status;
}

int each_gather(const command *self, const char *data, each_ask ask, void *arg, each_take take, void *taker, int none)
{
    asking      a = {.ask = ask, .arg = arg};
    size_t      count = 0;
    maru_error  error;
    rundir      dir;
    int         result;
    maru_status status = find_all(data, &dir, &a, &count, &error);

    if (status != MARU_OK || count == 0) {
        complain(self, status != MARU_OK ? "%s" : "nothing runs on %s", status != MARU_OK ? error.text : dir.data);
        result = status == MARU_OK ? none : EXIT_CANNOT;
    } else {
        a.data = dir.data;
        at_once(count, ask_listed, &a);
        result = take_all(self, &a, count, take, taker);
    }
    free(a.list);
    free(a.answers);
    return result;
}

/* Where all are printed one below the other. */
typedef struct printing {
    each_title title;
    FILE      *out;
} printing;

static bool print_one(void *arg, const running *who, const char *text)
{
    const printing *p = arg;

    if (p->title != NULL)
        p->title(who, p->out);
    fputs(text, p->out);
    return true;
}

static int ask_target(const command *self, const char *data, const char *target, each_ask ask, void *arg, FILE *out)
{
    maru_error  error;
    maru_status status;
    int         wrong = running_check_target(self, target);

    if (wrong >= 0)
        return wrong;
    status = ask_one(data, target, ask, arg, out, &error);
    return status == MARU_OK ? EXIT_FINE : complain_status(status, error.text);
}

int each_service(const command *self, const char *data, const char *target, each_title title, each_ask ask, void *arg)
{
    output   out;
    printing p = {.title = title};
    int      result, printed;

    output_open(&out);
    p.out = out.file;
    result = target != NULL ? ask_target(self, data, target, ask, arg, out.file)
                            : each_gather(self, data, ask, arg, print_one, &p,
                                          title != NULL ? EXIT_FINE : EXIT_CANNOT); /* a list may be empty */
    printed = output_finish(&out, self);
    return result != EXIT_FINE ? result : printed;
}
