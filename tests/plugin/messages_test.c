/* messages_test.c: messages of every proto3 feature are filled, packed, unpacked and compared. */
#include "test.h"

#include <float.h>
#include <stdlib.h>

#include "plugin/all.maru.h"
#include "plugin/names.maru.h"
#include "plugin/nopackage.maru.h"

typedef Plugin__All__V1__Scalars   Scalars;
typedef Plugin__All__V1__Optionals Optionals;
typedef Plugin__All__V1__Lists     Lists;
typedef Plugin__All__V1__Maps      Maps;
typedef Plugin__All__V1__Choice    Choice;
typedef Plugin__All__V1__Tree      Tree;
typedef Plugin__All__V1__WellKnown WellKnown;
typedef Plugin__All__V1__Old       Old;

static ProtobufCBinaryData bytes_of(const char *text)
{
    return (ProtobufCBinaryData){.len = strlen(text), .data = (uint8_t *)text};
}

/* The message as it comes out at the other side. To be freed. */
static void *travel(const void *message)
{
    const ProtobufCMessage *from = message;
    size_t                  size = protobuf_c_message_get_packed_size(from);
    uint8_t                *wire = malloc(size + 1);
    ProtobufCMessage       *to;

    CHECK_INT(protobuf_c_message_pack(from, wire), size);
    to = protobuf_c_message_unpack(from->descriptor, NULL, size, wire);
    CHECK(to != NULL);
    free(wire);
    return to;
}

static void done(void *message)
{
    protobuf_c_message_free_unpacked(message, NULL);
}

static Scalars some_scalars(void)
{
    Scalars s = PLUGIN__ALL__V1__SCALARS__INIT;

    s.d = DBL_MIN;
    s.f = -1.5f;
    s.i32 = INT32_MIN;
    s.i64 = INT64_MIN;
    s.u32 = UINT32_MAX;
    s.u64 = UINT64_MAX;
    s.s32 = INT32_MIN;
    s.s64 = INT64_MAX;
    s.x32 = UINT32_MAX;
    s.x64 = UINT64_MAX;
    s.sx32 = -1;
    s.sx64 = INT64_MIN;
    s.b = true;
    s.s = "마루";
    s.y = bytes_of("raw");
    s.kind = PLUGIN__ALL__V1__KIND__BELOW;
    return s;
}

static void check_scalars(const Scalars *got)
{
    Scalars want = some_scalars();

    CHECK(got->d == want.d && got->f == want.f);
    CHECK_INT(got->i32, want.i32);
    CHECK_INT(got->i64, want.i64);
    CHECK_INT(got->u32, want.u32);
    CHECK(got->u64 == want.u64 && got->x64 == want.x64);
    CHECK_INT(got->s32, want.s32);
    CHECK_INT(got->s64, want.s64);
    CHECK_INT(got->x32, want.x32);
    CHECK_INT(got->sx32, want.sx32);
    CHECK_INT(got->sx64, want.sx64);
    CHECK_INT(got->b, true);
    CHECK_STR(got->s, want.s);
    CHECK_MEM(got->y.data, got->y.len, "raw", 3);
    CHECK_INT(got->kind, PLUGIN__ALL__V1__KIND__BELOW);
}

static void test_scalars(void)
{
    Scalars  sent = some_scalars();
    Scalars  empty = PLUGIN__ALL__V1__SCALARS__INIT;
    Scalars *came = travel(&sent);

    test_begin("every scalar keeps its extreme value");
    check_scalars(came);
    done(came);
    test_begin("a message of zeros has no bytes");
    CHECK_INT(protobuf_c_message_get_packed_size((const ProtobufCMessage *)&empty), 0);
    CHECK_STR(empty.s, "");
}

