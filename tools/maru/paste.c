/* paste.c: prints commands of maru so that a shell reads them back: quoted, with the same program and folder. */
#include "paste.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A word of a command line so that a shell reads it back as it is. */
static void paste_word(const char *word, FILE *out)
{
    const char *plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=@%+,-";

    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
    fputc('\'', out);
}

/* maru as it was called here: that finds it again. */
void paste_begin(const char *verb, FILE *out)
{
    fputs("        ", out);
    paste_word(program_invocation_name, out);
    fprintf(out, " %s", verb);
}

void paste_end(const char *data, FILE *out)
{
    if (data != NULL) {
        fputs(" --data ", out);
        paste_word(data, out);
    }
    fputc('\n', out);
}

void paste_command(const char *verb, const char *const *words, size_t count, const char *data, FILE *out)
{
    paste_begin(verb, out);
    for (size_t i = 0; i < count; i++) {
        fputc(' ', out);
        paste_word(words[i], out);
    }
    paste_end(data, out);
}

void paste_mend(const char *verb, const char *service, const MaruEvents__Event *event, const char *data, FILE *out)
{
    char        version[24];
    const char *words[] = {verb, service, event->producer, event->aggregate, version};
    size_t      count = sizeof words / sizeof *words;

    snprintf(version, sizeof version, "%" PRIu64, event->version);
    paste_command("events", words, strcmp(verb, "skip") == 0 ? count : count - 1, data, out);
}
