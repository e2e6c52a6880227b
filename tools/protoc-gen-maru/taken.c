/* taken.c: see taken.h. tests/plugin/taken.sh takes the names out of the libraries and headers again, and sees each of
 * them refused.
 */
#include "taken.h"

#include <ctype.h>
#include <string.h>

#include "option.h"
#include "words.h"

enum { SERVICE_OPTIONS = 3 };

/* What a library's names begin with; all that begin so are its own. libnng has nanomsg's too, and brings mbed TLS. */
static const struct start {
    const char *text;
    const char *library;
} starts[] = {
    {"maru_", "libmaru"},          {"mdb_", "LMDB"},     {"nng_", "nng"},  {"nn_", "nng"},
    {"mbedtls_", "mbed TLS"},      {"psa_", "mbed TLS"}, {"uv_", "libuv"}, {"http_parser_", "http_parser"},
    {"protobuf_c_", "protobuf-c"},
};

/* http_ is too good a name to be kept for these. */
static const char http_parser[] = " http_body_is_final http_errno_description http_errno_name http_message_needs_eof "
                                  "http_method_str http_should_keep_alive http_status_str ";

/* The names with a "_" that glibc 2.36 exports (libc and libm), and those that the headers of C17, POSIX.1-2008 (XSI)
 * and GNU declare or make macros of. */
