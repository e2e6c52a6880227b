/* manual.c: prints a manual page in man(7)'s macros from the table of subcommands. */
#include "manual.h"

#include <ctype.h>
#include <string.h>

/* Text in which nothing is a macro: a dash stays the dash that is typed, a line that begins with a dot is text. */
static void put_text(const char *text, FILE *out)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool starts = at == text || at[-1] == '\n';

        if (*at == '\\')
            fputs("\\e", out);
        else if (*at == '-')
            fputs("\\-", out);
        else if (starts && (*at == '.' || *at == '\''))
            fprintf(out, "\\&%c", *at);
        else
            fputc(*at, out);
    }
}

static void put_title(const char *name, const char *summary, FILE *out)
{
    fputs(".TH MARU", out);
    for (const char *at = name; *at != '\0'; at++)
        fputc(toupper((unsigned char)*at), out);
    fprintf(out, " 1 \"\" \"maru %s\" Maru\n.SH NAME\n", MARU_VERSION);
    put_text("maru", out);
    put_text(name, out);
    fputs(" \\- ", out);
    put_text(summary, out);
    fputs("\n.SH SYNOPSIS\n", out);
}

static void put_flag(const flag *f, FILE *out)
{
    fputs(".TP\n\\fB", out);
    if (f->letter != 0)
        fprintf(out, "\\-%c\\fR, \\fB", f->letter);
    put_text("--", out);
    put_text(f->name, out);
    fputs("\\fR", out);
    if (f->value != NULL) {
        fputs(" \\fI", out);
        put_text(f->value, out);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put_text(f->help, out);
    fputc('\n', out);
}

static void put_end(FILE *out)
{
    fputs(".SH \"EXIT STATUS\"\n", out);
    put_text(MANUAL_EXIT, out);
    fputs(".\n.SH \"SEE ALSO\"\n", out);
}

void manual_command(const command *of, FILE *out)
{
    char name[32];

    snprintf(name, sizeof name, "-%s", of->name);
    put_title(name, of->summary, out);
    fprintf(out, "\\fBmaru %s\\fR [\\fIFLAG\\fR...] ", of->name);
    put_text(of->operands, out);
    fputs("\n.SH OPTIONS\n", out);
    for (int i = 0; i < of->flag_count; i++)
        put_flag(&of->flags[i], out);
    if (of->more != NULL) {
        fputs(".SH DESCRIPTION\n.nf\n", out);
        put_text(of->more, out);
        fputs(".fi\n", out);
    }
    put_end(out);
    fputs(".BR maru (1)\n", out);
}

void manual_overview(const command *const *table, FILE *out)
{
    put_title("", MANUAL_SUMMARY, out);
    fputs("\\fBmaru\\fR \\fICOMMAND\\fR [\\fIWORD\\fR...]\n.SH COMMANDS\n", out);
    for (const command *const *at = table; *at != NULL; at++) {
        fprintf(out, ".TP\n\\fB%s\\fR\n", (*at)->name);
        put_text((*at)->summary, out);
        fputc('\n', out);
    }
    put_end(out);
    for (const command *const *at = table; *at != NULL; at++)
        fprintf(out, ".BR maru\\-%s (1)%s\n", (*at)->name, at[1] != NULL ? "," : "");
}
