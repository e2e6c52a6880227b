/* print_test.c: what schema_print writes is the type: protoc reads it, and it prints again as the same. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"
#include "test.h"

static const char *printed(const schema_pool *pool, const char *name, maru_arena *arena)
{
    maru_error  error = {0};
    const char *text = "";

    if (schema_print(pool, name, arena, &text, &error) != MARU_OK)
        fprintf(stderr, "%s\n", error.text);
    return text;
}

/* All types of a file, as one .proto. */
static void write_file(const schema_pool *pool, const schema_file *file, FILE *out, maru_arena *arena)
{
    fprintf(out, "syntax = \"%s\";\n", file->proto3 ? "proto3" : "proto2");
    if (file->package[0] != '\0')
        fprintf(out, "package %s;\n", file->package);
    for (size_t i = 0; i < file->import_count; i++)
        fprintf(out, "import \"%s\";\n", file->imports[i]->name);
    for (size_t i = 0; i < file->message_count; i++)
        fputs(printed(pool, file->messages[i].full_name, arena), out);
    for (size_t i = 0; i < file->enum_count; i++)
        fputs(printed(pool, file->enums[i].full_name, arena), out);
    for (size_t i = 0; i < file->service_count; i++)
        fputs(printed(pool, file->services[i].full_name, arena), out);
}

/* Prints a file, has protoc compile that, and compares every type of the two. */
static void comes_back(const schema_pool *pool, const char *descriptors, const char *folder, const schema_file *file,
                       maru_arena *arena)
{
    const char        *path = maru_arena_printf(arena, "%s/printed.proto", folder);
    FILE              *out = fopen(path, "w");
    const schema_pool *again;
    const char        *command;

    write_file(pool, file, out, arena);
    fclose(out);
    command = maru_arena_printf(arena,
                                "protoc --proto_path=%s --descriptor_set_in=%s --include_imports "
                                "--descriptor_set_out=%s/printed.desc printed.proto",
                                folder, descriptors, folder);
    if (!CHECK(system(command) == 0))
        return;
    again = support_pool(maru_arena_printf(arena, "%s/printed.desc", folder), arena);
    for (size_t i = 0; i < file->message_count; i++)
        CHECK_STR(printed(again, file->messages[i].full_name, arena),
                  printed(pool, file->messages[i].full_name, arena));
    for (size_t i = 0; i < file->enum_count; i++)
        CHECK_STR(printed(again, file->enums[i].full_name, arena), printed(pool, file->enums[i].full_name, arena));
    for (size_t i = 0; i < file->service_count; i++)
        CHECK_STR(printed(again, file->services[i].full_name, arena),
                  printed(pool, file->services[i].full_name, arena));
}

int main(int argc, char **argv)
{
    const char        *descriptors = argc > 1 ? argv[1] : "json_test.desc";
    maru_arena        *arena = maru_arena_new(256 << 20);
    const schema_pool *pool = support_pool(descriptors, arena);
    char               folder[] = "/tmp/schema_print.XXXXXX";
    maru_error         error = {0};
    const char        *text;
    int                failed;

    test_begin("a message prints with its oneofs, maps and nested types");
    CHECK_STR(printed(pool, "jsontest.Outer", arena), "message Outer {\n"
                                                      "  Outer.Inner inner = 1;\n"
                                                      "  repeated int32 loose = 2 [packed = false];\n"
                                                      "  message Inner {\n"
                                                      "    Outer.Inner.Kind kind = 1;\n"
                                                      "    Outer outer = 2;\n"
                                                      "    Outer.Inner.Item item = 3;\n"
                                                      "    .jsontest.Item shown = 4;\n"
                                                      "    enum Kind {\n"
                                                      "      NO = 0;\n"
                                                      "      YES = 1;\n"
                                                      "    }\n"
                                                      "    message Item {\n"
                                                      "      bool hidden = 1;\n"
                                                      "    }\n"
                                                      "  }\n"
                                                      "}\n");
    CHECK_CONTAINS(printed(pool, "jsontest.Maps", arena), "  map<sfixed64, google.protobuf.Timestamp> times = 11;\n");
    CHECK_CONTAINS(printed(pool, "jsontest.Choice", arena), "  oneof other {\n    int32 left = 10;\n");
    CHECK_CONTAINS(printed(pool, "jsontest.Scalars", arena), "  string renamed = 18 [json_name = \"@renamed\"];\n");
    CHECK_CONTAINS(printed(pool, "jsontest.Optionals", arena), "  optional int32 an_int32 = 1;\n");

    test_begin("an enum and a service print, and one method alone");
    CHECK_CONTAINS(printed(pool, "jsontest.Alias", arena), "  option allow_alias = true;\n  NONE = 0;\n");
    CHECK_STR(printed(pool, "jsontest.Shop", arena), "service Shop {\n"
                                                     "  rpc Buy(Item) returns (Scalars);\n"
                                                     "  rpc Watch(Item) returns (stream Scalars) {\n"
                                                     "    option idempotency_level = NO_SIDE_EFFECTS;\n"
                                                     "  }\n"
                                                     "  rpc Put(stream Item) returns (stream Outer.Inner) {\n"
                                                     "    option idempotency_level = IDEMPOTENT;\n"
                                                     "  }\n"
                                                     "}\n");
    CHECK_STR(printed(pool, "jsontest.Shop/Buy", arena), "rpc Buy(Item) returns (Scalars);\n");
    CHECK_STR(printed(pool, "jsontest.Shop.Buy", arena), "rpc Buy(Item) returns (Scalars);\n");

    test_begin("a name that is none is answered with the nearest");
    CHECK_INT(schema_print(pool, "jsontest.Itme", arena, &text, &error), MARU_NOT_FOUND);
    CHECK_STR(error.text, "there is no message, enum, service or method jsontest.Itme; the nearest is jsontest.Item");

    if (!CHECK(mkdtemp(folder) != NULL))
        return test_end();
    for (size_t i = 0, count; i < (schema_pool_files(pool, &count), count); i++) {
        const schema_file *file = schema_pool_files(pool, &count)[i];

        /* A file of google/protobuf would be its own twin; those with options of Maru declare them themselves. */
        if (strncmp(file->name, "google/", 7) == 0 || strcmp(file->name, "maru/options.proto") == 0 ||
            strncmp(file->name, "protobuf-c/", 11) == 0)
            continue;
        test_begin(maru_arena_printf(arena, "%s comes back from protoc as it was printed", file->name));
        comes_back(pool, descriptors, folder, file, arena);
    }
    CHECK(system(maru_arena_printf(arena, "rm -rf %s", folder)) == 0);
    failed = test_end(); /* the sentences are in the arena */
    maru_arena_free(arena);
    return failed;
}
