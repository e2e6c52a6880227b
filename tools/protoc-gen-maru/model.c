/* model.c: resolves a file's services and methods: ids, flags, C names, and types. */
#include "model.h"

#include <ctype.h>
#include <string.h>

#include "maru/service.h"
#include "names.h"
#include "option.h"
#include "proto2.h"

enum { FILE_SERVICE = 6, SERVICE_METHOD = 2, SERVICE_OPTIONS = 3, METHOD_INPUT = 2, METHOD_OUTPUT = 3 };
enum { METHOD_OPTIONS = 4, AUDIENCE_OPERATOR = 1 };

uint64_t model_hash(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint32_t flags_of(const Method *proto)
{
    struct method_options options = option_of_method(proto);
    int                   level = proto->options == NULL ? 0 : (int)proto->options->idempotency_level;
    uint32_t              flags = 0;

    flags |= proto->client_streaming ? MARU_METHOD_CLIENT_STREAM : 0;
    flags |= proto->server_streaming ? MARU_METHOD_SERVER_STREAM : 0;
    if (level == GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS)
        flags |= MARU_METHOD_NO_SIDE_EFFECTS | MARU_METHOD_IDEMPOTENT;
    if (level == GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__IDEMPOTENT)
        flags |= MARU_METHOD_IDEMPOTENT;
    flags |= options.exactly_once ? MARU_METHOD_EXACTLY_ONCE : 0;
    flags |= options.stored_reply ? MARU_METHOD_STORED_REPLY : 0;
    flags |= options.audience == AUDIENCE_OPERATOR ? MARU_METHOD_OPERATOR : 0;
    return flags;
}

/* The message of a method; refused where there is no C code for it. */
static const struct type *message_of(struct schema *schema, const struct place *method, int32_t part, const char *name)
{
    const struct type *type = name == NULL ? NULL : schema_type(schema, name);
    struct place       place = *method;
    const char        *unusable;

    place.path[place.depth++] = part;
    if (type == NULL || type->message == NULL)
        schema_refuse(schema, &place, "%s is no message of this file or of one it imports", name == NULL ? "" : name);
    else if ((unusable = proto2_unusable(schema, method->file, type)) != NULL)
        schema_refuse(schema, &place, "%s", unusable);
    else
        return type;
    return NULL;
}

static struct method open_method(struct schema *schema, const struct service *service, size_t index)
{
    const Method *proto = service->proto->method[index];
    struct place  place = place_in(&service->place, SERVICE_METHOD, (int32_t)index);
    const char   *snake = names_snake(schema->pool, proto->name);
    struct method method = {
        .proto = proto,
        .place = place,
        .path = pool_printf(schema->pool, "/%s/%s", service->name, proto->name),
        .function = pool_printf(schema->pool, "%s_%s", service->prefix, snake),
        .slot = names_slot(schema->pool, proto->name),
        .request = message_of(schema, &place, METHOD_INPUT, proto->input_type),
        .response = message_of(schema, &place, METHOD_OUTPUT, proto->output_type),
        .flags = flags_of(proto),
        .streams = proto->client_streaming || proto->server_streaming,
    };

    method.id = model_hash(MODEL_HASH_BASIS, method.path, strlen(method.path));
    if ((method.flags & MARU_METHOD_EXACTLY_ONCE) && (method.flags & MARU_METHOD_NO_SIDE_EFFECTS)) {
        place = place_in(&place, METHOD_OPTIONS, OPTION_MARU);
        schema_refuse(schema, &place, "%s is exactly_once and has NO_SIDE_EFFECTS: what writes has effects",
                      proto->name);
    }
    return method;
}

/* Small letters, digits and single underscores, so that no generated name meets another's. */
static bool good_prefix(const char *prefix)
{
    if (!islower((unsigned char)prefix[0]) || strcmp(prefix, "maru") == 0)
        return false;
    for (const char *at = prefix; *at != 0; at++)
        if (*at == '_' ? at[1] == '_' || at[1] == 0 : !islower((unsigned char)*at) && !isdigit((unsigned char)*at))
            return false;
    return true;
}

static const char *default_prefix(struct pool *pool, const char *name)
{
    size_t size = strlen(name);
    size_t end = strlen("Service");

    if (size > end && strcmp(name + size - end, "Service") == 0)
        size -= end;
    return names_snake(pool, pool_strndup(pool, name, size));
}

static void find_prefix(struct schema *schema, struct service *service)
{
    const char *given = option_service_prefix(schema->pool, service->proto);

    service->prefix = given != NULL ? given : default_prefix(schema->pool, service->proto->name);
    service->refused = !good_prefix(service->prefix);
    if (service->refused) {
        struct place place = place_in(&service->place, SERVICE_OPTIONS, OPTION_MARU);

        schema_refuse(schema, given != NULL ? &place : &service->place,
                      "prefix \"%s\" of service %s: want small letters, digits and single underscores, first a "
                      "letter, not \"maru\"; option (maru.service).prefix sets it",
                      service->prefix, service->proto->name);
    }
}

static struct service open_service(struct schema *schema, const File *file, size_t index)
{
    const Service *proto = file->service[index];
    bool           packaged = file->package != NULL && file->package[0] != 0;
    struct service service = {
        .proto = proto,
        .place = place_of(file, 2, FILE_SERVICE, (int)index),
        .name = pool_printf(schema->pool, "%s%s%s", packaged ? file->package : "", packaged ? "." : "", proto->name),
        .methods = pool_take(schema->pool, proto->n_method * sizeof(struct method)),
        .count = proto->n_method,
    };

    find_prefix(schema, &service);
    for (size_t i = 0; i < service.count; i++) {
        service.methods[i] = open_method(schema, &service, i);
        service.unary += !service.methods[i].streams;
    }
    return service;
}

/* Refuses method where one before it, in the same file, has its id. */
static void check_id(struct schema *schema, const struct model *model, const struct method *method)
{
    for (size_t s = 0; s < model->count; s++)
        for (size_t m = 0; m < model->services[s].count; m++) {
            const struct method *other = &model->services[s].methods[m];

            if (other == method)
                return;
            if (other->id == method->id) {
                schema_refuse(schema, &method->place, "%s has the id 0x%016llx of %s (%s): rename one", method->path,
                              (unsigned long long)method->id, other->path, place_text(schema->pool, &other->place));
                return;
            }
        }
}

struct model model_open(struct schema *schema, const File *file)
{
    struct model model = {
        .file = file,
        .services = pool_take(schema->pool, file->n_service * sizeof(struct service)),
        .count = file->n_service,
    };

    for (size_t i = 0; i < model.count; i++)
        model.services[i] = open_service(schema, file, i);
    for (size_t s = 0; s < model.count; s++)
        for (size_t m = 0; m < model.services[s].count; m++)
            check_id(schema, &model, &model.services[s].methods[m]);
    return model;
}
