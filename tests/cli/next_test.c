/* next_test.c: a maru that is installed knows that it is, also where its build puts headers elsewhere than into
 * include/: this program has next.c of such a build, and runs as bin/maru of a prefix.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "new/next.h"
#include "proc.h"
#include "self.h"
#include "test.h"

#define LACKS "this one is not installed"

/* As maru new says it. */
static int say(void)
{
    new_place  where = {.root = "zoo", .package = "app", .is_new = true};
    next_steps steps;

    next_find(&where, &steps);
    next_print(&steps, &where, "zoo", stdout);
    return 0;
}

static void make(const char *prefix, const char *folder)
{
    char path[200];

    snprintf(path, sizeof path, "%s/%s", prefix, folder);
    CHECK_INT(mkdir(path, 0700), 0);
}

static proc said(const char *prefix)
{
    char        program[200];
    const char *words[] = {program, "say", NULL};

    snprintf(program, sizeof program, "%s/bin/maru", prefix);
    return proc_run(words, NULL);
}

int main(int argc, char **argv)
{
    char prefix[] = "/tmp/maru-next-XXXXXX", self[PATH_MAX], line[PATH_MAX + 100];
    proc p;

    if (argc == 2 && strcmp(argv[1], "say") == 0)
        return say();
    test_begin("what stands where others put their headers is none of its own");
    if (!CHECK(mkdtemp(prefix) != NULL))
        return test_end();
    make(prefix, "bin");
    make(prefix, "include");
    make(prefix, "include/libmaru");
    snprintf(line, sizeof line, "cp '%s' %s/bin/maru", self_path(self), prefix);
    CHECK_INT(system(line), 0);
    p = said(prefix);
    CHECK_INT(p.status, 0);
    CHECK_CONTAINS(p.text[PROC_OUT], LACKS);
    proc_free(&p);
    test_begin("where its headers are it is installed, and CMake is told to look there");
    make(prefix, "incl");
    make(prefix, "incl/libmaru");
    p = said(prefix);
    CHECK(strstr(p.text[PROC_OUT], LACKS) == NULL);
    snprintf(line, sizeof line, " -DCMAKE_PREFIX_PATH=%s && ", prefix);
    CHECK_CONTAINS(p.text[PROC_OUT], line);
    proc_free(&p);
    snprintf(line, sizeof line, "rm -r %s", prefix);
    CHECK_INT(system(line), 0);
    return test_end();
}
