/* compat_test.c: which changes of a .proto break a method on the wire, after protobuf's own rules for updating a
 * message. Each case is two versions of one message; both go through protoc. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support.h"
#include "test.h"

typedef struct lab {
    char        folder[32];
    maru_arena *arena;
} lab;

static const schema_pool *compile(const lab *l, const char *name, const char *body)
{
    FILE *file = fopen(maru_arena_printf(l->arena, "%s/%s.proto", l->folder, name), "w");
    char *command =
        maru_arena_printf(l->arena, "protoc -I%s --include_imports --descriptor_set_out=%s/%s.desc %s.proto", l->folder,
                          l->folder, name, name);

    fprintf(file, "syntax = \"proto3\";\npackage p;\n%s\n", body);
    fclose(file);
    if (!CHECK(system(command) == 0))
        exit(2);
    return support_pool(maru_arena_printf(l->arena, "%s/%s.desc", l->folder, name), l->arena);
}

/* The breaks between two versions, as lines of "method: text". */
static const char *breaks_of(const lab *l, const char *ours, const char *theirs)
{
    const schema_pool  *a = compile(l, "ours", ours), *b = compile(l, "theirs", theirs);
    const schema_break *breaks;
    size_t              count;
    maru_error          error = {0};
    char               *lines = "";

    if (schema_compat(schema_find_service(a, "p.S"), schema_find_service(b, "p.S"), l->arena, &breaks, &count,
                      &error) != MARU_OK)
        return error.text[0] != '\0' ? maru_arena_strdup(l->arena, error.text) : "";
    for (size_t i = 0; i < count; i++)
        lines = maru_arena_printf(l->arena, "%s%s: %s\n", lines, breaks[i].method, breaks[i].text);
    return lines;
}

#define SERVICE "service S { rpc Do(M) returns (R); } message R {} "

/* Two bodies of one message. breaks: what is said, without the place; NULL: nothing breaks. */
static const struct change {
    const char *sentence;
    const char *ours, *theirs;
    const char *breaks;
} changes[] = {
    {"the same", "int32 a = 1;", "int32 a = 1;", NULL},
    {"a field that only one side has", "int32 a = 1; string b = 2;", "int32 a = 1; bytes c = 3;", NULL},
    {"another name", "int32 a = 1;", "int32 b = 1;", NULL},
    {"int32, int64, uint32, uint64 and bool are one another",
     "int32 a = 1; int64 b = 2; uint32 c = 3; uint64 d = 4; bool e = 5;",
     "bool a = 1; uint32 b = 2; int64 c = 3; int32 d = 4; uint64 e = 5;", NULL},
    {"an enum is an integer", "E a = 1; enum E { A = 0; }", "int32 a = 1;", NULL},
    {"sint32 and sint64 are one another", "sint32 a = 1; sint64 b = 2;", "sint64 a = 1; sint32 b = 2;", NULL},
    {"fixed32 and sfixed32, fixed64 and sfixed64", "fixed32 a = 1; fixed64 b = 2;", "sfixed32 a = 1; sfixed64 b = 2;",
     NULL},
    {"string and bytes", "string a = 1;", "bytes a = 1;", NULL},
    {"bytes and a message", "bytes a = 1;", "X a = 1; message X { int32 x = 1; }", NULL},
    {"a message of another name with the same fields", "X a = 1; message X { int32 x = 1; }",
     "Y a = 1; message Y { int64 y = 1; }", NULL},
    {"singular and repeated strings and messages", "string a = 1; X b = 2; message X {}",
     "repeated string a = 1; repeated X b = 2; message X {}", NULL},
    {"singular and unpacked repeated numbers", "int32 a = 1;", "repeated int32 a = 1 [packed = false];", NULL},
    {"packed and unpacked", "repeated int32 a = 1;", "repeated int32 a = 1 [packed = false];", NULL},
    {"optional and not", "optional int32 a = 1;", "int32 a = 1;", NULL},
    {"a map and the list of its entries", "map<string, int32> a = 1;",
     "repeated X a = 1; message X { string key = 1; int64 value = 2; }", NULL},
    {"one field into a oneof", "int32 a = 1;", "oneof o { int32 a = 1; string b = 2; }", NULL},
    {"int32 to string", "int32 a = 1;", "string a = 1;", "a (field 1): int32 here, string there"},
    {"string to int32", "string b = 7;", "int32 a = 7;", "b (field 7): string here, int32 there"},
    {"int32 to sint32", "int32 a = 1;", "sint32 a = 1;", "a (field 1): int32 here, sint32 there"},
    {"int32 to fixed32", "int32 a = 1;", "fixed32 a = 1;", "a (field 1): int32 here, fixed32 there"},
    {"fixed32 to fixed64", "fixed32 a = 1;", "fixed64 a = 1;", "a (field 1): fixed32 here, fixed64 there"},
    {"float to double", "float a = 1;", "double a = 1;", "a (field 1): float here, double there"},
    {"float to fixed32", "float a = 1;", "fixed32 a = 1;", "a (field 1): float here, fixed32 there"},
    {"string to a message", "string a = 1;", "X a = 1; message X {}", "a (field 1): string here, p.M.X there"},
    {"a number to packed numbers", "int32 a = 1;", "repeated int32 a = 1;",
     "a (field 1): int32 here, packed repeated int32 there"},
    {"a field deep inside", "X a = 1; message X { repeated Y b = 2; message Y { int32 c = 3; } }",
     "X a = 1; message X { repeated Y b = 2; message Y { string c = 3; } }",
     "a.b.c (field 3): int32 here, string there"},
    {"a map's value", "map<string, int32> a = 1;", "map<string, string> a = 1;",
     "a.value (field 2): int32 here, string there"},
    {"two fields into one oneof", "int32 a = 1; string b = 2;", "oneof o { int32 a = 1; string b = 2; }",
     "b (field 2): may be set beside them here, excludes the others of its oneof there"},
    {"a field into a oneof that was there", "oneof o { int32 a = 1; } int32 b = 2;",
     "oneof o { int32 a = 1; int32 b = 2; }",
     "b (field 2): may be set beside them here, excludes the others of its oneof there"},
    {"a oneof torn apart", "oneof o { int32 a = 1; string b = 2; }",
     "oneof o { int32 a = 1; } oneof q { string b = 2; }",
     "b (field 2): excludes the others of its oneof here, may be set beside them there"},
    {"a type that holds itself", "M a = 1; int32 b = 2;", "M a = 1; int64 b = 2;", NULL},
    {"a type that holds itself and breaks", "M a = 1; int32 b = 2;", "M a = 1; string b = 2;",
     "b (field 2): int32 here, string there"},
    {"types that hold each other", "X a = 1; message X { M m = 1; int32 x = 2; }",
     "X a = 1; message X { M m = 1; float x = 2; }", "a.x (field 2): int32 here, float there"},
};