static void test_optionals(void)
{
    Optionals  unset = PLUGIN__ALL__V1__OPTIONALS__INIT;
    Optionals  zeros = PLUGIN__ALL__V1__OPTIONALS__INIT;
    Optionals *came = travel(&unset);

    test_begin("an optional that is not set stays so");
    CHECK_INT(came->_i32_case, PLUGIN__ALL__V1__OPTIONALS___I32__NOT_SET);
    CHECK_INT(came->_s_case, PLUGIN__ALL__V1__OPTIONALS___S__NOT_SET);
    done(came);

    test_begin("an optional that is set to zero stays set");
    zeros._d_case = PLUGIN__ALL__V1__OPTIONALS___D_D;
    zeros._i32_case = PLUGIN__ALL__V1__OPTIONALS___I32_I32;
    zeros._b_case = PLUGIN__ALL__V1__OPTIONALS___B_B;
    zeros._s_case = PLUGIN__ALL__V1__OPTIONALS___S_S;
    zeros.s = "";
    zeros._y_case = PLUGIN__ALL__V1__OPTIONALS___Y_Y;
    zeros._kind_case = PLUGIN__ALL__V1__OPTIONALS___KIND_KIND;
    came = travel(&zeros);
    CHECK_INT(came->_d_case, PLUGIN__ALL__V1__OPTIONALS___D_D);
    CHECK_INT(came->_i32_case, PLUGIN__ALL__V1__OPTIONALS___I32_I32);
    CHECK_INT(came->_b_case, PLUGIN__ALL__V1__OPTIONALS___B_B);
    CHECK_INT(came->_s_case, PLUGIN__ALL__V1__OPTIONALS___S_S);
    CHECK_STR(came->s, "");
    CHECK_INT(came->_y_case, PLUGIN__ALL__V1__OPTIONALS___Y_Y);
    CHECK_INT(came->_kind_case, PLUGIN__ALL__V1__OPTIONALS___KIND_KIND);
    CHECK_INT(came->_s64_case, PLUGIN__ALL__V1__OPTIONALS___S64__NOT_SET);
    done(came);
}

static void test_lists(void)
{
    Scalars             one = some_scalars();
    Scalars            *messages[] = {&one, &one};
    char               *texts[] = {"", "b"};
    ProtobufCBinaryData blobs[] = {bytes_of("x"), bytes_of("")};
    double              doubles[] = {0.5, -0.5, 0};
    int64_t             longs[] = {-1, INT64_MIN};
    Lists               lists = PLUGIN__ALL__V1__LISTS__INIT;
    Lists              *came;

    lists.n_d = 3;
    lists.d = doubles;
    lists.n_s64 = 2;
    lists.s64 = longs;
    lists.n_s = 2;
    lists.s = texts;
    lists.n_y = 2;
    lists.y = blobs;
    lists.n_message = 2;
    lists.message = messages;
    came = travel(&lists);
    test_begin("lists, packed and not, keep number and order");
    CHECK_INT(came->n_d, 3);
    CHECK(came->d[1] == -0.5);
    CHECK_INT(came->n_s64, 2);
    CHECK_INT(came->s64[1], INT64_MIN);
    CHECK_INT(came->n_s, 2);
    CHECK_STR(came->s[0], "");
    CHECK_STR(came->s[1], "b");
    CHECK_INT(came->y[1].len, 0);
    CHECK_INT(came->n_message, 2);
    check_scalars(came->message[1]);
    done(came);
}

static void test_maps(void)
{
    Plugin__All__V1__Maps__TextEntry      text = PLUGIN__ALL__V1__MAPS__TEXT_ENTRY__INIT;
    Plugin__All__V1__Maps__TextEntry     *texts[] = {&text};
    Plugin__All__V1__Maps__ImportedEntry  imported = PLUGIN__ALL__V1__MAPS__IMPORTED_ENTRY__INIT;
    Plugin__All__V1__Maps__ImportedEntry *imports[] = {&imported};
    Other__Outer__Inner                   inner = OTHER__OUTER__INNER__INIT;
    Maps                                  maps = PLUGIN__ALL__V1__MAPS__INIT;
    Maps                                 *came;

    text.key = "k";
    text.value = "v";
    inner.name = "inside";
    imported.key = "i";
    imported.value = &inner;
    maps.n_text = 1;
    maps.text = texts;
    maps.n_imported = 1;
    maps.imported = imports;
    came = travel(&maps);
    test_begin("maps are lists of entries, of imported messages too");
    CHECK_INT(came->n_text, 1);
    CHECK_STR(came->text[0]->key, "k");
    CHECK_STR(came->text[0]->value, "v");
    CHECK_STR(came->imported[0]->value->name, "inside");
    done(came);
}

