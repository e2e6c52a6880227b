/* pool_test.c: descriptors that are right are found by every name; those that are wrong are refused in words, whoever
 * sent them. Descriptors are written in protobuf's text format and encoded by protoc. */
#include <stdlib.h>

#include "shop/cart.maru.h"
#include "support.h"
#include "test.h"

enum { DEEP = 10000 };

typedef struct set {
    const char *descriptors;
    maru_arena *arena;
} set;

static blob encode(const set *s, const char *text)
{
    blob input = {.at = (const uint8_t *)text, .size = strlen(text)};

    return support_protoc(s->descriptors, "encode", "google.protobuf.FileDescriptorProto", input, s->arena);
}

static maru_status add_text(const set *s, schema_pool *pool, const char *text, maru_error *error)
{
    blob        bytes = encode(s, text);
    maru_status status = schema_pool_add(pool, bytes.at, bytes.size, error);

    free((void *)bytes.at);
    return status;
}

/* Adds one or two files and links. */
static maru_status link_texts(const set *s, const char *one, const char *two, schema_pool **pool, maru_error *error)
{
    maru_status status;

    *pool = schema_pool_new(s->arena);
    status = add_text(s, *pool, one, error);
    if (status == MARU_OK && two != NULL)
        status = add_text(s, *pool, two, error);
    return status == MARU_OK ? schema_pool_link(*pool, error) : status;
}

static void finds_everything(const set *s)
{
    const schema_pool    *pool = support_pool(s->descriptors, s->arena);
    const schema_message *scalars = support_type(pool, "Scalars");
    const schema_method  *method;
    size_t                files;

    test_begin("messages, enums, services and methods are found by their full names");
    CHECK(schema_find_message(pool, "jsontest.Outer.Inner.Item") != NULL);
    CHECK(schema_find_message(pool, "jsontest.Outer.Inner.Kind") == NULL);
    CHECK(schema_find_enum(pool, "jsontest.Outer.Inner.Kind") != NULL);
    CHECK(schema_find_message(pool, "jsontest.Ite") == NULL);
    CHECK(schema_find_message(pool, "jsontest.Items") == NULL);
    CHECK(schema_find_message_n(pool, "jsontest.Item/x", 13) != NULL);
    CHECK(schema_find_message_n(pool, "jsontest.Item\0xxxxxxxxxxxxxxxxxxxxxxxxxxx", 40) == NULL);
    CHECK(schema_find_service(pool, "jsontest.Shop") != NULL);
    CHECK(schema_find_method(pool, "/jsontest.Shop/Buy") != NULL);
    CHECK(schema_find_method(pool, "jsontest.Shop/Buy") == schema_find_method(pool, "/jsontest.Shop/Buy"));
    CHECK(schema_find_method(pool, "/jsontest.Shop/Sell") == NULL);
    CHECK(schema_find_method(pool, "/jsontest.Item/Buy") == NULL);
    CHECK(schema_pool_files(pool, &files)[0] != NULL && files > 10);

    test_begin("fields are found by number, by JSON name and by name");
    CHECK_STR(schema_field_by_number(scalars, 3)->name, "a_uint32");
    CHECK_STR(schema_field_by_number(scalars, 536870911)->name, "far");
    CHECK(schema_field_by_number(scalars, 21) == NULL);
    CHECK(schema_field_by_number(scalars, 0) == NULL);
    CHECK_INT(schema_field_by_text(scalars, "aUint32", 7)->number, 3);
    CHECK_INT(schema_field_by_text(scalars, "a_uint32", 8)->number, 3);
    CHECK_INT(schema_field_by_text(scalars, "@renamed", 8)->number, 18);
    CHECK_INT(schema_field_by_text(scalars, "renamed", 7)->number, 18);
    CHECK(schema_field_by_text(scalars, "aUint3", 6) == NULL);
    CHECK(schema_field_by_text(scalars, "far\0......................", 20) == NULL);
    CHECK_STR(schema_nearest_field(scalars, "auint3", 6), "a_uint32");
    CHECK_STR(schema_nearest_field(scalars, "a_uint3", 7), "a_uint32");
    CHECK(schema_nearest_field(scalars, "zzzzzzzz", 8) == NULL);

    test_begin("values are found by number and name, the first of aliases first");
    CHECK_STR(schema_value_by_number(schema_find_enum(pool, "jsontest.Alias"), 1)->name, "FIRST");
    CHECK_INT(schema_value_by_text(schema_find_enum(pool, "jsontest.Alias"), "SECOND", 6)->number, 1);
    CHECK_INT(schema_value_by_number(schema_find_enum(pool, "jsontest.Color"), -1)->number, -1);
    CHECK(schema_value_by_number(schema_find_enum(pool, "jsontest.Color"), 3) == NULL);

    test_begin("presence, maps, packing and hidden oneofs are as protobuf has them");
    CHECK(!scalars->fields[0].presence);
    CHECK(support_type(pool, "Optionals")->fields[0].presence);
    CHECK(support_type(pool, "Optionals")->fields[0].oneof == NULL);
    CHECK(support_type(pool, "Choice")->fields[0].presence);
    CHECK_STR(support_type(pool, "Choice")->fields[0].oneof->name, "kind");
    CHECK(support_type(pool, "Lists")->fields[0].packed);
    CHECK(!support_type(pool, "Lists")->fields[8].packed);
    CHECK(support_type(pool, "Maps")->fields[0].map);
    CHECK_STR(schema_type_name(&support_type(pool, "Maps")->fields[5], s->arena), "map<string, jsontest.Item>");

    test_begin("a method's flags are its streams, its idempotency and Maru's options");
    CHECK_INT(schema_find_method(pool, "/jsontest.Shop/Buy")->flags, 0);
    CHECK_INT(schema_find_method(pool, "/jsontest.Shop/Watch")->flags,
              MARU_METHOD_SERVER_STREAM | MARU_METHOD_NO_SIDE_EFFECTS | MARU_METHOD_IDEMPOTENT);
    CHECK_INT(schema_find_method(pool, "/jsontest.Shop/Put")->flags,
              MARU_METHOD_SERVER_STREAM | MARU_METHOD_CLIENT_STREAM | MARU_METHOD_IDEMPOTENT);
    method = schema_find_method(pool, "/maru.reflection.v1.Reflection/GetFiles");
    CHECK_INT(method->flags, MARU_METHOD_NO_SIDE_EFFECTS | MARU_METHOD_IDEMPOTENT | MARU_METHOD_OPERATOR);
    CHECK(schema_method_option(method, 50901) != NULL);
    CHECK(schema_method_option(method, 50902) == NULL);
}

