/* proto2_test.c: proto2 files of options: their messages are C like any other, and who imports them has all of it. */
#include "test.h"

#include <string.h>

#include "maru/schema.h"
#include "plugin/marks.maru.h"
#include "plugin/ruled.maru.h"
#include "plugin/rules.maru.h"

typedef Plugin__Rules__V1__FieldRules  Rules;
typedef Plugin__Rules__V1__StringRules Strings;

static void test_messages(void)
{
    Strings strings = PLUGIN__RULES__V1__STRING_RULES__INIT;
    Rules   rules = PLUGIN__RULES__V1__FIELD_RULES__INIT, *came;
    uint8_t bytes[256];
    size_t  size;

    test_begin("a message of a proto2 file has defaults, and says what is set");
    CHECK_STR(strings.const_, "as it is");
    CHECK_INT(strings.known, PLUGIN__RULES__V1__STRING_RULES__KNOWN__REGEX);
    CHECK_INT(strings.has_known, false);
    strings.has_known = true;
    strings.known = PLUGIN__RULES__V1__STRING_RULES__KNOWN__UNKNOWN;
    strings.len = 3;
    rules.type_case = PLUGIN__RULES__V1__FIELD_RULES__TYPE_STRING;
    rules.string = &strings;
    size = plugin__rules__v1__field_rules__get_packed_size(&rules);
    if (!CHECK(size <= sizeof bytes))
        return;
    plugin__rules__v1__field_rules__pack(&rules, bytes);
    came = plugin__rules__v1__field_rules__unpack(NULL, size, bytes);
    if (!CHECK(came != NULL && came->type_case == PLUGIN__RULES__V1__FIELD_RULES__TYPE_STRING))
        return;
    CHECK_INT(came->string->has_known, true);
    CHECK_INT(came->string->known, PLUGIN__RULES__V1__STRING_RULES__KNOWN__UNKNOWN);
    CHECK_INT(came->string->len, 3);
    plugin__rules__v1__field_rules__free_unpacked(came, NULL);
}

static void test_reflection(void)
{
    maru_arena  *arena = maru_arena_new(1 << 20);
    schema_pool *pool = schema_pool_new(arena);
    maru_error   error = {0};
    const char  *text = "";

    test_begin("a file that imports them is linked with their descriptors, by which it can be described");
    CHECK(plugin_ruled_proto_maru_file.imports[0] == &plugin_marks_proto_maru_file);
    CHECK(plugin_ruled_proto_maru_file.imports[1] == &plugin_rules_proto_maru_file);
    CHECK_INT(schema_pool_add_file(pool, ruled_maru_service.file, &error), MARU_OK);
    CHECK_INT(schema_pool_link(pool, &error), MARU_OK);
    CHECK_STR(error.text, "");
    CHECK_INT(schema_print(pool, "plugin.ruled.v1.RuledService", arena, &text, &error), MARU_OK);
    CHECK_CONTAINS(text, "rpc Get(");
    CHECK_INT(schema_print(pool, "plugin.rules.v1.StringRules", arena, &text, &error), MARU_OK);
    CHECK_CONTAINS(text, "required uint64 len = 2;");
    maru_arena_free(arena);
}

int main(void)
{
    test_messages();
    test_reflection();
    return test_end();
}
