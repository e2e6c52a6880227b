/* emit_source.c: X.maru.c. See emit.h. */
#include <inttypes.h>
#include <string.h>

#include "emit.h"
#include "maru/service.h"
#include "names.h"

enum { BYTES_A_LINE = 20 };

static char *c_type(const struct schema *schema, const struct type *type)
{
    return names_type(schema->pool, type->name, type->file);
}

static char *c_descriptor(const struct schema *schema, const struct type *type)
{
    return pool_printf(schema->pool, "%s__descriptor", names_lower(schema->pool, type->name, type->file));
}

static void emit_bytes(struct text *out, const struct embedded *embedded)
{
    text_printf(out, "static const uint8_t descriptor[] = {");
    for (size_t i = 0; i < embedded->size; i++)
        text_printf(out, "%s%u,", i % BYTES_A_LINE == 0 ? "\n    " : " ", embedded->bytes[i]);
    text_printf(out, "\n};\n");
}

/* The file's own object, and those of what it imports: a file that is not linked is an error of the linker. */
static void emit_file(struct text *out, const struct schema *schema, const File *file, const struct embedded *embedded)
{
    for (size_t i = 0; i < file->n_dependency; i++)
        text_printf(out, "extern const maru_file %s;\n", names_file(schema->pool, file->dependency[i]));
    text_printf(out, "\n");
    emit_bytes(out, embedded);
    text_printf(out, "\nstatic const maru_file *const imports[] = {");
    for (size_t i = 0; i < file->n_dependency; i++)
        text_printf(out, "\n    &%s,", names_file(schema->pool, file->dependency[i]));
    text_printf(out, "\n    NULL,\n};\n\nconst maru_file %s = {\n    .name = ", names_file(schema->pool, file->name));
    text_string(out, file->name);
    text_printf(out, ",\n    .bytes = descriptor,\n    .size = sizeof descriptor,\n    .imports = imports,\n};\n");
}

static void emit_flags(struct text *out, uint32_t flags)
{
    static const struct {
        uint32_t    flag;
        const char *name;
    } names[] = {
        {MARU_METHOD_CLIENT_STREAM, "MARU_METHOD_CLIENT_STREAM"},
        {MARU_METHOD_SERVER_STREAM, "MARU_METHOD_SERVER_STREAM"},
        {MARU_METHOD_NO_SIDE_EFFECTS, "MARU_METHOD_NO_SIDE_EFFECTS"},
        {MARU_METHOD_IDEMPOTENT, "MARU_METHOD_IDEMPOTENT"},
        {MARU_METHOD_EXACTLY_ONCE, "MARU_METHOD_EXACTLY_ONCE"},
        {MARU_METHOD_STORED_REPLY, "MARU_METHOD_STORED_REPLY"},
        {MARU_METHOD_OPERATOR, "MARU_METHOD_OPERATOR"},
    };
    const char *between = "";

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & names[i].flag) {
            text_printf(out, "%s%s", between, names[i].name);
            between = " | ";
        }
    text_printf(out, "%s", flags == 0 ? "0" : "");
}

static void emit_method(struct text *out, const struct schema *schema, const struct service *service,
                        const struct method *method)
{
    text_printf(out, "    {\n        .name = \"%s\",\n        .path = \"%s\",\n", method->proto->name, method->path);
    text_printf(out, "        .id = UINT64_C(0x%016" PRIx64 "),\n        .flags = ", method->id);
    emit_flags(out, method->flags);
    text_printf(out, ",\n        .request = &%s,\n        .response = &%s,\n", c_descriptor(schema, method->request),
                c_descriptor(schema, method->response));
    text_printf(out, "        .service = &%s_maru_service,\n    },\n", service->prefix);
}

static void emit_service_table(struct text *out, const struct schema *schema, const struct model *model,
                               const struct service *service, uint64_t fingerprint)
{
    if (service->count > 0) {
        text_printf(out, "\nstatic const maru_method methods_of_%s[] = {\n", service->prefix);
        for (size_t i = 0; i < service->count; i++)
            emit_method(out, schema, service, &service->methods[i]);
        text_printf(out, "};\n");
    }
    text_printf(out, "\nconst maru_service %s_maru_service = {\n    .name = \"%s\",\n", service->prefix, service->name);
    if (service->count > 0)
        text_printf(out, "    .methods = methods_of_%s,\n    .count = %zu,\n", service->prefix, service->count);
    text_printf(out, "    .file = &%s,\n    .fingerprint = UINT64_C(0x%016" PRIx64 "),\n};\n",
                names_file(schema->pool, model->file->name), fingerprint);
}