/* HttpRule { get (2): the path of GetCart }, as it is in cart.proto. */
static void check_http(const schema_method *method)
{
    const schema_option *http = method == NULL ? NULL : schema_method_option(method, 72295728);

    if (CHECK(http != NULL))
        CHECK_MEM(http->bytes, http->size, "\x12\x12/v1/{name=carts/\x2a}", 20);
}

static void takes_generated_files(const set *s)
{
    schema_pool *pool = schema_pool_new(s->arena);
    maru_error   error = {0};

    test_begin("a generated file comes with all that it imports, and may come twice");
    CHECK_INT(schema_pool_add_file(pool, cart_maru_service.file, &error), MARU_OK);
    CHECK_INT(schema_pool_add_file(pool, cart_maru_service.file, &error), MARU_OK);
    CHECK_INT(schema_pool_link(pool, &error), MARU_OK);
    CHECK_STR(error.text, "");
    CHECK(schema_find_service(pool, cart_maru_service.name) != NULL);
    CHECK(schema_find_message(pool, "google.protobuf.MethodOptions") != NULL);
    CHECK_INT(schema_pool_add_file(pool, cart_maru_service.file, &error), MARU_FAILED_PRECONDITION);
    CHECK_INT(schema_pool_link(pool, &error), MARU_FAILED_PRECONDITION);

    for (size_t i = 0; i < cart_maru_service.count; i++) {
        const maru_method   *generated = &cart_maru_service.methods[i];
        const schema_method *method = schema_find_method(pool, generated->path);

        if (!CHECK(method != NULL))
            continue;
        CHECK_STR(method->path, generated->path);
        CHECK_INT(method->flags, generated->flags);
        CHECK_STR(method->request->full_name, generated->request->name);
    }
    check_http(schema_find_method(pool, "/shop.cart.v1.CartService/GetCart"));
}

