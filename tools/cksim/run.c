/* SPDX-License-Identifier: Apache-2.0 */
/* The run itself: connect, load, drain, done; on one loop, with one clock. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cksim/simulation.h"

enum {
    DESCRIPTORS_SPARE = 64,
    GOODBYE_MS = 2000, /* for what was sent last to leave, and connections to close */
    POLL_MS = 50,      /* how often phases are judged and progress is told */
    SAMPLE_MS = 1000,
};

static bool raise_descriptor_limit(const struct scenario *scenario, struct complaint *complaint)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)scenario->km_count + DESCRIPTORS_SPARE;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= needed)
        return true;
    if (limit.rlim_max < needed)
        limit.rlim_max = needed; /* granted to root alone */
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return true;
    complain(complaint, "%u KMs need %llu descriptors; raise the limit (ulimit -n, LimitNOFILE=)",
             scenario->km_count, (unsigned long long)needed);
    return false;
}

static void sample_due(void *context, uint64_t now_ns)
{
    struct simulation *simulation = context;
    tally_sample(&simulation->tally);
    if (simulation->phase == PHASE_LOAD || simulation->phase == PHASE_DRAIN)
        timers_set(&simulation->timers, &simulation->sample_timer, now_ns + SAMPLE_MS * NS_PER_MS);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Own use since the last call, added up to the total: called at the load's start (to forget) and its end. */
static void take_usage(struct tally *tally, double sign)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    tally->cpu_user_s += sign * seconds_of(usage.ru_utime);
    tally->cpu_system_s += sign * seconds_of(usage.ru_stime);
    tally->memory_peak_kib = usage.ru_maxrss;
}

static void begin_load(struct simulation *simulation, uint64_t now_ns)
{
    simulation->phase = PHASE_LOAD;
    simulation->tally.load_started_ns = now_ns;
    take_usage(&simulation->tally, -1);
    timers_set(&simulation->timers, &simulation->sample_timer, now_ns + SAMPLE_MS * NS_PER_MS);
    fault_begin_all(simulation, now_ns);
    load_begin(simulation, now_ns);
}

void simulation_begin_drain(struct simulation *simulation, uint64_t now_ns)
{
    if (simulation->phase != PHASE_LOAD)
        return;
    simulation->phase = PHASE_DRAIN;
    simulation->tally.load_ended_ns = now_ns;
    take_usage(&simulation->tally, 1);
}

static void finish(struct simulation *simulation, uint64_t now_ns)
{
    struct tally *tally = &simulation->tally;
    simulation_begin_drain(simulation, now_ns);
    simulation->phase = PHASE_DONE;
    tally->drained_ns = now_ns;
    tally->outcomes[OUTCOME_UNFINISHED] += tally->outstanding;
}

/* connecting -> load: all connected, or start_timeout;  load -> drain: time or count;
   drain -> done: nothing outstanding, or drain time;  any -> drain or done: the user. */
static void judge_phase(void *context, uint64_t now_ns)
{
    struct simulation *simulation = context;
    const struct scenario *scenario = simulation->scenario;
    struct tally *tally = &simulation->tally;
    switch (simulation->phase) {
    case PHASE_CONNECTING:
        if (simulation->interrupted)
            finish(simulation, now_ns);
        else if (tally->connected == scenario->km_count ||
                 now_ns >= simulation->began_ns + scenario->fleet.start_timeout)
            begin_load(simulation, now_ns);
        break;
    case PHASE_LOAD:
        if (simulation->interrupted || now_ns >= tally->load_started_ns + scenario->load.seconds)
            simulation_begin_drain(simulation, now_ns);
        break;
    case PHASE_DRAIN:
        if (tally->outstanding == 0 || now_ns >= tally->load_ended_ns + scenario->load.drain)
            finish(simulation, now_ns);
        break;
    case PHASE_DONE:
        return;
    }
    timers_set(&simulation->timers, &simulation->phase_timer, now_ns + POLL_MS * NS_PER_MS);
}

void simulation_flow_due(struct flow *flow, uint64_t now_ns)
{
    switch (flow->state) {
    case FLOW_PAUSED:
        load_resume(flow, now_ns);
        return;
    case FLOW_ASKING:
    case FLOW_ABANDONED:
        request_due(flow, now_ns);
        return;
    case FLOW_RELAYING:
    case FLOW_LINGERING:
        relay_due(flow, now_ns);
        return;
    case FLOW_REPORTING:
        return;
    }
}

