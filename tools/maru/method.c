/* method.c: finds a unary method in a pool by SERVICE/METHOD, or names the nearest one. */
#include "method.h"

#include <string.h>

#include "app/nearest.h"

int method_check(const command *self, const char **name)
{
    const char *slash;

    *name += **name == '/';
    slash = strchr(*name, '/');
    if (slash == NULL || slash == *name || slash[1] == '\0' || strchr(slash + 1, '/') != NULL)
        return complain_usage(self, "want package.Service/Method, got \"%s\"", *name);
    return -1;
}

static maru_status unknown_method(const schema_service *service, const char *name, maru_error *error)
{
    nearest     n = {.word = name};
    const char *best;

    for (size_t i = 0; i < service->method_count; i++)
        nearest_offer(&n, service->methods[i].name);
    best = nearest_best(&n);
    return maru_error_set(error, MARU_UNIMPLEMENTED, "%s: no method \"%.100s\"%s%s%s", service->full_name, name,
                          best != NULL ? "; did you mean " : "", best != NULL ? best : "", best != NULL ? "?" : "");
}

static maru_status unknown_service(const schema_pool *pool, const char *target, const char *name, maru_error *error)
{
    const char *best = schema_nearest_service(pool, name);

    return maru_error_set(error, MARU_UNIMPLEMENTED, "%s: serves no \"%.200s\"%s%s%s", target, name,
                          best != NULL ? "; did you mean " : "", best != NULL ? best : "", best != NULL ? "?" : "");
}

/* The pool of the service, or of all services where it has none of that name: for the sake of "did you mean". */
maru_status method_find(session *s, const char *target, const char *method_name, const schema_method **method,
                        maru_error *error)
{
    schema_pool          *pool;
    const schema_service *service;
    char                  name[SCHEMA_NAME_MAX];
    const char           *slash = strchr(method_name, '/');
    maru_status           status;

    if (snprintf(name, sizeof name, "%.*s", (int)(slash - method_name), method_name) >= (int)sizeof name)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want a name of less than %d bytes", SCHEMA_NAME_MAX);
    if ((status = session_schema(s, name, &pool, error)) == MARU_NOT_FOUND)
        status = session_schema(s, "", &pool, error);
    if (status != MARU_OK)
        return status;
    if ((service = schema_find_service(pool, name)) == NULL)
        return unknown_service(pool, target, name, error);
    *method = schema_service_method(service, slash + 1);
    if (*method == NULL)
        return unknown_method(service, slash + 1, error);
    if ((*method)->flags & (MARU_METHOD_CLIENT_STREAM | MARU_METHOD_SERVER_STREAM))
        return maru_error_set(error, MARU_UNIMPLEMENTED, "%s: is a stream; want a unary method", method_name);
    return MARU_OK;
}