static void joins_options(const set *s)
{
    schema_pool         *pool = schema_pool_new(s->arena);
    maru_error           error = {0};
    blob                 plain = encode(s, "name:'a.proto' syntax:'proto3' message_type{name:'M'}");
    const schema_option *option;
    /* service S { method Do: options = 72295728: "ab", 72295728: "c", 7777: 5, 7777: 6 } */
    blob     tail = support_from_hex("322a"
                                         "0a0153"
                                         "1225"
                                         "0a02446f"
                                         "12022e4d"
                                         "1a022e4d"
                                         "2217"
                                         "82d3e4930202"
                                         "6162"
                                         "82d3e4930201"
                                         "63"
                                         "88e60305"
                                         "88e60306",
                                     s->arena);
    uint8_t *whole = maru_arena_alloc(s->arena, plain.size + tail.size);

    memcpy(whole, plain.at, plain.size);
    memcpy(whole + plain.size, tail.at, tail.size);
    free((void *)plain.at);
    test_begin("an option that travels in pieces is one, and its bytes are found by number");
    CHECK_INT(schema_pool_add(pool, whole, plain.size + tail.size, &error), MARU_OK);
    CHECK_INT(schema_pool_link(pool, &error), MARU_OK);
    CHECK_STR(error.text, "");
    if (!CHECK(schema_find_method(pool, "/S/Do") != NULL))
        return;
    option = schema_method_option(schema_find_method(pool, "/S/Do"), 72295728);
    if (CHECK(option != NULL))
        CHECK_MEM(option->bytes, option->size, "abc", 3);
    option = schema_method_option(schema_find_method(pool, "/S/Do"), 7777);
    if (CHECK(option != NULL))
        CHECK_MEM(option->bytes, option->size, "\x06", 1);
}

/* ---- what is refused ---- */

#define HEAD                      "name:'a.proto' syntax:'proto3' package:'p' "
#define FIELD(name, number, rest) "field{name:'" name "' number:" number " label:LABEL_OPTIONAL " rest "}"
#define INT32                     "type:TYPE_INT32"

