/* command.c: reads a subcommand's flags, prints its help and complaints, and writes its results to stdout. */
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "nonblocking.h"

args args_of(const command *self, int argc, char **argv)
{
    return (args){.command = self, .flags = flags_of(self->flags, self->flag_count, argc, argv, 0), .exit = -1};
}

int args_next(args *a, const char **value)
{
    maru_error error;
    output     out;
    int        which = flags_next(&a->flags, value, &error);

    if (which == FLAGS_BAD) {
        a->exit = complain_usage(a->command, "%s", error.text);
        return FLAGS_END;
    }
    if (which > 0 && strcmp(a->command->flags[which].name, "data") == 0 && **value == '\0') {
        a->exit = complain_usage(a->command, "--data: want a folder, got \"\"");
        return FLAGS_END;
    }
    if (which != 0)
        return which;
    output_open(&out);
    command_help(a->command, out.file);
    a->exit = output_finish(&out, a->command);
    return FLAGS_END;
}

static void say(const command *self, const char *format, va_list list, const char *tail)
{
    char text[4096];

    vsnprintf(text, sizeof text, format, list);
    utf8_one_line(text);
    fprintf(stderr, "maru%s%s: %s%s\n", self != NULL ? " " : "", self != NULL ? self->name : "", text, tail);
}

void complain(const command *self, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(self, format, list, "");
    va_end(list);
}

int complain_usage(const command *self, const char *format, ...)
{
    va_list list;
    char    tail[64];

    snprintf(tail, sizeof tail, " (maru %s%s--help says more)", self != NULL ? self->name : "",
             self != NULL ? " " : "");
    va_start(list, format);
    say(self, format, list, tail);
    va_end(list);
    return EXIT_WRONG_USAGE;
}

int complain_status(maru_status status, const char *message)
{
    char text[4096];

    snprintf(text, sizeof text, "%s", message);
    utf8_one_line(text);
    fprintf(stderr, "%s%s%s\n", maru_status_name(status), *text != '\0' ? ": " : "", text);
    return EXIT_STATUS + (int)status;
}

void output_open(output *out)
{
    *out = (output){0};
    if ((out->file = open_memstream(&out->bytes, &out->size)) == NULL) {
        fprintf(stderr, "maru: out of memory\n");
        exit(EXIT_CANNOT);
    }
}

/* What stdio failed to write it drops, and errno is soon that of another call. */
static bool reader_has_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

int output_lost(const command *self, int number)
{
    if (number == EPIPE || reader_has_gone())
        return EXIT_CLOSED;
    complain(self, "stdout: %s", strerror(number));
    return EXIT_CANNOT;
}

int output_flush(const command *self)
{
    if (fflush(stdout) != 0)
        return output_lost(self, errno);
    return ferror(stdout) ? output_lost(self, EIO) : EXIT_FINE;
}

static int write_all(const char *bytes, size_t size, const command *self)
{
    while (size > 0) {
        ssize_t wrote = write(STDOUT_FILENO, bytes, size);

        if (wrote < 0 && nonblocking_again(STDOUT_FILENO, POLLOUT))
            continue;
        if (wrote < 0)
            return output_lost(self, errno);
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return EXIT_FINE;
}

int output_finish(output *out, const command *self)
{
    int result = EXIT_CANNOT;

    if (fclose(out->file) != 0)
        complain(self, "out of memory");
    else
        result = write_all(out->bytes, out->size, self);
    free(out->bytes);
    *out = (output){0};
    return result;
}

void output_discard(output *out)
{
    fclose(out->file);
    free(out->bytes);
    *out = (output){0};
}

void command_help(const command *self, FILE *out)
{
    fprintf(out, "maru %s - %s\n\nusage: maru %s [FLAG...]%s%s\n\n", self->name, self->summary, self->name,
            self->operands[0] != '\0' ? " " : "", self->operands);
    flags_help(out, self->flags, self->flag_count);
    if (self->more != NULL)
        fprintf(out, "\n%s", self->more);
}