static const char libc[] =
    " "
    "aio_cancel aio_cancel64 aio_error aio_error64 aio_fsync aio_fsync64 aio_init aio_read aio_read64 aio_return "
    "aio_return64 aio_suspend aio_suspend64 aio_write aio_write64 aligned_alloc arc4random_buf arc4random_uniform "
    "arch_prctl argp_err_exit_status argp_error argp_failure argp_help argp_parse argp_program_bug_address "
    "argp_program_version argp_program_version_hook argp_state_help argp_usage argz_add argz_add_sep argz_append "
    "argz_count argz_create argz_create_sep argz_delete argz_extract argz_insert argz_next argz_replace "
    "argz_stringify asctime_r assert_perror at_quick_exit atomic_compare_exchange_strong "
    "atomic_compare_exchange_strong_explicit atomic_compare_exchange_weak atomic_compare_exchange_weak_explicit "
    "atomic_exchange atomic_exchange_explicit atomic_fetch_add atomic_fetch_add_explicit atomic_fetch_and "
    "atomic_fetch_and_explicit atomic_fetch_or atomic_fetch_or_explicit atomic_fetch_sub atomic_fetch_sub_explicit "
    "atomic_fetch_xor atomic_fetch_xor_explicit atomic_flag_clear atomic_flag_clear_explicit "
    "atomic_flag_test_and_set atomic_flag_test_and_set_explicit atomic_init atomic_is_lock_free atomic_load "
    "atomic_load_explicit atomic_signal_fence atomic_store atomic_store_explicit atomic_thread_fence "
    "backtrace_symbols backtrace_symbols_fd bind_textdomain_codeset bsd_signal call_once canonicalize_file_name "
    "clearerr_unlocked clock_adjtime clock_getcpuclockid clock_getres clock_gettime clock_nanosleep clock_settime "
    "close_range cnd_broadcast cnd_destroy cnd_init cnd_signal cnd_timedwait cnd_wait copy_file_range ctime_r "
    "d_fileno delete_module dl_iterate_phdr dn_comp dn_expand dn_skipname drand48_r ecvt_r envz_add envz_entry "
    "envz_get envz_merge envz_remove envz_strip epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 "
    "epoll_wait erand48_r error_at_line error_message_count error_one_per_line error_print_progname ether_aton "
    "ether_aton_r ether_hostton ether_line ether_ntoa ether_ntoa_r ether_ntohost eventfd_read eventfd_write "
    "explicit_bzero fanotify_init fanotify_mark fcvt_r feof_unlocked ferror_unlocked fflush_unlocked fgetc_unlocked "
    "fgetgrent_r fgetpwent_r fgets_unlocked fgetsgent_r fgetspent_r fgetwc_unlocked fgetws_unlocked fileno_unlocked "
    "fmaximum_mag fmaximum_mag_num fmaximum_mag_numf fmaximum_mag_numf128 fmaximum_mag_numf32 fmaximum_mag_numf32x "
    "fmaximum_mag_numf64 fmaximum_mag_numf64x fmaximum_mag_numl fmaximum_magf fmaximum_magf128 fmaximum_magf32 "
    "fmaximum_magf32x fmaximum_magf64 fmaximum_magf64x fmaximum_magl fmaximum_num fmaximum_numf fmaximum_numf128 "
    "fmaximum_numf32 fmaximum_numf32x fmaximum_numf64 fmaximum_numf64x fmaximum_numl fminimum_mag fminimum_mag_num "
    "fminimum_mag_numf fminimum_mag_numf128 fminimum_mag_numf32 fminimum_mag_numf32x fminimum_mag_numf64 "
    "fminimum_mag_numf64x fminimum_mag_numl fminimum_magf fminimum_magf128 fminimum_magf32 fminimum_magf32x "
    "fminimum_magf64 fminimum_magf64x fminimum_magl fminimum_num fminimum_numf fminimum_numf128 fminimum_numf32 "
    "fminimum_numf32x fminimum_numf64 fminimum_numf64x fminimum_numl fputc_unlocked fputs_unlocked fputwc_unlocked "
    "fputws_unlocked fread_unlocked fts64_children fts64_close fts64_open fts64_read fts64_set fts_children "
    "fts_close fts_open fts_read fts_set fwrite_unlocked gai_cancel gai_error gai_strerror gai_suspend "
    "get_avphys_pages get_current_dir_name get_nprocs get_nprocs_conf get_phys_pages getaddrinfo_a getaliasbyname_r "
    "getaliasent_r getc_unlocked getchar_unlocked getdate_err getdate_r getgrent_r getgrgid_r getgrnam_r "
    "gethostbyaddr_r gethostbyname2_r gethostbyname_r gethostent_r getlogin_r getmntent_r getnetbyaddr_r "
    "getnetbyname_r getnetent_r getnetgrent_r getopt_long getopt_long_only getprotobyname_r getprotobynumber_r "
    "getprotoent_r getpwent_r getpwnam_r getpwuid_r getrpcbyname_r getrpcbynumber_r getrpcent_r getservbyname_r "
    "getservbyport_r getservent_r getsgent_r getsgnam_r getspent_r getspnam_r getutent_r getutid_r getutline_r "
    "getwc_unlocked getwchar_unlocked glob_pattern_p gmtime_r gnu_dev_major gnu_dev_makedev gnu_dev_minor "
    "gnu_get_libc_release gnu_get_libc_version group_member h_addr h_errlist h_errno h_nerr hcreate_r hdestroy_r "
    "hsearch_r iconv_close iconv_open if_freenameindex if_indextoname if_nameindex if_nametoindex ifa_broadaddr "
    "ifa_dstaddr ifc_buf ifc_req ifr_addr ifr_bandwidth ifr_broadaddr ifr_data ifr_dstaddr ifr_flags ifr_hwaddr "
    "ifr_ifindex ifr_map ifr_metric ifr_mtu ifr_name ifr_netmask ifr_newname ifr_qlen ifr_slave in6addr_any "
    "in6addr_loopback inet6_opt_append inet6_opt_find inet6_opt_finish inet6_opt_get_val inet6_opt_init "
    "inet6_opt_next inet6_opt_set_val inet6_option_alloc inet6_option_append inet6_option_find inet6_option_init "
    "inet6_option_next inet6_option_space inet6_rth_add inet6_rth_getaddr inet6_rth_init inet6_rth_reverse "
    "inet6_rth_segments inet6_rth_space inet_addr inet_aton inet_lnaof inet_makeaddr inet_netof inet_network "
    "inet_nsap_addr inet_nsap_ntoa inet_ntoa inet_ntop inet_pton init_module initstate_r inotify_add_watch "
    "inotify_init inotify_init1 inotify_rm_watch iruserok_af isalnum_l isalpha_l isascii_l isblank_l iscntrl_l "
    "isdigit_l isgraph_l islower_l isprint_l ispunct_l isspace_l isupper_l iswalnum_l iswalpha_l iswblank_l "
    "iswcntrl_l iswctype_l iswdigit_l iswgraph_l iswlower_l iswprint_l iswpunct_l iswspace_l iswupper_l iswxdigit_l "
    "isxdigit_l jrand48_r kill_dependency lcong48_r lgamma_r lgammaf128_r lgammaf32_r lgammaf32x_r lgammaf64_r "
    "lgammaf64x_r lgammaf_r lgammal_r lio_listio lio_listio64 localtime_r login_tty lrand48_r malloc_info "
    "malloc_stats malloc_trim malloc_usable_size math_errhandling mcheck_check_all mcheck_pedantic memfd_create "
    "modify_ldt mount_setattr move_mount mq_close mq_getattr mq_notify mq_open mq_receive mq_send mq_setattr "
    "mq_timedreceive mq_timedsend mq_unlink mrand48_r msg_cbytes mtx_destroy mtx_init mtx_lock mtx_timedlock "
    "mtx_trylock mtx_unlock name_to_handle_at nl_langinfo nl_langinfo_l nrand48_r ns_name_compress ns_name_ntop "
    "ns_name_pack ns_name_pton ns_name_skip ns_name_uncompress ns_name_unpack ntp_adjtime ntp_gettime ntp_gettimex "
    "obstack_alloc_failed_handler obstack_exit_failure obstack_free obstack_printf obstack_vprintf on_exit "
    "open_by_handle_at open_memstream open_tree open_wmemstream parse_printf_format pidfd_getfd pidfd_open "
    "pidfd_send_signal pivot_root pkey_alloc pkey_free pkey_get pkey_mprotect pkey_set posix_fadvise "
    "posix_fadvise64 posix_fallocate posix_fallocate64 posix_madvise posix_memalign posix_openpt posix_spawn "
    "posix_spawn_file_actions_addchdir_np posix_spawn_file_actions_addclose "
    "posix_spawn_file_actions_addclosefrom_np posix_spawn_file_actions_adddup2 "
    "posix_spawn_file_actions_addfchdir_np posix_spawn_file_actions_addopen "
    "posix_spawn_file_actions_addtcsetpgrp_np posix_spawn_file_actions_destroy posix_spawn_file_actions_init "
    "posix_spawnattr_destroy posix_spawnattr_getflags posix_spawnattr_getpgroup posix_spawnattr_getschedparam "
    "posix_spawnattr_getschedpolicy posix_spawnattr_getsigdefault posix_spawnattr_getsigmask posix_spawnattr_init "
    "posix_spawnattr_setflags posix_spawnattr_setpgroup posix_spawnattr_setschedparam "
    "posix_spawnattr_setschedpolicy posix_spawnattr_setsigdefault posix_spawnattr_setsigmask posix_spawnp "
    "printf_size printf_size_info process_madvise process_mrelease process_vm_readv process_vm_writev "
    "program_invocation_name program_invocation_short_name pthread_atfork pthread_attr_destroy "
    "pthread_attr_getaffinity_np pthread_attr_getdetachstate pthread_attr_getguardsize pthread_attr_getinheritsched "
    "pthread_attr_getschedparam pthread_attr_getschedpolicy pthread_attr_getscope pthread_attr_getsigmask_np "
    "pthread_attr_getstack pthread_attr_getstackaddr pthread_attr_getstacksize pthread_attr_init "
    "pthread_attr_setaffinity_np pthread_attr_setdetachstate pthread_attr_setguardsize pthread_attr_setinheritsched "
    "pthread_attr_setschedparam pthread_attr_setschedpolicy pthread_attr_setscope pthread_attr_setsigmask_np "
    "pthread_attr_setstack pthread_attr_setstackaddr pthread_attr_setstacksize pthread_barrier_destroy "
    "pthread_barrier_init pthread_barrier_wait pthread_barrierattr_destroy pthread_barrierattr_getpshared "
    "pthread_barrierattr_init pthread_barrierattr_setpshared pthread_cancel pthread_cleanup_pop "
    "pthread_cleanup_pop_restore_np pthread_cleanup_push pthread_cleanup_push_defer_np pthread_clockjoin_np "
    "pthread_cond_broadcast pthread_cond_clockwait pthread_cond_destroy pthread_cond_init pthread_cond_signal "
    "pthread_cond_timedwait pthread_cond_wait pthread_condattr_destroy pthread_condattr_getclock "
    "pthread_condattr_getpshared pthread_condattr_init pthread_condattr_setclock pthread_condattr_setpshared "
    "pthread_create pthread_detach pthread_equal pthread_exit pthread_getaffinity_np pthread_getattr_default_np "
    "pthread_getattr_np pthread_getconcurrency pthread_getcpuclockid pthread_getname_np pthread_getschedparam "
    "pthread_getspecific pthread_join pthread_key_create pthread_key_delete pthread_kill pthread_mutex_clocklock "
    "pthread_mutex_consistent pthread_mutex_destroy pthread_mutex_getprioceiling pthread_mutex_init "
    "pthread_mutex_lock pthread_mutex_setprioceiling pthread_mutex_timedlock pthread_mutex_trylock "
    "pthread_mutex_unlock pthread_mutexattr_destroy pthread_mutexattr_getprioceiling pthread_mutexattr_getprotocol "
    "pthread_mutexattr_getpshared pthread_mutexattr_getrobust pthread_mutexattr_gettype pthread_mutexattr_init "
    "pthread_mutexattr_setprioceiling pthread_mutexattr_setprotocol pthread_mutexattr_setpshared "
    "pthread_mutexattr_setrobust pthread_mutexattr_settype pthread_once pthread_rwlock_clockrdlock "
    "pthread_rwlock_clockwrlock pthread_rwlock_destroy pthread_rwlock_init pthread_rwlock_rdlock "
    "pthread_rwlock_timedrdlock pthread_rwlock_timedwrlock pthread_rwlock_tryrdlock pthread_rwlock_trywrlock "
    "pthread_rwlock_unlock pthread_rwlock_wrlock pthread_rwlockattr_destroy pthread_rwlockattr_getkind_np "
    "pthread_rwlockattr_getpshared pthread_rwlockattr_init pthread_rwlockattr_setkind_np "
    "pthread_rwlockattr_setpshared pthread_self pthread_setaffinity_np pthread_setattr_default_np "
    "pthread_setcancelstate pthread_setcanceltype pthread_setconcurrency pthread_setname_np pthread_setschedparam "
    "pthread_setschedprio pthread_setspecific pthread_sigmask pthread_sigqueue pthread_spin_destroy "
    "pthread_spin_init pthread_spin_lock pthread_spin_trylock pthread_spin_unlock pthread_testcancel "
    "pthread_timedjoin_np pthread_tryjoin_np ptsname_r putc_unlocked putchar_unlocked putwc_unlocked "
    "putwchar_unlocked qecvt_r qfcvt_r qsort_r quick_exit rand_r random_r rcmd_af re_comp re_compile_fastmap "
    "re_compile_pattern re_exec re_match re_match_2 re_max_failures re_search re_search_2 re_set_registers "
    "re_set_syntax re_syntax_options readdir64_r readdir_r register_printf_function register_printf_modifier "
    "register_printf_specifier register_printf_type remap_file_pages res_dnok res_hnok res_mailok res_mkquery "
    "res_nmkquery res_nquery res_nquerydomain res_nsearch res_nsend res_ownok res_query res_querydomain res_search "
    "res_send rexec_af rresvport_af ruserok_af s6_addr s6_addr16 s6_addr32 sa_handler sa_sigaction "
    "sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getcpu sched_getparam sched_getscheduler "
    "sched_priority sched_rr_get_interval sched_setaffinity sched_setparam sched_setscheduler sched_yield "
    "secure_getenv seed48_r sem_clockwait sem_close sem_destroy sem_getvalue sem_init sem_open sem_post "
    "sem_timedwait sem_trywait sem_unlink sem_wait setstate_r sgetsgent_r sgetspent_r shm_open shm_unlink si_addr "
    "si_addr_lsb si_arch si_band si_call_addr si_fd si_int si_lower si_overrun si_pid si_pkey si_ptr si_status "
    "si_stime si_syscall si_timerid si_uid si_upper si_utime si_value sigabbrev_np sigdescr_np "
    "sigev_notify_attributes sigev_notify_function srand48_r srandom_r st_atime st_ctime st_mtime strcasecmp_l "
    "strcoll_l strerror_l strerror_r strerrordesc_np strerrorname_np strfmon_l strftime_l strncasecmp_l strptime_l "
    "strtod_l strtof128_l strtof32_l strtof32x_l strtof64_l strtof64x_l strtof_l strtok_r strtol_l strtold_l "
    "strtoll_l strtoul_l strtoull_l strxfrm_l sync_file_range sysv_signal thrd_create thrd_current thrd_detach "
    "thrd_equal thrd_exit thrd_join thrd_sleep thrd_yield timer_create timer_delete timer_getoverrun timer_gettime "
    "timer_settime timerfd_create timerfd_gettime timerfd_settime timespec_get timespec_getres tmpnam_r toascii_l "
    "tolower_l toupper_l towctrans_l towlower_l towupper_l tss_create tss_delete tss_get tss_set ttyname_r twalk_r "
    "va_arg va_copy va_end va_start wcscasecmp_l wcscoll_l wcsftime_l wcsncasecmp_l wcstod_l wcstof128_l wcstof32_l "
    "wcstof32x_l wcstof64_l wcstof64x_l wcstof_l wcstol_l wcstold_l wcstoll_l wcstoul_l wcstoull_l wcsxfrm_l "
    "wctrans_l wctype_l ";