static void judges(const lab *l)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const struct change *c = &changes[i];
        const char          *ours = maru_arena_printf(l->arena, SERVICE "message M { %s }", c->ours);
        const char          *theirs = maru_arena_printf(l->arena, SERVICE "message M { %s }", c->theirs);

        test_begin(maru_arena_printf(l->arena, "%s: %s", c->sentence, c->breaks == NULL ? "fits" : "breaks"));
        CHECK_STR(breaks_of(l, ours, theirs),
                  c->breaks == NULL ? "" : maru_arena_printf(l->arena, "Do: request.%s\n", c->breaks));
    }
}

int main(void)
{
    lab   l = {.folder = "/tmp/schema_compat.XXXXXX", .arena = maru_arena_new(256 << 20)};
    char *many = "", *other = "";

    if (mkdtemp(l.folder) == NULL)
        return 2;
    judges(&l);

    test_begin("only the methods that break are named");
    CHECK_STR(breaks_of(&l,
                        "message M { int32 a = 1; } message R { int32 a = 1; } service S { rpc A(M) returns (M); "
                        "rpc B(M) returns (R); rpc C(R) returns (R); rpc Gone(R) returns (R); }",
                        "message M { int32 a = 1; } message R { string a = 1; } service S { rpc A(M) returns (M); "
                        "rpc B(M) returns (R); rpc C(R) returns (R); rpc New(R) returns (R); }"),
              "B: response.a (field 1): int32 here, string there\nC: request.a (field 1): int32 here, string there\n");

    test_begin("a method that streams on one side breaks");
    CHECK_STR(breaks_of(&l, "message M {} service S { rpc A(M) returns (M); rpc B(stream M) returns (M); }",
                        "message M {} service S { rpc A(M) returns (stream M); rpc B(M) returns (M); }"),
              "A: response: one message here, a stream there\nB: request: a stream here, one message there\n");

    test_begin("breaks past 32 of one method are not listed, a hundred types are");
    for (int i = 0; i < 100; i++) {
        many = maru_arena_printf(l.arena, "%s int32 f%d = %d;", many, i, i + 1);
        other = maru_arena_printf(l.arena, "%s string f%d = %d;", other, i, i + 1);
    }
    CHECK_CONTAINS(breaks_of(&l, maru_arena_printf(l.arena, SERVICE "message M { %s }", many),
                             maru_arena_printf(l.arena, SERVICE "message M { %s }", other)),
                   "f31 (field 32)");

    test_begin("more pairs of types than the bound are refused");
    many = "";
    for (int i = 0; i < 300; i++)
        many = maru_arena_printf(l.arena, "%s message T%d { T%d a = 1; T%d b = 2; }", many, i, (i + 1) % 300,
                                 (i * 7) % 300);
    other = "";
    for (int i = 0; i < 301; i++)
        other = maru_arena_printf(l.arena, "%s message T%d { T%d a = 1; T%d b = 2; }", other, i, (i + 2) % 301,
                                  (i * 5) % 301);
    CHECK_CONTAINS(breaks_of(&l, maru_arena_printf(l.arena, SERVICE "message M { T0 t = 1; } %s", many),
                             maru_arena_printf(l.arena, SERVICE "message M { T0 t = 1; } %s", other)),
                   "more than 65536 pairs of message types");
    CHECK(system(maru_arena_printf(l.arena, "rm -rf %s", l.folder)) == 0);
    maru_arena_free(l.arena);
    return test_end();
}
