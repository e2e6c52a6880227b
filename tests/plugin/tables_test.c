/* tables_test.c: service tables and embedded descriptors say what the .proto says. */
#include "test.h"

#include <stdlib.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "plugin/all.maru.h"
#include "plugin/nopackage.maru.h"
#include "plugin/services.maru.h"

typedef Google__Protobuf__FileDescriptorProto File;

enum { MAX_FILES = 32 };

static const maru_method *method_named(const maru_service *service, const char *name)
{
    for (size_t i = 0; i < service->count; i++)
        if (strcmp(service->methods[i].name, name) == 0)
            return &service->methods[i];
    return NULL;
}

static uint32_t flags_of(const char *name)
{
    const maru_method *method = method_named(&echo_maru_service, name);

    return CHECK(method != NULL) ? method->flags : UINT32_MAX;
}

static uint64_t fnv1a(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
    return hash;
}

static void test_methods(void)
{
    const maru_method *get = method_named(&echo_maru_service, "HTTPGet2URLs");

    test_begin("a service's table has all its methods, streams too, in the order of the .proto");
    CHECK_STR(echo_maru_service.name, "plugin.services.v1.EchoService");
    CHECK_INT(echo_maru_service.count, 10);
    CHECK_STR(echo_maru_service.methods[5].name, "Watch");
    CHECK_STR(lonely_maru_service.name, "LonelyService");
    CHECK_INT(only_streams_maru_service.count, 1);
    CHECK_INT(empty_maru_service.count, 0);
    CHECK_STR(second_2_maru_service.name, "plugin.services.v1.Other");

    test_begin("a method has its path, the hash of it, and the messages it takes and gives");
    CHECK_STR(get->path, "/plugin.services.v1.EchoService/HTTPGet2URLs");
    CHECK(get->id == fnv1a(UINT64_C(14695981039346656037), get->path, strlen(get->path)));
    CHECK(get->request == &other__outer__inner__descriptor);
    CHECK(get->response == &google__protobuf__timestamp__descriptor);
    CHECK_STR(lonely_maru_service.methods[0].path, "/LonelyService/Ask");
    CHECK(lonely_maru_service.methods[0].response == &bare_names__lonely__child__descriptor);
}

static void test_flags(void)
{
    test_begin("flags follow idempotency_level, stream and the options of Maru");
    CHECK_INT(flags_of("Echo"), 0);
    CHECK_INT(flags_of("HTTPGet2URLs"), MARU_METHOD_NO_SIDE_EFFECTS | MARU_METHOD_IDEMPOTENT);
    CHECK_INT(flags_of("Put"), MARU_METHOD_IDEMPOTENT);
    CHECK_INT(flags_of("Once"), MARU_METHOD_EXACTLY_ONCE | MARU_METHOD_OPERATOR);
    CHECK_INT(flags_of("Stored"), MARU_METHOD_STORED_REPLY | MARU_METHOD_NO_SIDE_EFFECTS | MARU_METHOD_IDEMPOTENT);
    CHECK_INT(flags_of("Watch"), MARU_METHOD_SERVER_STREAM);
    CHECK_INT(flags_of("Upload"), MARU_METHOD_CLIENT_STREAM);
    CHECK_INT(flags_of("Chat"), MARU_METHOD_CLIENT_STREAM | MARU_METHOD_SERVER_STREAM);
}

static File *parse(const maru_file *file)
{
    return google__protobuf__file_descriptor_proto__unpack(NULL, file->size, file->bytes);
}

/* Adds file and all that it imports, each once. */
static size_t collect(const maru_file *file, const maru_file **all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i] == file)
            return count;
    if (!CHECK(count < MAX_FILES))
        return count;
    all[count++] = file;
    for (size_t i = 0; file->imports[i] != NULL; i++)
        count = collect(file->imports[i], all, count);
    return count;
}

static int compare_files(const void *left, const void *right)
{
    return strcmp((*(const maru_file *const *)left)->name, (*(const maru_file *const *)right)->name);
}

static void check_file(const maru_file *file)
{
    File *parsed = parse(file);

    if (!CHECK(parsed != NULL))
        return;
    CHECK_STR(parsed->name, file->name);
    CHECK(parsed->source_code_info == NULL);
    for (size_t i = 0; i < parsed->n_dependency; i++)
        if (CHECK(file->imports[i] != NULL))
            CHECK_STR(parsed->dependency[i], file->imports[i]->name);
    CHECK(file->imports[parsed->n_dependency] == NULL);
    google__protobuf__file_descriptor_proto__free_unpacked(parsed, NULL);
}

static void test_files(void)
{
    const maru_file *all[MAX_FILES];
    size_t           count = collect(&plugin_all_proto_maru_file, all, 0);

    test_begin("every embedded descriptor parses, without source info, and has its imports in order");
    count = collect(&plugin_services_proto_maru_file, all, count);
    for (size_t i = 0; i < count; i++)
        check_file(all[i]);
    CHECK_INT(count, 14);
}

static void test_fingerprint(void)
{
    const maru_file *all[MAX_FILES];
    size_t           count = collect(&plugin_services_proto_maru_file, all, 0);
    uint64_t         hash = UINT64_C(14695981039346656037);

    test_begin("a fingerprint is the hash of the service's file and all imports in order of name");
    qsort(all, count, sizeof *all, compare_files);
    for (size_t i = 0; i < count; i++)
        hash = fnv1a(hash, all[i]->bytes, all[i]->size);
    CHECK(echo_maru_service.fingerprint == hash);
    CHECK(second_2_maru_service.fingerprint == hash);
    CHECK(lonely_maru_service.fingerprint != hash);
    CHECK(echo_maru_service.file == &plugin_services_proto_maru_file);
}

static void test_unchanged(void)
{
    File                                    *all = parse(&plugin_all_proto_maru_file);
    File                                    *services = parse(&plugin_services_proto_maru_file);
    File                                    *other = parse(all != NULL ? plugin_all_proto_maru_file.imports[7] : NULL);
    const Google__Protobuf__DescriptorProto *optionals = all->message_type[1];

    test_begin("what is embedded is what was written: optional, services, options and their extensions");
    CHECK_STR(optionals->name, "Optionals");
    CHECK(optionals->field[0]->has_proto3_optional && optionals->field[0]->proto3_optional);
    CHECK_STR(optionals->field[0]->json_name, "d");
    CHECK_INT(services->n_service, 4);
    CHECK_INT(services->service[0]->method[3]->options->base.n_unknown_fields > 0, true);
    CHECK_STR(other->name, "plugin/other.proto");
    CHECK(other->options->has_optimize_for);
    google__protobuf__file_descriptor_proto__free_unpacked(all, NULL);
    google__protobuf__file_descriptor_proto__free_unpacked(services, NULL);
    google__protobuf__file_descriptor_proto__free_unpacked(other, NULL);
}

int main(void)
{
    test_methods();
    test_flags();
    test_files();
    test_fingerprint();
    test_unchanged();
    return test_end();
}