static const struct refused {
    const char *sentence;
    const char *one, *two; /* files; two may be NULL */
    const char *words;
} refused[] = {
    {"a missing import is named", HEAD "dependency:'b.proto'", NULL, "a.proto imports b.proto, which was not added"},
    {"files that import each other are named", "name:'a.proto' syntax:'proto3' dependency:'b.proto'",
     "name:'b.proto' syntax:'proto3' dependency:'a.proto'",
     "files import each other in a circle: a.proto, which imports b.proto, which imports a.proto"},
    {"a file that imports itself is named", HEAD "dependency:'a.proto'", NULL,
     "in a circle: a.proto, which imports a.proto"},
    {"two files of one name that differ are refused", HEAD "message_type{name:'M'}", HEAD,
     "a.proto was added twice, and the two are not the same"},
    {"a type defined twice is refused with both files", HEAD "message_type{name:'M'}",
     "name:'b.proto' syntax:'proto3' package:'p' enum_type{name:'M' value{name:'A' number:0}}",
     "p.M is defined twice, in "},
    {"a missing type is named", HEAD "message_type{name:'M' " FIELD("f", "1", "type:TYPE_MESSAGE type_name:'.p.N'") "}",
     NULL, "a.proto: p.M.f: there is no type .p.N"},
    {"a name without its leading dot is none",
     HEAD "message_type{name:'M' " FIELD("f", "1", "type:TYPE_MESSAGE type_name:'M'") "}", NULL,
     "p.M.f: there is no type M"},
    {"a message where an enum should be",
     HEAD "message_type{name:'M' " FIELD("f", "1", "type:TYPE_ENUM type_name:'.p.M'") "}", NULL,
     "p.M.f: is no enum: .p.M"},
    {"an enum where a message should be",
     HEAD "enum_type{name:'E' value{name:'A' number:0}} message_type{name:'M' " FIELD(
         "f", "1", "type:TYPE_MESSAGE type_name:'.p.E'") "}",
     NULL, "p.M.f: is no message: .p.E"},
    {"a message field that names no type", HEAD "message_type{name:'M' " FIELD("f", "1", "type:TYPE_MESSAGE") "}", NULL,
     "p.M.f does not say which message it is"},
    {"a field number used twice is named",
     HEAD "message_type{name:'M' " FIELD("f", "1", INT32) FIELD("g", "1", INT32) "}", NULL,
     "a.proto: p.M: field number 1 is used twice, the second time by"},
    {"a field name used twice is named",
     HEAD "message_type{name:'M' " FIELD("f", "1", INT32) FIELD("f", "2", INT32) "}", NULL,
     "p.M: field name f is used twice"},
    {"a JSON name used twice is named",
     HEAD "message_type{name:'M' " FIELD("a_b", "1", INT32) FIELD("aB", "2", INT32) "}", NULL,
     "p.M: JSON name aB is used twice, by a_b and by aB: want another json_name"},
    {"a JSON name that breaks the line", HEAD "message_type{name:'M' " FIELD("f", "1", INT32 " json_name:'a\\nb'") "}",
     NULL, "p.M.f: its JSON name has a control character: want another json_name"},
    {"a JSON name of which nothing is left", HEAD "message_type{name:'M' " FIELD("_", "1", INT32) "}", NULL,
     "p.M._: its JSON name is empty: want another json_name"},
    {"field number 0", HEAD "message_type{name:'M' " FIELD("f", "0", INT32) "}", NULL,
     "p.M.f: want a field number in 1..536870911, got 0"},
    {"a field number too large", HEAD "message_type{name:'M' " FIELD("f", "536870912", INT32) "}", NULL,
     "want a field number in 1..536870911"},
    {"a field without a type", HEAD "message_type{name:'M' " FIELD("f", "1", "") "}", NULL, "p.M.f has no known type"},
    {"a field without a name", HEAD "message_type{name:'M' field{number:1 type:TYPE_INT32}}", NULL,
     "is no name of a field"},
    {"a name that is none", HEAD "message_type{name:'M.N'}", NULL, "\"M.N\" is no name of a type"},
    {"a package that is none", "name:'a.proto' syntax:'proto3' package:'p..q'", NULL,
     "\"p..q\" is no name of a package"},
    {"a package that ends with a dot", "name:'a.proto' syntax:'proto3' package:'p.'", NULL, "is no name of a package"},
    {"a oneof that is not there", HEAD "message_type{name:'M' " FIELD("f", "1", INT32 " oneof_index:0") "}", NULL,
     "p.M.f: there is no oneof 0"},
    {"a negative oneof",
     HEAD "message_type{name:'M' oneof_decl{name:'o'} " FIELD("f", "1", INT32 " oneof_index:-1") "}", NULL,
     "there is no oneof -1"},
    {"a repeated field in a oneof",
     HEAD "message_type{name:'M' oneof_decl{name:'o'} field{name:'f' number:1 label:LABEL_REPEATED type:TYPE_INT32 "
          "oneof_index:0}}",
     NULL, "a repeated field cannot be in a oneof"},
    {"an enum without values", HEAD "enum_type{name:'E'}", NULL, "a.proto: p.E has no values"},
    {"a proto3 enum that does not begin with 0", HEAD "enum_type{name:'E' value{name:'A' number:1}}", NULL,
     "p.E: the first value of a proto3 enum must be 0, A is 1"},
    {"an enum number used twice without allow_alias",
     HEAD "enum_type{name:'E' value{name:'A' number:0} value{name:'B' number:0}}", NULL,
     "p.E: value 0 is used twice, by A and by B, without allow_alias"},
    {"an enum name used twice", HEAD "enum_type{name:'E' value{name:'A' number:0} value{name:'A' number:1}}", NULL,
     "p.E: value name A is used twice"},
    {"a map entry that is none",
     HEAD "message_type{name:'M' options{map_entry:true} " FIELD("key", "1", "type:TYPE_DOUBLE")
         FIELD("value", "2", INT32) "}",
     NULL, "p.M: a map entry has a key"},
    {"a map entry with a third field",
     HEAD "message_type{name:'M' options{map_entry:true} " FIELD("key", "1", INT32) FIELD("value", "2", INT32)
         FIELD("more", "3", INT32) "}",
     NULL, "p.M: a map entry has a key"},
    {"a map that is not repeated",
     HEAD "message_type{name:'M' " FIELD(
         "m", "1", "type:TYPE_MESSAGE type_name:'.p.M.E'") "nested_type{name:'E' options{map_entry:true} " FIELD("key",
                                                                                                                 "1",
                                                                                                                 INT32)
         FIELD("value", "2", INT32) "}}",
     NULL, "p.M.m: only a repeated field can be of the map entry .p.M.E"},
    {"a method of a missing type", HEAD "service{name:'S' method{name:'Do' input_type:'.p.X' output_type:'.p.X'}}",
     NULL, "a.proto: /p.S/Do: there is no message .p.X"},
    {"a method without types", HEAD "service{name:'S' method{name:'Do'}}", NULL,
     "p.S.Do does not say what it takes and returns"},
    {"a method defined twice",
     HEAD "message_type{name:'M'} service{name:'S' method{name:'Do' input_type:'.p.M' output_type:'.p.M'} "
          "method{name:'Do' input_type:'.p.M' output_type:'.p.M'}}",
     NULL, "p.S: method Do is defined twice"},
    {"a Timestamp of one's own making",
     "name:'a.proto' syntax:'proto3' package:'google.protobuf' message_type{name:'Timestamp' " FIELD(
         "seconds", "1", "type:TYPE_STRING") FIELD("nanos", "2", INT32) "}",
     NULL, "google.protobuf.Timestamp has not the fields that it is published with"},
    {"a Struct whose fields are no map",
     "name:'a.proto' syntax:'proto3' package:'google.protobuf' message_type{name:'Struct' field{name:'fields' number:1 "
     "label:LABEL_REPEATED type:TYPE_MESSAGE type_name:'.google.protobuf.Struct.FieldsEntry'} "
     "nested_type{name:'FieldsEntry'}}",
     NULL, "has not the fields that it is published with"},
    {"another syntax", "name:'a.proto' syntax:'editions'", NULL,
     "a.proto: want syntax proto2 or proto3, got \"editions\""},
    {"a file without a name", "syntax:'proto3'", NULL, "has no file name that can be printed"},
    {"a file name that breaks the line", "name:'a\\nb' syntax:'proto3'", NULL, "has no file name that can be printed"},
};

