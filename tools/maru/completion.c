/* completion.c: prints completion scripts for bash and zsh from the table of subcommands. */
#include "completion.h"

#include <string.h>

/* What is offered for the value of a flag, or for an operand. */
typedef enum offer { OFFER_NOTHING, OFFER_FOLDERS, OFFER_FILES, OFFER_COMMANDS } offer;

static offer offer_of(const char *value)
{
    if (strncmp(value, "DIR", 3) == 0)
        return OFFER_FOLDERS;
    if (strncmp(value, "FILE", 4) == 0)
        return OFFER_FILES;
    return strcmp(value, "[COMMAND]") == 0 ? OFFER_COMMANDS : OFFER_NOTHING;
}

/* The words that the first operand is one of, "timeline|why": its length; 0 where it is anything. */
static int choices(const command *c)
{
    size_t size = strspn(c->operands, "abcdefghijklmnopqrstuvwxyz|");

    return c->operands[size] == ' ' || c->operands[size] == '\0' ? (int)size : 0;
}

/* size bytes of words with a | between, with a blank between. */
static void put_words(const char *words, int size, FILE *out)
{
    for (int i = 0; i < size; i++)
        fputc(words[i] == '|' ? ' ' : words[i], out);
}

static void put_names(const command *const *table, FILE *out)
{
    for (const command *const *at = table; *at != NULL; at++)
        fprintf(out, "%s%s", at == table ? "" : " ", (*at)->name);
}

/* In single quotes of a shell. */
static void put_quoted(const char *text, const char *also, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr(also, *text) != NULL)
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

/* Rows of bash's case of `COMMAND FLAG`: what the flags of one offer complete. */
static void bash_values(const command *const *table, offer which, const char *does, FILE *out)
{
    const char *between = "    ";

    for (const command *const *at = table; *at != NULL; at++) {
        for (int i = 0; i < (*at)->flag_count; i++) {
            const flag *f = &(*at)->flags[i];

            if (f->value == NULL || offer_of(f->value) != which)
                continue;
            fprintf(out, "%s'%s --%s'", between, (*at)->name, f->name);
            if (f->letter != 0)
                fprintf(out, " | '%s -%c'", (*at)->name, f->letter);
            between = " | ";
        }
    }
    if (strcmp(between, "    ") != 0)
        fprintf(out, ")\n        %s\n        return ;;\n", does);
}

static void bash_words(const command *const *table, const command *c, FILE *out)
{
    fprintf(out, "    %s) words='", c->name);
    for (int i = 0; i < c->flag_count; i++)
        fprintf(out, "%s--%s", i == 0 ? "" : " ", c->flags[i].name);
    fputs("' operands='", out);
    if (offer_of(c->operands) == OFFER_COMMANDS)
        put_names(table, out);
    else
        put_words(c->operands, choices(c), out);
    fprintf(out, "'%s ;;\n", offer_of(c->operands) == OFFER_FILES ? " files=yes" : "");
}

/* Names may have blanks, and a folder goes on with what is in it: bash is told that they are names of files. */
static const char bash_names[] = "_maru_names() { # -d or -f, for $word\n"
                                 "    compopt -o filenames 2>/dev/null\n"
                                 "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$word\")\n"
                                 "}\n";

void completion_bash(const command *const *table, FILE *out)
{
    fprintf(out, "# Completion of maru for bash: made by `maru help --as bash`.\n%s", bash_names);
    fputs("_maru() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} words='' operands='' files=''\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
          "        COMPREPLY=($(compgen -W '",
          out);
    put_names(table, out);
    fputs(" --help --version' -- \"$word\"))\n        return\n    fi\n"
          "    case \"${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD - 1]}\" in\n",
          out);
    bash_values(table, OFFER_FOLDERS, "_maru_names -d", out);
    bash_values(table, OFFER_FILES, "_maru_names -f", out);
    bash_values(table, OFFER_NOTHING, "COMPREPLY=()", out);
    fputs("    esac\n    case \"${COMP_WORDS[1]}\" in\n", out);
    for (const command *const *at = table; *at != NULL; at++)
        bash_words(table, *at, out);
    fputs("    esac\n"
          "    [ \"$COMP_CWORD\" = 2 ] || operands=''\n"
          "    case \"$word\" in -*) operands='' files='' ;; *) words='' ;; esac\n"
          "    if [ -n \"$files\" ]; then\n"
          "        _maru_names -f\n        return\n    fi\n"
          "    COMPREPLY=($(compgen -W \"$words $operands\" -- \"$word\"))\n"
          "}\n"
          "complete -F _maru maru\n",
          out);
}

static const char *zsh_action(offer which)
{
    return which == OFFER_FOLDERS ? "_files -/" : which == OFFER_FILES ? "_files" : " ";
}

static void zsh_flag(const flag *f, FILE *out)
{
    const char *takes = f->value != NULL ? "=" : "";

    if (f->letter != 0)
        fprintf(out, " \\\n            '(-%c --%s)'{-%c%s,--%s%s}'[", f->letter, f->name, f->letter,
                f->value != NULL ? "+" : "", f->name, takes);
    else
        fprintf(out, " \\\n            '--%s%s[", f->name, takes);
    put_quoted(f->help, "[]:\\", out);
    fputc(']', out);
    if (f->value != NULL) {
        fputc(':', out);
        put_quoted(f->value, ":\\", out);
        fprintf(out, ":%s", zsh_action(offer_of(f->value)));
    }
    fputc('\'', out);
}

static void zsh_command(const command *const *table, const command *c, FILE *out)
{
    fprintf(out, "    %s)\n        _arguments", c->name);
    for (int i = 0; i < c->flag_count; i++)
        zsh_flag(&c->flags[i], out);
    if (choices(c) > 0 || offer_of(c->operands) == OFFER_COMMANDS) {
        fputs(" \\\n            '1:word:(", out);
        if (choices(c) > 0)
            put_words(c->operands, choices(c), out);
        else
            put_names(table, out);
        fputs(")'", out);
    } else if (offer_of(c->operands) == OFFER_FILES) {
        fputs(" \\\n            '*:file:_files'", out);
    }
    fputs("\n        ;;\n", out);
}

void completion_zsh(const command *const *table, FILE *out)
{
    fputs("#compdef maru\n# Completion of maru for zsh: made by `maru help --as zsh`.\n"
          "local -a commands=(",
          out);
    for (const command *const *at = table; *at != NULL; at++) {
        fprintf(out, "\n    '%s:", (*at)->name);
        put_quoted((*at)->summary, ":\\", out);
        fputc('\'', out);
    }
    fputs("\n)\nif (( CURRENT == 2 )); then\n"
          "    _arguments '--help[print this, and end]' '--version[print the version]' '1:command:->command'\n"
          "    [[ $PREFIX == -* ]] || _describe command commands\n    return\nfi\n"
          "shift words\n(( CURRENT-- ))\ncase $words[1] in\n",
          out);
    for (const command *const *at = table; *at != NULL; at++)
        zsh_command(table, *at, out);
    fputs("esac\n", out);
}