static void test_oneofs(void)
{
    Choice  choice = PLUGIN__ALL__V1__CHOICE__INIT;
    Choice *came;

    choice.what_case = PLUGIN__ALL__V1__CHOICE__WHAT_TEXT;
    choice.text = "";
    choice.another__one_case = PLUGIN__ALL__V1__CHOICE__ANOTHER__ONE_RAW;
    choice.raw = bytes_of("r");
    came = travel(&choice);
    test_begin("of a oneof what was set is set, even to zero");
    CHECK_INT(came->what_case, PLUGIN__ALL__V1__CHOICE__WHAT_TEXT);
    CHECK_STR(came->text, "");
    CHECK_INT(came->another__one_case, PLUGIN__ALL__V1__CHOICE__ANOTHER__ONE_RAW);
    CHECK_MEM(came->raw.data, came->raw.len, "r", 1);
    done(came);
}

static void test_trees(void)
{
    Plugin__All__V1__Tree__Node       node = PLUGIN__ALL__V1__TREE__NODE__INIT;
    Plugin__All__V1__Tree__Node       below = PLUGIN__ALL__V1__TREE__NODE__INIT;
    Plugin__All__V1__Tree__Node__Leaf leaf = PLUGIN__ALL__V1__TREE__NODE__LEAF__INIT;
    Plugin__Other__V1__Deep           deep = PLUGIN__OTHER__V1__DEEP__INIT;
    Tree                              tree = PLUGIN__ALL__V1__TREE__INIT;
    Tree                             *came;

    below.colour = PLUGIN__ALL__V1__TREE__NODE__COLOUR__BLACK;
    leaf.of = &below;
    node.leaf = &leaf;
    deep.metres = 11;
    tree.root = &node;
    tree.weight = OTHER__WEIGHT__HEAVY;
    tree.deep = &deep;
    came = travel(&tree);
    test_begin("nested, recursive, imported and publicly imported types hold each other");
    CHECK_INT(came->root->leaf->of->colour, PLUGIN__ALL__V1__TREE__NODE__COLOUR__BLACK);
    CHECK_INT(came->weight, OTHER__WEIGHT__HEAVY);
    CHECK_INT(came->deep->metres, 11);
    done(came);
}

static void test_well_known(void)
{
    Google__Protobuf__Timestamp   time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Protobuf__Any         any = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Value       value = GOOGLE__PROTOBUF__VALUE__INIT;
    Google__Protobuf__StringValue text = GOOGLE__PROTOBUF__STRING_VALUE__INIT;
    WellKnown                     known = PLUGIN__ALL__V1__WELL_KNOWN__INIT;
    WellKnown                    *came;

    time.seconds = 1291132800;
    any.type_url = "type.googleapis.com/google.protobuf.Empty";
    value.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
    value.number_value = 2.5;
    known.time = &time;
    known.any = &any;
    known.value = &value;
    known.text = &text;
    came = travel(&known);
    test_begin("the well-known types are in the library");
    CHECK_INT(came->time->seconds, 1291132800);
    CHECK_STR(came->any->type_url, any.type_url);
    CHECK(came->value->number_value == 2.5);
    CHECK(came->text != NULL && came->number == NULL);
    done(came);
}

