# A consumer that was off for a day catches up: as many events as a busy day has, each with an effect of its own in the consumer's
# store, in transactions with its cursor. Both processes' work in one program, over an ipc socket. Against the goal of the design,
# which is the floor too. Sourced by run.

events_count=100000
events_goal=20000

events_ours() { client "$test_bin/bench_events" $events_count; }

events_target() { echo "events_per_s=$events_goal"; }

bench_events() {
    echo "events: $events_count events about 1000 aggregates"
    in_turn events_per_s events_ours events_target || return 1
    row events ipc - "$ours" "$peer" "goal" events/s more 1 1
}
