/* targets_test.c: which targets the text of a CMake file makes, as `maru new` reads it. */
#include "new/targets.h"

#include "test.h"

/* "LINE TARGET" of what is in the way of a service of that name; "" where nothing is. */
static const char *clash_of(const char *text, const char *name)
{
    static char  words[TARGET_NAME_MAX + 32];
    target_clash clash;

    words[0] = '\0';
    if (targets_clash(text, name, &clash))
        snprintf(words, sizeof words, "%zu %s%s", clash.line, clash.links ? "links " : "", clash.target);
    return words;
}

static void test_makers(void)
{
    static const char text[] = "project(zoo)\n"
                               "add_library(bird STATIC bird.c)\n"
                               "add_executable(\"cat\" cat.c)\n"
                               "ADD_CUSTOM_TARGET ( dog\n"
                               "  COMMAND eel)\n"
                               "maru_service(fox) maru_protos(goat DIR .)\n"
                               "add_library(hen_service)\n"
                               "maru_test(ibis_ibis_test SOURCES ibis.c)\n"
                               "target_link_libraries(jay PRIVATE ${libs} \"kiwi\" m)\n";

    test_begin("the first argument of what makes a target is one, and so are a service's library and its test");
    CHECK_STR(clash_of(text, "bird"), "2 bird");
    CHECK_STR(clash_of(text, "cat"), "3 cat");
    CHECK_STR(clash_of(text, "dog"), "4 dog");
    CHECK_STR(clash_of(text, "fox"), "6 fox");
    CHECK_STR(clash_of(text, "goat"), "6 goat");
    CHECK_STR(clash_of(text, "hen"), "7 hen_service");
    CHECK_STR(clash_of(text, "ibis"), "8 ibis_ibis_test");
    test_begin("a library that is linked by its name would become the service");
    CHECK_STR(clash_of(text, "kiwi"), "9 links kiwi");
    CHECK_STR(clash_of(text, "m"), "9 links m");
    test_begin("other words are none: of a project, a source, a command, one that is only described");
    CHECK_STR(clash_of(text, "zoo"), "");
    CHECK_STR(clash_of(text, "static"), "");
    CHECK_STR(clash_of(text, "eel"), "");
    CHECK_STR(clash_of(text, "jay"), "");
}

static void test_text(void)
{
    static const char text[] = "# add_library(bird)\n"
                               "set(words \"add_library(cat)\" \"a \\\" b\")\n"
                               "if(NOT (A AND (B OR C))) # (\n"
                               "  add_library(dog \"x\")\n"
                               "endif()\n"
                               "set(open \"two\n"
                               "lines)\")\n"
                               "set(one \"(\") add_library(eel)";

    test_begin("comments, quotes and parentheses are read as CMake does, and lines are counted");
    CHECK_STR(clash_of(text, "bird"), "");
    CHECK_STR(clash_of(text, "cat"), "");
    CHECK_STR(clash_of(text, "dog"), "4 dog");
    CHECK_STR(clash_of(text, "eel"), "8 eel");
    test_begin("what ends in the middle ends there");
    CHECK_STR(clash_of("add_library(", "x"), "");
    CHECK_STR(clash_of("add_library(\"x", "x"), "1 x");
    CHECK_STR(clash_of("add_library(\"", "x"), "");
    CHECK_STR(clash_of("\"\\", "x"), "");
    CHECK_STR(clash_of("foreach(", "x"), "");
    CHECK_STR(clash_of("", "x"), "");
}

static void test_loops(void)
{
    static const char text[] = "foreach(name ant bee;cow)\n"
                               "  add_executable(${name} ${name}.c)\n"
                               "  foreach(kind IN ITEMS dog eel)\n"
                               "    add_library(my_${name})\n"
                               "    add_library(${kind}_service)\n"
                               "  endforeach()\n"
                               "endforeach()\n"
                               "foreach(name fox)\n"
                               "endforeach()\n"
                               "add_library(${name})\n";

    test_begin("a loop over words makes a target of each, where the loop's variable is the name");
    CHECK_STR(clash_of(text, "ant"), "2 ant");
    CHECK_STR(clash_of(text, "bee"), "2 bee");
    CHECK_STR(clash_of(text, "cow"), "2 cow");
    CHECK_STR(clash_of(text, "eel"), "5 eel_service");
    CHECK_STR(clash_of(text, "my"), "");
    CHECK_STR(clash_of(text, "fox"), "");
}

int main(void)
{
    test_makers();
    test_text();
    test_loops();
    return test_end();
}