bool simulation_init(struct simulation *simulation, const struct scenario *scenario,
                     struct complaint *complaint)
{
    char detail[512];
    memset(simulation, 0, sizeof *simulation);
    simulation->scenario = scenario;
    struct clients_options options = {
        .ca = scenario->fleet.security == FLEET_TLS ? scenario->fleet.ca : NULL,
        .tls12 = scenario->fleet.tls == FLEET_TLS_12,
        .resume = scenario->fleet.resume,
    };
    struct random random = random_seeded(scenario->fleet.seed);
    simulation->random_load = random_fork(&random);
    simulation->random_fleet = random_fork(&random);
    simulation->random_fault = random_fork(&random);
    tally_init(&simulation->tally);
    network_init(&simulation->network, scenario, system_now_ns());
    flows_init(&simulation->flows);
    fleet_init(simulation);
    load_init(simulation);
    fault_init(simulation);
    simulation->phase_timer = (struct timer){ .fire = judge_phase, .context = simulation };
    simulation->sample_timer = (struct timer){ .fire = sample_due, .context = simulation };
    simulation->timers.watch.fd = -1;
    if (!raise_descriptor_limit(scenario, complaint))
        return false;
    simulation->loop = loop_new();
    if (simulation->loop == NULL || !timers_init(&simulation->timers, simulation->loop)) {
        complain(complaint, "no descriptor for the event loop");
        return false;
    }
    simulation->credentials = credentials_new(scenario, complaint);
    if (simulation->credentials == NULL || (scenario->fleet.security != FLEET_PLAIN &&
                                            credentials_of(simulation->credentials, 0, complaint) == NULL))
        return false; /* what the first KM lacks, all lack: better said at once */
    simulation->clients = clients_new(simulation->loop, &options, detail, sizeof detail);
    if (simulation->clients == NULL)
        complain(complaint, "%s", detail);
    return simulation->clients != NULL;
}

void simulation_fini(struct simulation *simulation)
{
    if (simulation->clients != NULL)
        clients_free(simulation->clients);
    credentials_free(simulation->credentials);
    timers_fini(&simulation->timers);
    if (simulation->loop != NULL)
        loop_free(simulation->loop);
    fault_fini(simulation);
    load_fini(simulation);
    flows_fini(&simulation->flows);
    free(simulation->members);
    network_fini(&simulation->network);
}

struct interruption {
    struct loop_watch watch;
    struct simulation *simulation;
};

static void interrupted(void *context, uint32_t events)
{
    struct interruption *interruption = context;
    struct signalfd_siginfo signal;
    struct simulation *simulation = interruption->simulation;
    (void)events;
    if (read(interruption->watch.fd, &signal, sizeof signal) != sizeof signal)
        return;
    if (simulation->interrupted)
        finish(simulation, system_now_ns()); /* asked twice: no drain */
    simulation->interrupted = true;
}

static bool watch_signals(struct interruption *interruption, struct complaint *complaint)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    interruption->watch = (struct loop_watch){
        .fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC),
        .ready = interrupted,
        .context = interruption,
    };
    if (interruption->watch.fd >= 0 &&
        loop_add(interruption->simulation->loop, &interruption->watch, EPOLLIN))
        return true;
    complain(complaint, "no descriptor for signals");
    return false;
}

/* A reset could overtake the last Responses. */
static void say_goodbye(struct simulation *simulation)
{
    uint64_t deadline_ns = system_now_ns() + GOODBYE_MS * NS_PER_MS;
    for (uint32_t i = 0; i < simulation->scenario->km_count; i++)
        if (simulation->members[i].client != NULL)
            client_close(simulation->members[i].client);
    clients_flush(simulation->clients);
    while (clients_count(simulation->clients) > 0 && system_now_ns() < deadline_ns)
        loop_turn(simulation->loop, POLL_MS);
}

bool simulation_run(struct simulation *simulation,
                    void (*tick)(void *context, const struct simulation *simulation), void *context,
                    struct complaint *complaint)
{
    struct interruption interruption = { .simulation = simulation };
    if (!watch_signals(&interruption, complaint))
        return false;
    uint64_t now_ns = system_now_ns(), ticked_ns = 0;
    fleet_begin(simulation, now_ns);
    timers_set(&simulation->timers, &simulation->phase_timer, now_ns);
    while (simulation->phase != PHASE_DONE) {
        int wait_ms = timers_run(&simulation->timers);
        clients_flush(simulation->clients);
        now_ns = system_now_ns();
        if (now_ns - ticked_ns >= POLL_MS * NS_PER_MS) {
            tick(context, simulation);
            ticked_ns = now_ns;
        }
        if (simulation->phase != PHASE_DONE)
            loop_turn(simulation->loop, wait_ms);
    }
    say_goodbye(simulation);
    loop_remove(simulation->loop, &interruption.watch);
    close(interruption.watch.fd);
    return true;
}
