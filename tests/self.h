/* tests/self.h: this program's own file, for tests that start themselves again. Header only.
 *
 * Not /proc/self/exe as it is: under valgrind that is valgrind, while its text is the program's path there too.
 */
#ifndef MARU_TEST_SELF_H
#define MARU_TEST_SELF_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Ends the test where it can't be told. Returns path. */
static inline char *self_path(char path[static PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - 1);

    if (size < 0) {
        perror("/proc/self/exe");
        exit(1);
    }
    path[size] = '\0';
    return path;
}

#endif
