/* libc.c: see libc.h. The names are those with a "_" that the headers of C17 and POSIX.1-2008 (XSI) declare in
 * glibc 2.36; tests/plugin/libc.sh takes them out of the headers again, and sees each of them refused.
 */
#include "libc.h"

#include <string.h>

static const char libc_names[] =
    " "
    "aio_cancel aio_error aio_fsync aio_read aio_return aio_suspend aio_write aligned_alloc asctime_r at_quick_exit "
    "atomic_flag_clear atomic_flag_clear_explicit atomic_flag_test_and_set atomic_flag_test_and_set_explicit "
    "atomic_signal_fence atomic_thread_fence call_once clock_getcpuclockid clock_getres clock_gettime clock_nanosleep "
    "clock_settime cnd_broadcast cnd_destroy cnd_init cnd_signal cnd_timedwait cnd_wait ctime_r gai_strerror "
    "getc_unlocked getchar_unlocked getgrgid_r getgrnam_r getlogin_r getpwnam_r getpwuid_r gmtime_r iconv_close "
    "iconv_open if_freenameindex if_indextoname if_nameindex if_nametoindex inet_addr inet_lnaof inet_makeaddr "
    "inet_netof inet_network inet_ntoa inet_ntop inet_pton isalnum_l isalpha_l isblank_l iscntrl_l isdigit_l "
    "isgraph_l islower_l isprint_l ispunct_l isspace_l isupper_l iswalnum_l iswalpha_l iswblank_l iswcntrl_l "
    "iswctype_l iswdigit_l iswgraph_l iswlower_l iswprint_l iswpunct_l iswspace_l iswupper_l iswxdigit_l isxdigit_l "
    "lio_listio localtime_r mq_close mq_getattr mq_notify mq_open mq_receive mq_send mq_setattr mq_timedreceive "
    "mq_timedsend mq_unlink mtx_destroy mtx_init mtx_lock mtx_timedlock mtx_trylock mtx_unlock nl_langinfo "
    "nl_langinfo_l open_memstream open_wmemstream posix_fadvise posix_fallocate posix_madvise posix_memalign "
    "posix_openpt posix_spawn posix_spawn_file_actions_addclose posix_spawn_file_actions_adddup2 "
    "posix_spawn_file_actions_addopen posix_spawn_file_actions_destroy posix_spawn_file_actions_init "
    "posix_spawnattr_destroy posix_spawnattr_getflags posix_spawnattr_getpgroup posix_spawnattr_getschedparam "
    "posix_spawnattr_getschedpolicy posix_spawnattr_getsigdefault posix_spawnattr_getsigmask posix_spawnattr_init "
    "posix_spawnattr_setflags posix_spawnattr_setpgroup posix_spawnattr_setschedparam posix_spawnattr_setschedpolicy "
    "posix_spawnattr_setsigdefault posix_spawnattr_setsigmask posix_spawnp pthread_atfork pthread_attr_destroy "
    "pthread_attr_getdetachstate pthread_attr_getguardsize pthread_attr_getinheritsched pthread_attr_getschedparam "
    "pthread_attr_getschedpolicy pthread_attr_getscope pthread_attr_getstack pthread_attr_getstackaddr "
    "pthread_attr_getstacksize pthread_attr_init pthread_attr_setdetachstate pthread_attr_setguardsize "
    "pthread_attr_setinheritsched pthread_attr_setschedparam pthread_attr_setschedpolicy pthread_attr_setscope "
    "pthread_attr_setstack pthread_attr_setstackaddr pthread_attr_setstacksize pthread_barrier_destroy "
    "pthread_barrier_init pthread_barrier_wait pthread_barrierattr_destroy pthread_barrierattr_getpshared "
    "pthread_barrierattr_init pthread_barrierattr_setpshared pthread_cancel pthread_cond_broadcast "
    "pthread_cond_destroy pthread_cond_init pthread_cond_signal pthread_cond_timedwait pthread_cond_wait "
    "pthread_condattr_destroy pthread_condattr_getclock pthread_condattr_getpshared pthread_condattr_init "
    "pthread_condattr_setclock pthread_condattr_setpshared pthread_create pthread_detach pthread_equal pthread_exit "
    "pthread_getconcurrency pthread_getcpuclockid pthread_getschedparam pthread_getspecific pthread_join "
    "pthread_key_create pthread_key_delete pthread_kill pthread_mutex_consistent pthread_mutex_destroy "
    "pthread_mutex_getprioceiling pthread_mutex_init pthread_mutex_lock pthread_mutex_setprioceiling "
    "pthread_mutex_timedlock pthread_mutex_trylock pthread_mutex_unlock pthread_mutexattr_destroy "
    "pthread_mutexattr_getprioceiling pthread_mutexattr_getprotocol pthread_mutexattr_getpshared "
    "pthread_mutexattr_getrobust pthread_mutexattr_gettype pthread_mutexattr_init pthread_mutexattr_setprioceiling "
    "pthread_mutexattr_setprotocol pthread_mutexattr_setpshared pthread_mutexattr_setrobust pthread_mutexattr_settype "
    "pthread_once pthread_rwlock_destroy pthread_rwlock_init pthread_rwlock_rdlock pthread_rwlock_timedrdlock "
    "pthread_rwlock_timedwrlock pthread_rwlock_tryrdlock pthread_rwlock_trywrlock pthread_rwlock_unlock "
    "pthread_rwlock_wrlock pthread_rwlockattr_destroy pthread_rwlockattr_getkind_np pthread_rwlockattr_getpshared "
    "pthread_rwlockattr_init pthread_rwlockattr_setkind_np pthread_rwlockattr_setpshared pthread_self "
    "pthread_setcancelstate pthread_setcanceltype pthread_setconcurrency pthread_setschedparam pthread_setschedprio "
    "pthread_setspecific pthread_sigmask pthread_spin_destroy pthread_spin_init pthread_spin_lock "
    "pthread_spin_trylock pthread_spin_unlock pthread_testcancel putc_unlocked putchar_unlocked quick_exit rand_r "
    "readdir_r sched_get_priority_max sched_get_priority_min sched_getparam sched_getscheduler sched_rr_get_interval "
    "sched_setparam sched_setscheduler sched_yield sem_close sem_destroy sem_getvalue sem_init sem_open sem_post "
    "sem_timedwait sem_trywait sem_unlink sem_wait shm_open shm_unlink strcasecmp_l strcoll_l strerror_l strerror_r "
    "strfmon_l strftime_l strncasecmp_l strtok_r strxfrm_l thrd_create thrd_current thrd_detach thrd_equal thrd_exit "
    "thrd_join thrd_sleep thrd_yield timer_create timer_delete timer_getoverrun timer_gettime timer_settime "
    "timespec_get tolower_l toupper_l towctrans_l towlower_l towupper_l tss_create tss_delete tss_get tss_set "
    "ttyname_r wcscasecmp_l wcscoll_l wcsncasecmp_l wcsxfrm_l wctrans_l wctype_l ";

static bool is_libcs(struct pool *pool, const char *name)
{
    return strstr(libc_names, pool_printf(pool, " %s ", name)) != NULL;
}

static void check_function(struct schema *schema, const struct service *service, const struct method *method,
                           const char *function)
{
    if (is_libcs(schema->pool, function))
        schema_refuse(schema, &method->place,
                      "method %s.%s becomes %s in C, which is a function of libc: give it another name, or the service "
                      "another prefix (option (maru.service).prefix)",
                      service->name, method->proto->name, function);
}

static void check_service(struct schema *schema, const struct service *service)
{
    for (size_t i = 0; i < service->count; i++) {
        const struct method *method = &service->methods[i];

        if (method->streams)
            continue;
        check_function(schema, service, method, method->function);
        check_function(schema, service, method, pool_printf(schema->pool, "%s_async", method->function));
    }
}

void libc_check(struct schema *schema, const struct model *model)
{
    for (size_t i = 0; i < model->count; i++)
        if (!model->services[i].refused)
            check_service(schema, &model->services[i]);
}