static void test_unknown(void)
{
    Plugin__All__V1__Nothing *nothing;
    Scalars                   sent = some_scalars();
    Scalars                  *came;
    uint8_t                   wire[512];
    uint8_t                   again[512];
    size_t                    size = protobuf_c_message_pack((const ProtobufCMessage *)&sent, wire);

    nothing = plugin__all__v1__nothing__unpack(NULL, size, wire);
    test_begin("fields that a reader does not know pass through it");
    CHECK_INT(plugin__all__v1__nothing__pack(nothing, again), size);
    came = plugin__all__v1__scalars__unpack(NULL, size, again);
    check_scalars(came);
    done(came);
    done(nothing);
}

static void test_names(void)
{
    Plugin__SnakeCase__V2beta__HTTPApi__Words          words = PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__WORDS__INIT;
    Plugin__SnakeCase__V2beta__HTTPApi__LongBase       long_base = PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__LONG_BASE__INIT;
    Plugin__SnakeCase__V2beta__HTTPApi__HasBase        base = PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__HAS_BASE__INIT;
    Plugin__SnakeCase__V2beta__HTTPApi__X__YZ          nested = PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__X__Y_Z__INIT;
    Plugin__SnakeCase__V2beta__HTTPApi__HTTPServerURL  url = PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__HTTPSERVER_URL__INIT;
    BareNames__Lonely__Child                           child = BARE_NAMES__LONELY__CHILD__INIT;
    Plugin__SnakeCase__V2beta__HTTPApi__OwnBase        owner = PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__OWN_BASE__INIT;
    Plugin__SnakeCase__V2beta__HTTPApi__OwnBase       *came;
    Plugin__SnakeCase__V2beta__HTTPApi__OwnBase__Inner inner =
        PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__OWN_BASE__INNER__INIT;

    test_begin("names that are hard on C have a way in it");
    words.int_ = 1;
    words.default_ = "d";
    words.n_struct_ = 0;
    words.class_case = PLUGIN__SNAKE_CASE__V2BETA__HTTPAPI__WORDS__CLASS_WHILE;
    words.while_ = 2;
    words.static_ = 3;
    base.base = long_base.base = 4;
    url.camelcase = 5;
    url.upper_case = 6;
    CHECK_INT(words.int_ + words.while_ + words.static_ + base.base + url.camelcase + url.upper_case, 21);
    CHECK(base.head.descriptor == &plugin__snake_case__v2beta__httpapi__has_base__descriptor);
    CHECK_STR(nested.base.descriptor->name, "plugin.snake_case.V2beta.HTTPApi.X.Y_z");
    CHECK_STR(child.base.descriptor->name, "Lonely.Child");
    CHECK(
        long_base
            .long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_long_
            .descriptor == &plugin__snake_case__v2beta__httpapi__long_base__descriptor);
    test_begin("a field base has its name, and the message's own base gives way");
    owner.base = &base;
    owner.inner = &inner;
    inner.base = (char *)"b";
    came = travel(&owner);
    CHECK_INT(came->base->base, 4);
    CHECK_STR(came->inner->base, "b");
    CHECK(came->base_.descriptor == &plugin__snake_case__v2beta__httpapi__own_base__descriptor);
    CHECK_STR(came->inner->base_.descriptor->name, "plugin.snake_case.V2beta.HTTPApi.OwnBase.Inner");
    done(came);
    test_begin("optimize_for does not take the names out of descriptors");
    CHECK_STR(other__outer__descriptor.name, "plugin.other.v1.Outer");
}

static void test_old(void)
{
    Old  old = PLUGIN__ALL__V1__OLD__INIT;
    Old *came;

    old.last = "of all numbers";
    came = travel(&old);
    test_begin("the greatest field number works");
    CHECK_STR(came->last, "of all numbers");
    done(came);
}

int main(void)
{
    test_scalars();
    test_optionals();
    test_lists();
    test_maps();
    test_oneofs();
    test_trees();
    test_well_known();
    test_unknown();
    test_names();
    test_old();
    return test_end();
}
