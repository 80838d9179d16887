/* A call centre as a plain event loop: one binary heap for every event, a sequential generator.

   Belongs here: what a careful programmer writes by hand for these two workloads and no other. It
   keeps no records, only sums by class, and takes its numbers as they come: a yardstick for the
   machine. Does not belong here: anything general.

   Who leaves when the heads fall: whoever is freed first, until there are few enough (the model of
   the five programs); with NAMED defined, the people who were to leave, each after the call in hand
   (the model of vpbx), so that each model has an independent program.

   Usage: heap SEED RUNS MODEL...   (the numbers that vpbx/bench/peers/c_heap.py passes)
   Prints: calls cpu_ns peak_rss_kb, then for each class: calls abandoned waited wait_s            */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { HOURS = 24, CLASSES = 2, PROMPTS = 8, NONE = -1 };
enum { ARRIVAL, PROMPT_END, PATIENCE_END, SERVICE_END, STAFFING, REDIAL };

/* --- the model ------------------------------------------------------------------------------- */

static double rate[HOURS], duration_s, warm_up_s, prompt_s[PROMPTS], p_priority;
static double handle_mean_s, log_mean, log_sd, patience_mean_s, p_redial, redial_after_s;
static int heads[HOURS], n_prompts, lognormal;

/* --- draws: xoshiro256++ (Blackman and Vigna 2019), inversion, Box and Muller ----------------- */

static uint64_t s[4];

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void seed_with(uint64_t seed) {
    for (int i = 0; i < 4; i++) s[i] = splitmix(&seed);
}

static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline double uniform(void) {
    uint64_t r = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotl(s[3], 45);
    return ((double)(r >> 12) + 0.5) * 0x1p-52;
}

static inline double exponential(double mean) { return -mean * log(uniform()); }

static double normal(void) {
    static double spare;
    static int has_spare;
    if (has_spare) return has_spare = 0, spare;
    double r = sqrt(-2.0 * log(uniform())), a = 6.283185307179586 * uniform();
    return has_spare = 1, spare = r * sin(a), r * cos(a);
}

static inline double handle_time(void) {
    return lognormal ? exp(log_mean + log_sd * normal()) : exponential(handle_mean_s);
}

/* --- the heap --------------------------------------------------------------------------------- */

typedef struct { double at; int32_t kind, call; uint32_t stamp; } Event;

static Event *heap;
static int n_events, heap_size;

static void schedule(double at, int kind, int call, uint32_t stamp) {
    if (n_events == heap_size) heap = realloc(heap, sizeof(Event) * (size_t)(heap_size *= 2));
    int i = n_events++;
    while (i > 0 && heap[(i - 1) / 2].at > at) heap[i] = heap[(i - 1) / 2], i = (i - 1) / 2;
    heap[i] = (Event){at, kind, call, stamp};
}

static Event next_event(void) {
    Event first = heap[0], last = heap[--n_events];
    int i = 0;
    for (int child = 1; child < n_events; child = 2 * i + 1) {
        if (child + 1 < n_events && heap[child + 1].at < heap[child].at) child++;
        if (heap[child].at >= last.at) break;
        heap[i] = heap[child], i = child;
    }
    heap[i] = last;
    return first;
}

/* --- calls, queues, agents -------------------------------------------------------------------- */

typedef struct { double joined_at; int32_t before, after; uint32_t stamp; int8_t class, prompt, counted; } Call;
typedef struct { int32_t first, last; } Queue;
typedef struct { long calls, abandoned, waited; double wait_s; } Sums;

static Call *calls;
static int n_calls, *free_calls, n_free, busy, on_duty;
static Queue queues[CLASSES];
static Sums sums[CLASSES];

#ifdef NAMED
static int *talking, *place, n_talking, n_marked; /* calls in service, each one's place among them */
static char *marked;                              /* the agent of this call leaves after it */

static void start_talk(int c) { place[c] = n_talking, talking[n_talking++] = c, marked[c] = 0; }

static void end_talk(int c) {
    int last = talking[--n_talking];
    talking[place[c]] = last, place[last] = place[c], n_marked -= marked[c];
}

static void restaff(void) { /* any of those who talk is as good as another: handle times are alike */
    while (busy - n_marked > on_duty) {
        int c = talking[(int)(uniform() * n_talking)];
        if (!marked[c]) marked[c] = 1, n_marked++;
    }
    for (int i = 0; i < n_talking && n_marked > 0 && busy - n_marked < on_duty; i++)
        if (marked[talking[i]]) marked[talking[i]] = 0, n_marked--;
}

static void make_room(void) { /* as many as there can be calls */
    talking = realloc(talking, sizeof(int) * (size_t)n_calls);
    place = realloc(place, sizeof(int) * (size_t)n_calls);
    marked = realloc(marked, (size_t)n_calls);
}
#else
enum { n_marked = 0 };
static void start_talk(int c) { (void)c; }
static void end_talk(int c) { (void)c; }
static void restaff(void) {}
static void make_room(void) {}
#endif

static int new_call(void) {
    if (n_free == 0) {
        calls = realloc(calls, sizeof(Call) * (size_t)(2 * n_calls));
        free_calls = realloc(free_calls, sizeof(int) * (size_t)(2 * n_calls));
        memset(calls + n_calls, 0, sizeof(Call) * (size_t)n_calls);
        for (int c = 2 * n_calls - 1; c >= n_calls; c--) free_calls[n_free++] = c;
        n_calls *= 2, make_room();
    }
    return free_calls[--n_free];
}

static void join(int c) {
    Queue *q = &queues[calls[c].class];
    calls[c].before = q->last, calls[c].after = NONE;
    if (q->last == NONE) q->first = c; else calls[q->last].after = c;
    q->last = c;
}

