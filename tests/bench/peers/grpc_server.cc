// The peer of echo: a gRPC C++ server. Usage: grpc_server callback|async ADDRESS, where ADDRESS is HOST:0 or unix:PATH.
//
// Prints `ready grpc ADDRESS` and serves until SIGTERM. Tuned as gRPC's guide to performance says for C++: the callback
// API, whose handler blocks nowhere and finishes at once; or completion queues, one and a thread a core, with as many
// calls asked for ahead as may be in flight. The benchmark runs both and takes the faster.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <pthread.h>

#include "bench/echo.grpc.pb.h"

namespace
{

class CallbackEcho final : public bench::Echo::CallbackService
{
    grpc::ServerUnaryReactor *Call(grpc::CallbackServerContext *context, const bench::Payload *request,
                                   bench::Payload *response) override
    {
        response->set_body(request->body());
        grpc::ServerUnaryReactor *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }
};

// One call that is asked for, then answered, then asked for again.
class AsyncCall
{
  public:
    AsyncCall(bench::Echo::AsyncService *service, grpc::ServerCompletionQueue *queue) : service_(service), queue_(queue)
    {
        ask();
    }

    void next(bool ok)
    {
        if (!ok)
            return;
        if (answering_) {
            ask();
            return;
        }
        answering_ = true;
        response_.set_body(request_.body());
        writer_->Finish(response_, grpc::Status::OK, this);
    }

  private:
    void ask()
    {
        answering_ = false;
        context_ = std::make_unique<grpc::ServerContext>();
        writer_ = std::make_unique<grpc::ServerAsyncResponseWriter<bench::Payload>>(context_.get());
        service_->RequestCall(context_.get(), &request_, writer_.get(), queue_, queue_, this);
    }

    bench::Echo::AsyncService                                       *service_;
    grpc::ServerCompletionQueue                                     *queue_;
    bool                                                             answering_ = false;
    bench::Payload                                                   request_, response_;
    std::unique_ptr<grpc::ServerContext>                             context_;
    std::unique_ptr<grpc::ServerAsyncResponseWriter<bench::Payload>> writer_;
};

void serve_queue(grpc::ServerCompletionQueue *queue)
{
    void *tag;
    bool  ok;
    while (queue->Next(&tag, &ok))
        static_cast<AsyncCall *>(tag)->next(ok);
}

void wait_for_term()
{
    sigset_t set;
    int      number;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigwait(&set, &number);
}

void block_signals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int cores()
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[1], "callback") != 0 && strcmp(argv[1], "async") != 0)) {
        fprintf(stderr, "usage: grpc_server callback|async ADDRESS\n");
        return 2;
    }
    const bool        async = strcmp(argv[1], "async") == 0;
    const std::string address = argv[2];
    block_signals();

    CallbackEcho              callback;
    bench::Echo::AsyncService service;
    grpc::ServerBuilder       builder;
    int                       port = 0;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
    if (async) {
        builder.RegisterService(&service);
        for (int i = 0; i < cores(); i++)
            queues.push_back(builder.AddCompletionQueue());
    } else {
        builder.RegisterService(&callback);
    }
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (!server || port == 0) {
        fprintf(stderr, "grpc_server: cannot listen on %s\n", address.c_str());
        return 1;
    }

    std::vector<std::unique_ptr<AsyncCall>> calls;
    std::vector<std::thread>                threads;
    for (auto &queue : queues) {
        for (int i = 0; i < 512; i++)
            calls.push_back(std::make_unique<AsyncCall>(&service, queue.get()));
        threads.emplace_back(serve_queue, queue.get());
    }
    if (address.rfind("unix:", 0) == 0)
        printf("ready grpc %s\n", address.c_str());
    else
        printf("ready grpc %s:%d\n", address.substr(0, address.rfind(':')).c_str(), port);
    fflush(stdout);
    wait_for_term();
    server->Shutdown(std::chrono::system_clock::now());
    for (auto &queue : queues)
        queue->Shutdown();
    for (auto &thread : threads)
        thread.join();
    return 0;
}