static void refuses(const set *s)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        maru_error   error = {0};
        schema_pool *pool;

        test_begin(refused[i].sentence);
        CHECK_INT(link_texts(s, refused[i].one, refused[i].two, &pool, &error), MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(error.text, refused[i].words);
        CHECK(strchr(error.text, '\n') == NULL);
        CHECK(schema_find_message(pool, "p.M") == NULL);
    }
}

static const struct placed {
    const char *sentence;
    const char *one;
    const char *file, *type, *member;
} placed[] = {
    {"a fault of a file is told to be of the file", HEAD "dependency:'c.proto'", "a.proto", NULL, NULL},
    {"one of a type, of the type", HEAD "message_type{name:'M'} enum_type{name:'E'}", "a.proto", "p.E", NULL},
    {"one of a field, of the field, though others were looked at since",
     HEAD "message_type{name:'M' " FIELD("a_b", "1", INT32)
         FIELD("aB", "2", INT32) "nested_type{name:'N' " FIELD("x", "1", INT32) "}}",
     "a.proto", "p.M", "aB"},
    {"one of a method, of the method", HEAD "service{name:'S' method{name:'Go' input_type:'.p.A' output_type:'.p.A'}}",
     "a.proto", "p.S", "Go"},
};

static void says_where(const set *s)
{
    for (size_t i = 0; i < sizeof placed / sizeof *placed; i++) {
        maru_error   error = {0};
        schema_pool *pool;
        schema_place at;

        test_begin(placed[i].sentence);
        CHECK_INT(link_texts(s, placed[i].one, NULL, &pool, &error), MARU_INVALID_ARGUMENT);
        at = schema_pool_place(pool);
        CHECK_STR(at.file, placed[i].file);
        CHECK_STR(at.type, placed[i].type);
        CHECK_STR(at.member, placed[i].member);
    }
}

