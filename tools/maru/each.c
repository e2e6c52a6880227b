/* each.c: opens a session with one service, or with each that runs, and asks it one question. */
#include "each.h"

#include <stdlib.h>

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

static int ask_all(const command *self, const char *data, each_title title, each_ask ask, void *arg, FILE *out)
{
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0;
    maru_error  error;
    rundir      dir;
    int         result = EXIT_FINE;
    maru_status status = list != NULL ? running_folder(data, &dir, &error)
                                      : maru_error_set(&error, MARU_RESOURCE_EXHAUSTED, "out of memory");

    if (status == MARU_OK)
        status = running_list(&dir, list, RUNNING_MAX, &count, &error);
    if (status != MARU_OK || count == 0) {
        complain(self, status != MARU_OK ? "%s" : "nothing runs on %s", status != MARU_OK ? error.text : dir.data);
        result = status == MARU_OK && title != NULL ? EXIT_FINE : EXIT_CANNOT; /* a list may be empty */
    }
    for (size_t i = 0; i < count; i++) {
        if (title != NULL)
            title(&list[i], out);
        if ((status = ask_one(dir.data, list[i].name, ask, arg, out, &error)) != MARU_OK) {
            complain(self, "%s: %s: %s", list[i].name, maru_status_name(status), error.text);
            result = EXIT_STATUS + (int)status;
        }
    }
    free(list);
    return result;
}

int each_gather(const command *self, const char *data, const char *target, each_title title, each_ask ask, void *arg,
                FILE *out)
{
    maru_error  error;
    maru_status status;
    int         wrong;

    if (target == NULL)
        return ask_all(self, data, title, ask, arg, out);
    if ((wrong = running_check_target(self, target)) >= 0)
        return wrong;
    status = ask_one(data, target, ask, arg, out, &error);
    return status == MARU_OK ? EXIT_FINE : complain_status(status, error.text);
}

int each_service(const command *self, const char *data, const char *target, each_title title, each_ask ask, void *arg)
{
    output out;
    int    result, printed;

    output_open(&out);
    result = each_gather(self, data, target, title, ask, arg, out.file);
    printed = output_finish(&out, self);
    return result != EXIT_FINE ? result : printed;
}
