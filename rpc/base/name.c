/* name.c: which texts are names of resources (contract: maru/name.h). */
#include "maru/name.h"

#include <stdbool.h>
#include <string.h>

#include "maru/shown.h"

/* Not strspn, which makes a table of its set at each call: 500 instructions, a sixth of a GetProduct. */
static bool is_id_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

size_t maru_name_size(const char *text, const char *collection, size_t most)
{
    size_t prefix = strlen(collection), size = 0;

    if (strncmp(text, collection, prefix) != 0)
        return 0;
    while (is_id_char(text[prefix + size]))
        size++;
    return size >= 1 && size <= most ? prefix + size : 0;
}

maru_status maru_name_check(const char *field, const char *name, const char *collection, size_t most, maru_error *error)
{
    size_t size = maru_name_size(name, collection, most), prefix = strlen(collection);

    if (size > 0 && name[size] == '\0')
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %s%s1..%zu of A-Z a-z 0-9 . _ -, got \"%s\"", field,
                          collection, prefix > 0 ? " and " : "", most, maru_shown(name).text);
}

maru_status maru_name_check_new(const char *field, const char *name, const char *collection, size_t most,
                                maru_error *error)
{
    maru_status status = maru_name_check(field, name, collection, most, error);
    const char *id;

    if (status != MARU_OK)
        return status;
    id = name + strlen(collection);
    if (strcmp(id, ".") != 0 && strcmp(id, "..") != 0)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %sID with an ID other than . and .., got \"%s\"",
                          field, collection, name);
}
