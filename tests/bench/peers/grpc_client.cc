// The load on the peer of echo. Usage: grpc_client callback|async ADDRESS IN_FLIGHT SECONDS BYTES
//
// One channel, one stub, IN_FLIGHT calls at once for SECONDS after a tenth of that to warm up; prints
// `calls_per_s=N p50_us=N p99_us=N calls=N`. With `first COMMAND ...` in place of the rest it starts a server, waits
// for its `ready grpc ADDRESS`, makes one call, and prints `first_us=N`.
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/echo.grpc.pb.h"
#include "latencies.h"

namespace
{

using Clock = std::chrono::steady_clock;

// What all callers of a run share. Between begin and end calls are counted, after end none is begun.
struct Run {
    std::unique_ptr<bench::Echo::Stub> stub;
    bench::Payload                     request;
    Clock::time_point                  begin, end;
    std::mutex                         mutex;
    std::condition_variable            all_done;
    int                                busy = 0;
    long                               errors = 0;
    std::string                        first_error;
    Latencies                          latencies;

    // Counts a call; says whether another one is to be made.
    bool count(Clock::time_point started, const grpc::Status &status)
    {
        Clock::time_point           now = Clock::now();
        std::lock_guard<std::mutex> lock(mutex);
        if (!status.ok()) {
            if (errors++ == 0)
                first_error = status.error_message();
        } else if (started >= begin && now <= end) {
            latencies.add((uint64_t)std::chrono::nanoseconds(now - started).count());
        }
        if (now < end && status.ok())
            return true;
        if (--busy == 0)
            all_done.notify_one();
        return false;
    }
};

class CallbackCaller
{
  public:
    explicit CallbackCaller(Run *run) : run_(run)
    {
    }

    void go()
    {
        context_ = std::make_unique<grpc::ClientContext>();
        started_ = Clock::now();
        run_->stub->async()->Call(context_.get(), &run_->request, &response_, [this](grpc::Status status) {
            if (run_->count(started_, status))
                go();
        });
    }

  private:
    Run                                 *run_;
    std::unique_ptr<grpc::ClientContext> context_;
    bench::Payload                       response_;
    Clock::time_point                    started_;
};

class AsyncCaller
{
  public:
    AsyncCaller(Run *run, grpc::CompletionQueue *queue) : run_(run), queue_(queue)
    {
    }

    void go()
    {
        context_ = std::make_unique<grpc::ClientContext>();
        started_ = Clock::now();
        reader_ = run_->stub->AsyncCall(context_.get(), run_->request, queue_);
        reader_->Finish(&response_, &status_, this);
    }

    void done()
    {
        if (run_->count(started_, status_))
            go();
    }

  private:
    Run                                                             *run_;
    grpc::CompletionQueue                                           *queue_;
    std::unique_ptr<grpc::ClientContext>                             context_;
    std::unique_ptr<grpc::ClientAsyncResponseReader<bench::Payload>> reader_;
    bench::Payload                                                   response_;
    grpc::Status                                                     status_;
    Clock::time_point                                                started_;
};

void run_callback(Run *run, int in_flight)
{
    std::vector<std::unique_ptr<CallbackCaller>> callers;
    for (int i = 0; i < in_flight; i++)
        callers.push_back(std::make_unique<CallbackCaller>(run));
    for (auto &caller : callers)
        caller->go();
    std::unique_lock<std::mutex> lock(run->mutex);
    run->all_done.wait(lock, [run] { return run->busy == 0; });
}

void run_async(Run *run, int in_flight)
{
    grpc::CompletionQueue                     queue;
    std::vector<std::unique_ptr<AsyncCaller>> callers;
    for (int i = 0; i < in_flight; i++)
        callers.push_back(std::make_unique<AsyncCaller>(run, &queue));
    for (auto &caller : callers)
        caller->go();
    void *tag;
    bool  ok;
    while (run->busy > 0 && queue.Next(&tag, &ok))
        static_cast<AsyncCaller *>(tag)->done();
}

int load(const char *api, const char *address, int in_flight, double seconds, int bytes)
{
    Run run;
    run.stub = bench::Echo::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
    run.request.set_body(std::string((size_t)bytes, 'x'));
    run.busy = in_flight;
    run.begin = Clock::now() + std::chrono::nanoseconds((long)(seconds * 1e8));
    run.end = run.begin + std::chrono::nanoseconds((long)(seconds * 1e9));
    if (strcmp(api, "async") == 0)
        run_async(&run, in_flight);
    else
        run_callback(&run, in_flight);
    if (run.errors > 0) {
        fprintf(stderr, "grpc_client: %ld calls failed, the first with: %s\n", run.errors, run.first_error.c_str());
        return 1;
    }
    printf("calls_per_s=%.0f p50_us=%.1f p99_us=%.1f calls=%lu\n", (double)run.latencies.total() / seconds,
           run.latencies.quantile_us(0.5), run.latencies.quantile_us(0.99), (unsigned long)run.latencies.total());
    return 0;
}

int first(char **command)
{
    int   out[2];
    pid_t pid;
    if (pipe(out) != 0)
        return 1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    Clock::time_point begin = Clock::now();
    if (posix_spawn(&pid, command[0], &actions, nullptr, command, environ) != 0) {
        fprintf(stderr, "grpc_client: cannot start %s\n", command[0]);
        return 1;
    }
    close(out[1]);
    char  line[512] = "";
    FILE *lines = fdopen(out[0], "r");
    char  address[512];
    bool  ready = fgets(line, sizeof line, lines) && sscanf(line, "ready %*s %511s", address) == 1;
    bool  ok = false;
    if (ready) {
        auto stub = bench::Echo::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
        grpc::ClientContext context;
        bench::Payload      request, response;
        request.set_body("x");
        ok = stub->Call(&context, request, &response).ok();
    }
    double us = std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
    if (ok)
        printf("first_us=%.0f\n", us);
    kill(pid, SIGTERM);
    waitpid(pid, nullptr, 0);
    return ok ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "first") == 0)
        return first(argv + 2);
    if (argc != 6 || (strcmp(argv[1], "callback") != 0 && strcmp(argv[1], "async") != 0) || atoi(argv[3]) < 1) {
        fprintf(stderr,
                "usage: grpc_client callback|async ADDRESS IN_FLIGHT SECONDS BYTES, or: grpc_client first COMMAND\n");
        return 2;
    }
    return load(argv[1], argv[2], atoi(argv[3]), atof(argv[4]), atoi(argv[5]));
}