static void leave(int c) {
    Queue *q = &queues[calls[c].class];
    int before = calls[c].before, after = calls[c].after;
    if (before == NONE) q->first = after; else calls[before].after = after;
    if (after == NONE) q->last = before; else calls[after].before = before;
}

static int some_free(void) { return busy - n_marked < on_duty; }

static inline void book(const Call *call, double wait_s, int abandoned) {
    if (!call->counted) return;
    Sums *sum = &sums[call->class];
    sum->calls++, sum->abandoned += abandoned, sum->waited += wait_s > 0.0, sum->wait_s += wait_s;
}

static void answer(double now, int c) {
    busy++, start_talk(c);
    book(&calls[c], now - calls[c].joined_at, 0);
    calls[c].stamp++; /* the end of patience that is still in the heap has become stale */
    schedule(now + handle_time(), SERVICE_END, c, calls[c].stamp);
}

static void assign(double now) {
    while (some_free()) {
        int class = queues[1].first != NONE ? 1 : 0, c = queues[class].first;
        if (c == NONE) return;
        leave(c);
        answer(now, c);
    }
}

static void hang_up(double now, int c) {
    busy--, end_talk(c), free_calls[n_free++] = c;
    assign(now);
}

static void reach_queue(double now, int c) {
    calls[c].joined_at = now;
    if (some_free()) {
        answer(now, c);
    } else {
        join(c);
        schedule(now + exponential(patience_mean_s), PATIENCE_END, c, calls[c].stamp);
    }
}

static void advance(double now, int c) { /* through the prompts, then to the queue */
    if (calls[c].prompt < n_prompts)
        schedule(now + prompt_s[calls[c].prompt++], PROMPT_END, c, 0);
    else
        reach_queue(now, c);
}

static void abandon(double now, int c) {
    leave(c);
    book(&calls[c], now - calls[c].joined_at, 1);
    calls[c].stamp++, calls[c].prompt = 0;
    if (p_redial > 0.0 && uniform() < p_redial)
        schedule(now + redial_after_s, REDIAL, c, 0);
    else
        free_calls[n_free++] = c;
}

static void schedule_arrival(double now) { /* hour by hour: the exponential has no memory */
    while (now < duration_s) {
        int hour = (int)(now / 3600.0);
        double at = now + exponential(1.0 / rate[hour % HOURS]), end = (hour + 1) * 3600.0;
        if (at < end && at < duration_s) { schedule(at, ARRIVAL, NONE, 0); return; }
        now = end;
    }
}

static void arrive(double now) {
    int c = new_call();
    calls[c].class = p_priority > 0.0 && uniform() < p_priority;
    calls[c].prompt = 0, calls[c].counted = now >= warm_up_s;
    schedule_arrival(now);
    advance(now, c);
}

static long run(void) { /* one run, until the last call has ended; returns the number of calls */
    long total = 0;
    n_events = 0, busy = 0, on_duty = heads[0];
    queues[0] = queues[1] = (Queue){NONE, NONE};
    schedule_arrival(0.0);
    schedule(3600.0, STAFFING, NONE, 0);
    while (n_events > 0) {
        Event e = next_event();
        switch (e.kind) {
        case ARRIVAL: total++; arrive(e.at); break;
        case REDIAL: total++; advance(e.at, e.call); break;
        case PROMPT_END: advance(e.at, e.call); break;
        case PATIENCE_END: if (calls[e.call].stamp == e.stamp) abandon(e.at, e.call); break;
        case SERVICE_END: hang_up(e.at, e.call); break;
        case STAFFING:
            on_duty = heads[(int)(e.at / 3600.0 + 0.5) % HOURS];
            restaff(), assign(e.at);
            if (n_events > 0) schedule(e.at + 3600.0, STAFFING, NONE, 0);
            break;
        }
    }
    return total;
}

static int64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static long peak_rss_kb(void) { /* ru_maxrss starts at the size of the process that started us */
    char line[256];
    long kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kb) == 1) break;
    if (status) fclose(status);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return kb ? kb : usage.ru_maxrss;
}

int main(int argc, char **argv) {
    char **next = argv + 3;
    if (argc < 14 + 2 * HOURS) return 2;
    uint64_t seed = strtoull(argv[1], 0, 10);
    long runs = atol(argv[2]), total = 0;
    duration_s = atof(*next++), warm_up_s = atof(*next++), p_priority = atof(*next++);
    handle_mean_s = atof(*next++), lognormal = atoi(*next++), log_mean = atof(*next++);
    log_sd = atof(*next++), patience_mean_s = atof(*next++), p_redial = atof(*next++);
    redial_after_s = atof(*next++), n_prompts = atoi(*next++);
    if (n_prompts > PROMPTS || argc != 14 + n_prompts + 2 * HOURS) return 2;
    for (int i = 0; i < n_prompts; i++) prompt_s[i] = atof(*next++);
    for (int i = 0; i < HOURS; i++) rate[i] = atof(*next++);
    for (int i = 0; i < HOURS; i++) heads[i] = atoi(*next++);

    heap = malloc(sizeof(Event) * (size_t)(heap_size = 1024));
    n_calls = 512; /* doubled by the first call */
    calls = calloc((size_t)n_calls, sizeof(Call)), free_calls = malloc(sizeof(int) * (size_t)n_calls);
    seed_with(seed);
    int64_t start = cpu_ns();
    for (long i = 0; i < runs; i++) total += run();
    int64_t spent = cpu_ns() - start;

    printf("%ld %lld %ld\n", total, (long long)spent, peak_rss_kb());
    for (int k = 0; k < CLASSES; k++)
        printf("%ld %ld %ld %.9g\n", sums[k].calls, sums[k].abandoned, sums[k].waited, sums[k].wait_s);
    return 0;
}
