/* builtin.c: what every server serves without being asked: gRPC's health check, and reflection. */
#include <stdio.h>
#include <string.h>

#include "grpc/health/v1/health.maru.h"
#include "maru/reflection.maru.h"
#include "server/server_impl.h"

static const maru_service *find_service(const maru_server *server, const char *name)
{
    for (size_t i = 0; i < server->methods.service_count; i++)
        if (strcmp(server->methods.services[i]->name, name) == 0)
            return server->methods.services[i];
    return NULL;
}

/* Health. */

struct maru_health_service; /* a maru_server */

static maru_status check(struct maru_health_service *svc, maru_call *call,
                         const GrpcHealth__HealthCheckRequest *request, GrpcHealth__HealthCheckResponse *response)
{
    const maru_server *server = (const maru_server *)svc;

    if (*request->service != 0 && find_service(server, request->service) == NULL)
        return maru_fail(call, MARU_NOT_FOUND, "%s: no such service here", request->service);
    response->status = server->draining || server->not_serving
                           ? GRPC_HEALTH__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING
                           : GRPC_HEALTH__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    return MARU_OK;
}

static const maru_health_handlers health = {.check = check};

/* Reflection. */

struct maru_reflection_service; /* a maru_server */

static MaruReflection__MethodInfo *method_info(maru_call *call, const maru_method *method)
{
    MaruReflection__MethodInfo *info = maru_alloc(call, sizeof *info);

    maru_reflection__method_info__init(info);
    info->name = (char *)method->name;
    info->id = method->id;
    info->request = (char *)method->request->name;
    info->response = (char *)method->response->name;
    info->flags = method->flags;
    return info;
}

static MaruReflection__ServiceInfo *service_info(maru_call *call, const maru_service *service)
{
    MaruReflection__ServiceInfo *info = maru_alloc(call, sizeof *info);

    maru_reflection__service_info__init(info);
    info->name = (char *)service->name;
    info->fingerprint = service->fingerprint;
    info->methods = maru_alloc(call, service->count * sizeof *info->methods);
    for (info->n_methods = 0; info->n_methods < service->count; info->n_methods++)
        info->methods[info->n_methods] = method_info(call, &service->methods[info->n_methods]);
    return info;
}

static maru_status list_services(struct maru_reflection_service *svc, maru_call *call,
                                 const MaruReflection__ListServicesRequest *request,
                                 MaruReflection__ListServicesResponse      *response)
{
    const method_table *table = &((const maru_server *)svc)->methods;

    (void)request;
    response->services = maru_alloc(call, table->service_count * sizeof *response->services);
    for (size_t i = 0; i < table->service_count; i++)
        response->services[response->n_services++] = service_info(call, table->services[i]);
    return MARU_OK;
}

/* Files with what they import, imports first, each once. A file imports few; a list will do. */
typedef struct file_list {
    maru_call                        *call;
    MaruReflection__GetFilesResponse *out;
    const maru_file                 **files;
    size_t                            count, room;
} file_list;

static bool has_file(const file_list *list, const maru_file *file)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->files[i]->name, file->name) == 0)
            return true;
    return false;
}

static void append_file(file_list *list, const maru_file *file)
{
    if (list->count == list->room) {
        size_t            room = list->room == 0 ? 32 : 2 * list->room;
        const maru_file **files = maru_alloc(list->call, room * sizeof *files);

        if (list->count > 0)
            memcpy(files, list->files, list->count * sizeof *files);
        list->files = files;
        list->room = room;
    }
    list->files[list->count++] = file;
}

static void add_file(file_list *list, const maru_file *file)
{
    if (has_file(list, file))
        return;
    for (size_t i = 0; file->imports[i] != NULL; i++)
        add_file(list, file->imports[i]);
    append_file(list, file);
}

static void fill_files(file_list *list, MaruReflection__GetFilesResponse *response)
{
    response->files = maru_alloc(list->call, (list->count + 1) * sizeof *response->files);
    for (response->n_files = 0; response->n_files < list->count; response->n_files++)
        response->files[response->n_files] =
            (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)list->files[response->n_files]->bytes,
                                  .len = list->files[response->n_files]->size};
}

static maru_status get_files(struct maru_reflection_service *svc, maru_call *call,
                             const MaruReflection__GetFilesRequest *request, MaruReflection__GetFilesResponse *response)
{
    const maru_server  *server = (const maru_server *)svc;
    file_list           list = {.call = call};
    const maru_service *only = NULL;

    if (*request->service != 0 && (only = find_service(server, request->service)) == NULL)
        return maru_fail(call, MARU_NOT_FOUND, "%s: no such service here", request->service);
    for (size_t i = 0; i < server->methods.service_count; i++)
        if (only == NULL || only == server->methods.services[i])
            add_file(&list, server->methods.services[i]->file);
    fill_files(&list, response);
    return MARU_OK;
}

static const maru_reflection_handlers reflection = {.list_services = list_services, .get_files = get_files};

maru_status builtin_add(maru_server *server, maru_error *error)
{
    maru_status status = maru_health_serve(server, &health, (struct maru_health_service *)server, error);

    return status != MARU_OK
               ? status
               : maru_reflection_serve(server, &reflection, (struct maru_reflection_service *)server, error);
}