static void emit_client(struct text *out, const struct schema *schema, const struct service *service, size_t index)
{
    const struct method *method = &service->methods[index];
    const char          *request = c_type(schema, method->request);
    const char          *response = c_type(schema, method->response);

    text_printf(out,
                "\nmaru_status %s(maru_client *client, maru_call *call, const %s *request,\n    %s **response)\n{\n"
                "    ProtobufCMessage *reply = NULL;\n"
                "    maru_status       status =\n        maru_unary(client, call, &methods_of_%s[%zu], (const "
                "ProtobufCMessage *)request, &reply);\n\n"
                "    *response = (%s *)reply;\n    return status;\n}\n",
                method->function, request, response, service->prefix, index, response);
    text_printf(out,
                "\nvoid %s_async(maru_client *client, maru_call *call, const %s *request,\n    maru_done done, "
                "void *arg)\n{\n"
                "    maru_unary_async(client, call, &methods_of_%s[%zu], (const ProtobufCMessage *)request, done, "
                "arg);\n}\n",
                method->function, request, service->prefix, index);
}

/* The slot is called in parentheses: it may have the name of a macro like assert(). */
static void emit_dispatch(struct text *out, const struct schema *schema, const struct service *service, size_t index)
{
    const struct method *method = &service->methods[index];

    text_printf(out,
                "\nstatic maru_status dispatch_%s(const void *handlers, void *svc, maru_call *call,\n"
                "    const ProtobufCMessage *request, ProtobufCMessage *response)\n{\n"
                "    const %s_handlers *table = handlers;\n\n"
                "    if (table->%s == NULL)\n"
                "        return maru_fail(call, MARU_UNIMPLEMENTED, \"%%s: this server has no handler for it\",\n"
                "            methods_of_%s[%zu].path);\n",
                method->function, service->prefix, method->slot, service->prefix, index);
    text_printf(out, "    return (table->%s)(svc, call, (const %s *)request,\n        (%s *)response);\n}\n",
                method->slot, c_type(schema, method->request), c_type(schema, method->response));
}

static void emit_serve(struct text *out, const struct service *service)
{
    const char *prefix = service->prefix;

    text_printf(out, "\nstatic const maru_dispatch dispatch_of_%s[] = {\n", prefix);
    for (size_t i = 0; i < service->count; i++) {
        const struct method *method = &service->methods[i];

        text_printf(out, "    %s%s,\n", method->streams ? "NULL" : "dispatch_",
                    method->streams ? " /* a stream */" : method->function);
    }
    text_printf(out, "%s};\n", service->count == 0 ? "    NULL, /* it has no methods */\n" : "");
    text_printf(out,
                "\nmaru_status %s_serve(maru_server *server, const %s_handlers *handlers,\n"
                "    struct %s_service *svc, maru_error *error)\n{\n"
                "    return maru_server_add(server, &%s_maru_service, dispatch_of_%s, handlers, svc, error);\n}\n",
                prefix, prefix, prefix, prefix, prefix);
}

static void emit_service(struct text *out, const struct schema *schema, const struct service *service)
{
    for (size_t i = 0; i < service->count; i++)
        if (!service->methods[i].streams)
            emit_client(out, schema, service, i);
    for (size_t i = 0; i < service->count; i++)
        if (!service->methods[i].streams)
            emit_dispatch(out, schema, service, i);
    emit_serve(out, service);
}

void emit_source(struct text *out, const struct schema *schema, const struct model *model,
                 const struct embedded *embedded)
{
    struct pool *pool = schema->pool;
    const char  *stem = names_stem(pool, model->file->name);

    text_comment(
        out, pool_printf(pool, "%s.maru.c: made by protoc-gen-maru from %s. Do not edit.", stem, model->file->name));
    text_printf(out, "#include \"%s.maru.h\"\n\n", stem);
    emit_file(out, schema, model->file, embedded);
    for (size_t i = 0; i < model->count; i++) {
        emit_service_table(out, schema, model, &model->services[i], embedded->fingerprint);
        emit_service(out, schema, &model->services[i]);
    }
}
