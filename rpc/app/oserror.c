/* oserror.c: maps errno to a status by a table, with words of what it was about and what was being done. */
#include "app/oserror.h"

#include <errno.h>
#include <string.h>

static const struct {
    int         number;
    maru_status status;
} oserror_table[] = {
    {ENOENT, MARU_NOT_FOUND},           {EACCES, MARU_PERMISSION_DENIED},      {EPERM, MARU_PERMISSION_DENIED},
    {EROFS, MARU_PERMISSION_DENIED},    {EEXIST, MARU_ALREADY_EXISTS},         {ENOSPC, MARU_RESOURCE_EXHAUSTED},
    {EDQUOT, MARU_RESOURCE_EXHAUSTED},  {EMFILE, MARU_RESOURCE_EXHAUSTED},     {ENFILE, MARU_RESOURCE_EXHAUSTED},
    {ENOMEM, MARU_RESOURCE_EXHAUSTED},  {ENAMETOOLONG, MARU_INVALID_ARGUMENT}, {ENOTDIR, MARU_FAILED_PRECONDITION},
    {EISDIR, MARU_FAILED_PRECONDITION}, {ELOOP, MARU_FAILED_PRECONDITION},
};

maru_status os_status(int number)
{
    for (size_t i = 0; i < sizeof oserror_table / sizeof *oserror_table; i++)
        if (oserror_table[i].number == number)
            return oserror_table[i].status;
    return MARU_UNKNOWN;
}

maru_status os_error_doing(maru_error *error, const char *what, const char *doing)
{
    int number = errno;

    return maru_error_set(error, os_status(number), "%.400s: cannot %s: %s", what, doing, strerror(number));
}

maru_status os_error(maru_error *error, const char *what)
{
    int number = errno;

    return maru_error_set(error, os_status(number), "%.400s: %s", what, strerror(number));
}

maru_status os_error_at(maru_error *error, const char *what, const char *is, const char *doing)
{
    if (is != NULL)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%.400s: want a file, is %s", what, is);
    return doing != NULL ? os_error_doing(error, what, doing) : os_error(error, what);
}
