# Services have no thread-locals: a handler may resume on another thread, and compilers keep their addresses.

check() {
    code_matching '\b(_Thread_local|__thread|thread_local)\b|<threads\.h>' $(files "^svc/.*$C_FILES") |
        sed 's/^\([^:]*:[0-9]*\):/\1: thread-local: /'
}

bad_thread_local() { echo 'static _Thread_local int depth;' >>svc/cart/cart.c; }
bad_gnu_thread() { echo 'static __thread int depth;' >>svc/cart/cart.c; }
