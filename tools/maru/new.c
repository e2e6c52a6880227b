/* new.c: maru new: writes a service that builds, runs and is tested as it is. */
#include <string.h>

#include "commands.h"
#include "new/place.h"
#include "new/write.h"

enum { FLAG_NEW_PACKAGE = 1, WORDS_MAX = 2 };

static int write_new(const command *self, const char *name, const char *package)
{
    new_place  place;
    maru_error error = {0};
    output     out;

    output_open(&out);
    if (place_find(name, package, &place, &error) != MARU_OK ||
        write_service(&place, name, MARU_VERSION, out.file, &error) != MARU_OK) {
        output_discard(&out);
        complain(self, "%s", error.text);
        return EXIT_CANNOT;
    }
    return output_finish(&out, self);
}

static int check_name(const command *self, const char *what, const char *name)
{
    const char *wanted = place_check_name(name);

    return wanted == NULL ? -1 : complain_usage(self, "%s: want %s, got \"%s\"", what, wanted, name);
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
    if ((which = check_name(self, "NAME", words[1])) >= 0 ||
        (package != NULL && (which = check_name(self, "--package", package)) >= 0))
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
    .more = "Into the project that the working folder is in: the nearest folder upwards that has CMakeLists.txt, "
            "proto/ and\n"
            "svc/. Where there is none, into a new project, the folder NAME. NAME: 1..16 small letters and digits.\n"
            "Without --package it is the one folder of proto/ (google, grpc and maru do not count), or app.\n"
            "Prints the paths of the files that it wrote. To build, test and run them:\n"
            "  cmake -S . -B build && cmake --build build && ctest --test-dir build -R NAME\n"
            "  maru up --bin build/bin NAME\n",
    .flags = new_flags,
    .flag_count = sizeof new_flags / sizeof *new_flags,
    .run = run,
};
