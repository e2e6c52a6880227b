/* metadata.c: collects KEY=VALUE flags, and adds them to a call. */
#include "metadata.h"

#include <string.h>

#include "runtime/call_impl.h"
#include "session.h"

int metadata_take(metadata *m, const command *self, const char *value)
{
    const char *equals = strchr(value, '=');
    char        key[256];

    if (equals == NULL || equals == value)
        return complain_usage(self, "--metadata: want key=value, got \"%s\"", value);
    snprintf(key, sizeof key, "%.*s", (int)(equals - value), value);
    if ((size_t)(equals - value) >= sizeof key || !call_metadata_fits(key, equals + 1))
        return complain_usage(self, "--metadata: want a lowercase key and a printable value, got \"%.200s\"", value);
    if (m->count == METADATA_MAX)
        return complain_usage(self, "--metadata: want at most %d of them", METADATA_MAX);
    m->pairs[m->count++] = value;
    return -1;
}

/* Cut in the call's arena. */
maru_status metadata_add(const metadata *m, maru_call *call, maru_error *error)
{
    for (size_t i = 0; i < m->count; i++) {
        char       *key = maru_strdup(call, m->pairs[i]), *value;
        maru_status status;

        if (key == NULL)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
        value = strchr(key, '=');
        *value++ = '\0';
        if ((status = maru_call_add_metadata(call, key, value)) != MARU_OK)
            return session_fail(call, status, error);
    }
    return MARU_OK;
}
