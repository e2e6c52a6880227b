/* new.c: maru new: writes a service that builds, runs and is tested as it is. */
#include <string.h>

#include "commands.h"
#include "new/headers.h"
#include "new/next.h"
#include "new/place.h"
#include "new/write.h"

enum { FLAG_NEW_PACKAGE = 1, WORDS_MAX = 2 };

/* Paths go to stdout, for programs too; what to do with them to stderr. */
static int write_new(const command *self, const char *name, const char *package)
{
    new_place  place;
    next_steps steps;
    written    made;
    maru_error error = {0};
    output     out;
    int        result;

    output_open(&out);
    if (place_find(name, package, &place, &error) != MARU_OK ||
        write_service(&place, name, MARU_VERSION, out.file, &made, &error) != MARU_OK) {
        output_discard(&out);
        complain(self, "%s", error.text);
        return EXIT_CANNOT;
    }
    if ((result = output_finish(&out, self)) != EXIT_FINE) {
        written_remove(&made);
        return result;
    }
    written_keep(&made);
    next_find(&place, &steps);
    next_print(&steps, &place, name, stderr);
    return EXIT_FINE;
}

/* what: where it was said; kind: what it would be the name of. */
static int check_name(const command *self, const char *what, const char *kind, const char *name, bool is_service)
{
    const char *why;
    char        header[PATH_MAX];

    if (!place_is_name(name))
        return complain_usage(self, "%s: want 1..%d small letters and digits, a letter first, got \"%s\"", what,
                              NEW_NAME_MAX, name);
    why = is_service ? place_service_taken(name) : place_taken(name);
    if (why != NULL)
        return complain_usage(self, "%s: \"%s\" can't be a %s's name: %s", what, name, kind, why);
    if (is_service && headers_find(name, header))
        return complain_usage(self, "%s: \"%s\" can't be a %s's name: its header would hide %s", what, name, kind,
                              header);
    return -1;
}

static int run(const command *self, int argc, char **argv)
{
    args        a = args_of(self, argc, argv);
    const char *value, *words[WORDS_MAX] = {NULL}, *package = NULL;
    int         which, count = 0;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_NEW_PACKAGE)
            package = value;
        else if (count++ < WORDS_MAX)
            words[count - 1] = value;
    }
    if (a.exit >= 0)
        return a.exit;
    if (count != WORDS_MAX || strcmp(words[0], "service") != 0)
        return complain_usage(self, "want: maru new service NAME");
    if ((which = check_name(self, "NAME", "service", words[1], true)) >= 0 ||
        (package != NULL && (which = check_name(self, "--package", "package", package, false)) >= 0))
        return which;
    return write_new(self, words[1], package);
}

static const flag new_flags[] = {
    FLAG_HELP,
    [FLAG_NEW_PACKAGE] = {"package", 0, "NAME", "the folder of the .proto in proto/, and its package's first part"},
};

const command new_command = {
    .name = "new",
    .operands = "service NAME",
    .summary = "write a service that builds, runs and is tested as it is",
    .more =
        "Into the project that the working folder is in: the nearest folder upwards that has CMakeLists.txt, "
        "proto/ and\n"
        "svc/. Where there is none, into a new project, the folder NAME. NAME: 1..16 small letters and digits.\n"
        "Without --package it is the one folder of proto/ (google, grpc and maru do not count), or app.\n"
        "Prints the paths of the files that it wrote, and on stderr the commands that build, test, run and call it.\n",
    .flags = new_flags,
    .flag_count = sizeof new_flags / sizeof *new_flags,
    .run = run,
};
