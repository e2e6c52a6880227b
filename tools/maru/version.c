/* version.c: maru version. */
#include "commands.h"

static int run(const command *self, int argc, char **argv)
{
    args        a = args_of(self, argc, argv);
    const char *word;
    output      out;

    if (args_next(&a, &word) != FLAGS_END)
        return complain_usage(self, "\"%s\": want nothing after it", word);
    if (a.exit >= 0)
        return a.exit;
    output_open(&out);
    fprintf(out.file, "maru %s\n", MARU_VERSION);
    return output_finish(&out, self);
}

static const flag version_flags[] = {FLAG_HELP};

const command version_command = {
    .name = "version",
    .operands = "",
    .summary = "print the version of maru",
    .flags = version_flags,
    .flag_count = sizeof version_flags / sizeof *version_flags,
    .run = run,
};