/* What name begins with that a library keeps; NULL: nothing. */
static const struct start *find_start(const char *name)
{
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(name, starts[i].text, strlen(starts[i].text)) == 0)
            return &starts[i];
    return NULL;
}

const char *taken_by(const char *name)
{
    const struct start *start = find_start(name);

    if (start != NULL)
        return start->library;
    if (words_among(name, http_parser))
        return "http_parser";
    return words_among(name, libc) ? "libc" : NULL;
}

bool taken_by_protobuf_c(const char *name)
{
    static const char type[] = "ProtobufC";
    const char       *bare = name + (name[0] == '_');

    if (strncmp(bare, type, strlen(type)) == 0)
        return !islower((unsigned char)bare[strlen(type)]);
    return strncmp(name, "PROTOBUF_C_", strlen("PROTOBUF_C_")) == 0;
}

/* libmaru's own files, whose services are its own. */
static bool is_libmarus(const File *file)
{
    return strncmp(file->name, "maru/", strlen("maru/")) == 0 || strcmp(file->name, "grpc/health/v1/health.proto") == 0;
}

/* Of a prefix that a library keeps one line is enough: its methods are not looked at. true where it was refused. */
static bool check_prefix(struct schema *schema, const struct service *service)
{
    const struct start *start = find_start(pool_printf(schema->pool, "%s_", service->prefix));
    struct place        option = place_in(&service->place, SERVICE_OPTIONS, OPTION_MARU);
    bool                given = option_service_prefix(schema->pool, service->proto) != NULL;

    if (start != NULL)
        schema_refuse(
            schema, given ? &option : &service->place,
            "prefix \"%s\" of service %s: %s* are names of %s, which Maru links; option (maru.service).prefix "
            "sets another",
            service->prefix, service->proto->name, start->text, start->library);
    return start != NULL;
}

/* true where it was refused. */
static bool check_function(struct schema *schema, const struct service *service, const struct method *method,
                           const char *function)
{
    const char *library = taken_by(function);

    if (library != NULL)
        schema_refuse(schema, &method->place,
                      "method %s.%s becomes %s in C, which is a name of %s: give it another name, or the service "
                      "another prefix (option (maru.service).prefix)",
                      service->name, method->proto->name, function, library);
    return library != NULL;
}

static void check_methods(struct schema *schema, const struct service *service)
{
    for (size_t i = 0; i < service->count; i++) {
        const struct method *method = &service->methods[i];

        if (!method->streams && !check_function(schema, service, method, method->function))
            check_function(schema, service, method, pool_printf(schema->pool, "%s_async", method->function));
    }
}

void taken_check(struct schema *schema, const struct model *model)
{
    for (size_t i = 0; i < model->count && !is_libmarus(model->file); i++) {
        const struct service *service = &model->services[i];

        if (!service->refused && !check_prefix(schema, service))
            check_methods(schema, service);
    }
}
