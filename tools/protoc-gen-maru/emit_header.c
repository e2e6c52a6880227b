/* emit_header.c: X.maru.h. See emit.h. */
#include <string.h>

#include "emit.h"
#include "names.h"
#include "option.h"

static char *c_type(const struct schema *schema, const struct type *type)
{
    return names_type(schema->pool, type->name, type->file);
}

static void emit_top(struct text *out, const struct schema *schema, const struct model *model)
{
    struct pool *pool = schema->pool;
    const char  *stem = names_stem(pool, model->file->name);

    text_comment(
        out, pool_printf(pool, "%s.maru.h: made by protoc-gen-maru from %s. Do not edit.", stem, model->file->name));
    text_printf(out, "#ifndef %s\n#define %s\n\n", names_guard(pool, model->file->name),
                names_guard(pool, model->file->name));
    if (!option_of_file(pool, model->file).no_generate)
        text_printf(out, "#include \"%s.pb-c.h\"\n\n", stem);
    text_printf(out, "%s#include \"maru/service.h\"\n\n",
                model->count == 0 ? "" : "#include \"maru/client.h\"\n#include \"maru/server.h\"\n");
    text_printf(out, "PROTOBUF_C__BEGIN_DECLS\n\nextern const maru_file %s;\n", names_file(pool, model->file->name));
}

static const char *stream_words(const struct method *method)
{
    if (method->proto->client_streaming && method->proto->server_streaming)
        return "both sides are streams";
    return method->proto->client_streaming ? "the request is a stream" : "the response is a stream";
}

/* What the .proto says of a method, after what the function does. */
static void emit_method_comment(struct text *out, const struct schema *schema, const struct comments *comments,
                                const struct method *method)
{
    const char *said = place_comment(comments, &method->place);
    const char *flags = method->proto->options != NULL && method->proto->options->deprecated ? " Deprecated." : "";

    if (method->streams)
        text_comment(out,
                     pool_printf(schema->pool,
                                 " %s: %s.%s\n Streams are not served yet: it answers UNIMPLEMENTED, and has neither a "
                                 "client function nor a handler.\n%s",
                                 method->path, stream_words(method), flags, said));
    else
        text_comment(out,
                     pool_printf(schema->pool, " %s calls %s.%s\n%s", method->function, method->path, flags, said));
}

static void emit_client(struct text *out, const struct schema *schema, const struct comments *comments,
                        const struct method *method)
{
    text_printf(out, "\n");
    emit_method_comment(out, schema, comments, method);
    if (method->streams)
        return;
    text_printf(out,
                "maru_status %s(maru_client *client, maru_call *call, const %s *request,\n    %s **response);\n"
                "void %s_async(maru_client *client, maru_call *call, const %s *request,\n    maru_done done, "
                "void *arg);\n",
                method->function, c_type(schema, method->request), c_type(schema, method->response), method->function,
                c_type(schema, method->request));
}

static void emit_handlers(struct text *out, const struct schema *schema, const struct service *service)
{
    const char *prefix = service->prefix;

    text_printf(out,
                "\n/* The service's own state: its author defines it. */\nstruct %s_service;\n\n"
                "/* The handlers of %s. NULL answers UNIMPLEMENTED. request and response are in the call's arena;\n"
                " * response comes initialised. */\ntypedef struct %s_handlers {\n",
                prefix, service->name, prefix);
    for (size_t i = 0; i < service->count; i++) {
        const struct method *method = &service->methods[i];

        if (!method->streams)
            text_printf(out,
                        "    maru_status (*%s)(struct %s_service *svc, maru_call *call,\n        const %s *request, "
                        "%s *response);\n",
                        method->slot, prefix, c_type(schema, method->request), c_type(schema, method->response));
    }
    if (service->unary == 0)
        text_printf(out, "    const void *unused; /* no method of it is unary */\n");
    text_printf(out,
                "} %s_handlers;\n\n"
                "/* %s_serve serves it on server. handlers and svc must outlive the server. */\n"
                "maru_status %s_serve(maru_server *server, const %s_handlers *handlers,\n"
                "    struct %s_service *svc, maru_error *error);\n",
                prefix, prefix, prefix, prefix, prefix);
}

static void emit_service(struct text *out, const struct schema *schema, const struct comments *comments,
                         const struct service *service)
{
    const char *said = place_comment(comments, &service->place);

    text_printf(out, "\n");
    text_comment(out, pool_printf(schema->pool, " %s\n%s", service->name, said));
    text_printf(out, "extern const maru_service %s_maru_service;\n", service->prefix);
    for (size_t i = 0; i < service->count; i++)
        emit_client(out, schema, comments, &service->methods[i]);
    emit_handlers(out, schema, service);
}

void emit_header(struct text *out, const struct schema *schema, const struct model *model)
{
    struct comments comments = schema_comments(schema->pool, model->file);

    emit_top(out, schema, model);
    for (size_t i = 0; i < model->count; i++)
        emit_service(out, schema, &comments, &model->services[i]);
    text_printf(out, "\nPROTOBUF_C__END_DECLS\n\n#endif\n");
}

void emit_no_messages(struct text *header, struct text *source, const struct schema *schema, const File *file)
{
    struct pool *pool = schema->pool;
    const char  *stem = names_stem(pool, file->name);
    const char  *said = "made by protoc-gen-maru: no types, since option (pb_c_file).no_generate of";

    text_comment(header, pool_printf(pool, "%s.pb-c.h: %s\n%s asks for none.", stem, said, file->name));
    text_printf(header, "#include <protobuf-c/protobuf-c.h>\n");
    text_comment(source, pool_printf(pool, "%s.pb-c.c: %s\n%s asks for none.", stem, said, file->name));
    text_printf(source, "#include \"%s.pb-c.h\"\n", stem);
}