/* A file whose message type holds a message type, and so on. Each level is a tag and a length in front. */
static blob nested_types(size_t depth, maru_arena *arena)
{
    size_t   room = depth * 12 + 64;
    uint8_t *bytes = maru_arena_alloc(arena, room), *at = bytes + room;

    for (size_t i = 0; i <= depth; i++) {
        size_t size = (size_t)(bytes + room - at);

        if (i > 0) {
            at -= 5;
            at[0] = i == depth ? 0x22 : 0x1a;
            for (int k = 1; k < 5; k++, size >>= 7)
                at[k] = (uint8_t)((size & 0x7f) | (k < 4 ? 0x80 : 0));
        }
        if (i < depth) {
            at -= 3;
            memcpy(at, "\x0a\x01M", 3);
        }
    }
    at -= 9;
    memcpy(at,
           "\x0a\x07"
           "a.proto",
           9);
    return (blob){.at = at, .size = (size_t)(bytes + room - at)};
}

static void bounds(const set *s)
{
    maru_error   error = {0};
    schema_pool *pool = schema_pool_new(s->arena);
    maru_arena  *small = maru_arena_new(16 << 10);
    blob         file = nested_types(DEEP, s->arena);
    maru_status  status;

    test_begin("types nested 10,000 deep are refused, and so are 33");
    CHECK_INT(schema_pool_add(pool, file.at, file.size, &error), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(error.text, "deep");
    file = nested_types(SCHEMA_NESTING_MAX, s->arena);
    pool = schema_pool_new(s->arena);
    CHECK_INT(schema_pool_add(pool, file.at, file.size, &error), MARU_OK);
    CHECK_INT(schema_pool_link(pool, &error), MARU_OK);
    file = nested_types(SCHEMA_NESTING_MAX + 1, s->arena);
    pool = schema_pool_new(s->arena);
    CHECK_INT(schema_pool_add(pool, file.at, file.size, &error), MARU_OK);
    CHECK_INT(schema_pool_link(pool, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "types nested more than 32 deep");

    test_begin("bytes that are no descriptor are refused");
    pool = schema_pool_new(s->arena);
    CHECK_INT(schema_pool_add(pool, "\xff\xff\xff", 3, &error), MARU_INVALID_ARGUMENT);

    test_begin("what does not fit the arena is refused, and says so");
    pool = schema_pool_new(small);
    file = encode(s, HEAD "message_type{name:'M'} message_type{name:'N'}");
    do
        status = schema_pool_add(pool, file.at, file.size, &error);
    while (status == MARU_OK);
    CHECK_INT(status, MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(schema_pool_link(pool, &error), MARU_RESOURCE_EXHAUSTED);
    free((void *)file.at);
    maru_arena_free(small);
}

/* A chain of n files, each importing the one before, added in the order that is worst for a naive search. */
static void orders_many_files(const set *s)
{
    enum { FILES = 3000 };
    schema_pool *pool = schema_pool_new(s->arena);
    maru_error   error = {0};
    uint8_t      bytes[64];
    int          size = 0;

    test_begin("a chain of 3,000 files is put in order, and a circle of them is found");
    for (int i = 0; i < FILES; i++) {
        size = snprintf((char *)bytes, sizeof bytes,
                        "\x0a\x08"
                        "f%05d.p"
                        "\x1a\x08"
                        "f%05d.p"
                        "\x62\x06"
                        "proto3",
                        i, i + 1);
        if (i == FILES - 1)
            size = snprintf((char *)bytes, sizeof bytes,
                            "\x0a\x08"
                            "f%05d.p",
                            i);
        CHECK_INT(schema_pool_add(pool, bytes, (size_t)size, &error), MARU_OK);
    }
    CHECK_INT(schema_pool_link(pool, &error), MARU_OK);
    pool = schema_pool_new(s->arena);
    for (int i = 0; i < FILES; i++) {
        size = snprintf((char *)bytes, sizeof bytes,
                        "\x0a\x08"
                        "f%05d.p"
                        "\x1a\x08"
                        "f%05d.p",
                        i, (i + 1) % FILES);
        CHECK_INT(schema_pool_add(pool, bytes, (size_t)size, &error), MARU_OK);
    }
    CHECK_INT(schema_pool_link(pool, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "files import each other in a circle");
}

int main(int argc, char **argv)
{
    set s = {.descriptors = argc > 1 ? argv[1] : "json_test.desc", .arena = maru_arena_new(512 << 20)};

    finds_everything(&s);
    takes_generated_files(&s);
    joins_options(&s);
    refuses(&s);
    says_where(&s);
    bounds(&s);
    orders_many_files(&s);
    maru_arena_free(s.arena);
    return test_end();
}
