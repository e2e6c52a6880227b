/* next.c: finds the project's root and the maru to use, and prints the commands to try next. */
#include "next.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM "/bin/maru"

/* A name that begins with / is one of no folder. */
static bool has(const char *folder, const char *name)
{
    char path[PATH_MAX * 2];

    snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : folder, *name == '/' ? "" : "/", name);
    return access(path, F_OK) == 0;
}

/* MARU_INCLUDE is where this build installs its headers (MaruInstall.cmake): below the prefix, or an absolute path. */
static bool is_installed(const char *prefix)
{
    return has(prefix, MARU_INCLUDE);
}

/* Maru's own tree is built with itself; every other project with an installed one. */
static bool is_own_tree(const new_place *place)
{
    return !place->is_new && has(place->root, "rpc/include/maru");
}

/* Cuts /bin/maru off a path; false where it ends otherwise. */
static bool cut_program(char *path)
{
    size_t size = strlen(path), tail = strlen(PROGRAM);

    if (size <= tail || strcmp(path + size - tail, PROGRAM) != 0)
        return false;
    path[size - tail] = '\0';
    return true;
}

/* Whether a build folder of the project is where this maru was built: then it is called by its way from the root. */
static bool find_in_root(const char *prefix, const new_place *place, next_steps *steps)
{
    size_t size = strlen(place->root);

    if (place->is_new || strncmp(prefix, place->root, size) != 0 || prefix[size] != '/' ||
        !has(prefix, "CMakeCache.txt"))
        return false;
    snprintf(steps->build, sizeof steps->build, "%s", prefix + size + 1);
    snprintf(steps->program, sizeof steps->program, "%.*s" PROGRAM, PATH_MAX - (int)sizeof PROGRAM, steps->build);
    return steps->beside = true;
}

/* The first maru of PATH, if it is this one: *prefix is the folder above it, which is where CMake looks. */
static bool find_on_path(const char *program, char prefix[static PATH_MAX])
{
    struct stat ours, found;
    char        path[PATH_MAX];

    if (stat(program, &ours) != 0)
        return false;
    for (const char *at = getenv("PATH"), *end; at != NULL && *at != '\0'; at = *end == ':' ? end + 1 : end) {
        end = at + strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/maru", (int)(end - at), at);
        if (access(path, X_OK) != 0 || stat(path, &found) != 0)
            continue;
        snprintf(prefix, PATH_MAX, "%s", path);
        cut_program(prefix);
        return found.st_dev == ours.st_dev && found.st_ino == ours.st_ino;
    }
    return false;
}

static void find_maru(const new_place *place, next_steps *steps)
{
    char    program[PATH_MAX], prefix[PATH_MAX], above[PATH_MAX] = "";
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);

    if (size < 0)
        return;
    program[size] = '\0';
    snprintf(prefix, sizeof prefix, "%s", program);
    if (!cut_program(prefix) || find_in_root(prefix, place, steps))
        return;
    if (!find_on_path(program, above))
        snprintf(steps->program, sizeof steps->program, "%s", program);
    steps->lacks_maru = !is_own_tree(place) && !is_installed(prefix);
    if (!is_own_tree(place) && is_installed(prefix) && (*above == '\0' || !is_installed(above)))
        snprintf(steps->prefix, sizeof steps->prefix, "%s", prefix);
}

void next_find(const new_place *place, next_steps *steps)
{
    char here[PATH_MAX];

    *steps = (next_steps){.program = "maru", .build = "build"};
    if (place->is_new || getcwd(here, sizeof here) == NULL || strcmp(here, place->root) != 0)
        snprintf(steps->enter, sizeof steps->enter, "%s", place->root);
    find_maru(place, steps);
}

/* A word of a shell. */
static void put_word(const char *word, FILE *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-";

    if (word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

static void put_words(const char *before, const char *word, const char *after, FILE *out)
{
    fputs(before, out);
    put_word(word, out);
    fputs(after, out);
}

static void print_build(const next_steps *steps, const char *name, FILE *out)
{
    fputs("To build it, and run its tests:\n", out);
    if (*steps->enter != '\0')
        put_words("  cd ", steps->enter, "\n", out);
    put_words("  cmake -S . -B ", steps->build, "", out);
    if (*steps->prefix != '\0')
        put_words(" -DCMAKE_PREFIX_PATH=", steps->prefix, "", out);
    put_words(" && cmake --build ", steps->build, "", out);
    put_words(" && ctest --test-dir ", steps->build, "", out);
    fprintf(out, " -R '^%s_'\n", name);
}

void next_print(const next_steps *steps, const new_place *place, const char *name, FILE *out)
{
    fputc('\n', out); /* the paths stand above it */
    if (steps->lacks_maru)
        fputs(
            "The project is built with an installed Maru, and this one is not installed: in its tree\n"
            "`cmake --install build --prefix PREFIX --component maru` does it; then add -DCMAKE_PREFIX_PATH=PREFIX.\n",
            out);
    print_build(steps, name, out);
    fputs("To run it there, until Ctrl-C:\n", out);
    put_words("  ", steps->program, " up", out);
    if (!steps->beside)
        put_words(" --bin ", steps->build, "/bin", out);
    fprintf(out, " %s\nTo call it, from another terminal in the same folder:\n", name);
    put_words("  ", steps->program, " call ", out);
    fprintf(out, "%s %s.%s.v1.%c%sService/PutEntry -d '{\"name\": \"one\", \"text\": \"first\"}'\n", name,
            place->package, name, toupper((unsigned char)name[0]), name + 1);
    fprintf(out, "Say what it is for in docs/services/%s.md, whose table has each of its methods.\n", name);
}
