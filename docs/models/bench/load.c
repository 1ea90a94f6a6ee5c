/*
 * A load generator for the echo servers: one process that plays many clients and measures.
 * Every byte that comes back is compared with what was sent. The first thing that goes wrong is
 * reported, with what stands behind it, and ends the run with status 1.
 * One thread serves all clients: no socket ever blocks, and epoll tells which of them is ready.
 */
#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static const char usage_text[] =
    "usage: load [OPTION...] PORT [ADDRESS]\n"
    "  -n CLIENTS (100) connect, send a message, and wait until it is back\n"
    "  -a CLIENTS of them (all) go on: send a message, wait until it is back, send the next\n"
    "  -c  on a new connection each time; CLIENTS is then at most 100\n"
    "  -s SECONDS (1), and up to ten times as long, until each of them has had 20 answers\n"
    "  -w  waits for a line, or the end, of its input before that, and again before it ends\n"
    "  -m BYTES (64) a message\n"
    "  -t SECONDS (5) without an answer are too long\n";
#define USAGE usage_text
#include "../address.h"

enum { CHUNK_SIZE = 64 * 1024 }; /* bytes that one send() or recv() takes at most */
enum { PERIOD = 65521 };         /* a prime: a block that is lost or doubled shows */
enum { EVENTS = 256 };           /* clients that one epoll_wait() reports at most */
enum { TICK = 100 };             /* milliseconds between two looks at the deadlines */
/* Clients that are connected but not yet answered. More than the server's accept queue holds
 * (listen(): 128) would be dropped by the kernel, and cost each of them a second. */
enum { UNANSWERED = 100 };
/* Latencies are counted in buckets, 64 for every power of two: 1.6 % apart, up to 2^40 ns. */
enum { BUCKETS_PER_POWER = 64, BUCKETS = 36 * BUCKETS_PER_POWER };
enum { ENOUGH = 20 };   /* answers to each client that make a measurement long enough ... */
enum { PATIENCE = 10 }; /* ... or it ends after so many times the seconds asked for */

/* One client. What it sends is an endless stream; these are positions in it. */
struct client {
    int socket;
    bool connected;
    uint32_t watched;   /* what epoll is to report: EPOLLIN, EPOLLOUT */
    long long asked;    /* the end of the message that is under way */
    long long sent;     /* up to here it has been sent ... */
    long long received; /* ... and up to here it has come back */
    long long asked_at; /* when the message was begun, in nanoseconds */
    int answers;        /* since the measurement began */
};

struct load {
    int client_count;
    int talkers; /* -1: all */
    bool reconnects;
    long long message_size;
    double seconds;
    double deadline;
    bool waits;
    union address address;

    char pattern[PERIOD + CHUNK_SIZE]; /* a chunk of it may begin at each of PERIOD places */
    int epoll;
    struct client *clients;
    int opened;        /* clients that exist: the first so many */
    int answered;      /* clients that have been answered at least once */
    bool talking;      /* an answer is followed by the next message */
    long long checked; /* when the deadlines were last looked at */
    long long asks;    /* since the measurement began; so are those below */
    long long answers;
    int content; /* clients that have had enough answers */
    long long latencies[BUCKETS];
};

/* Reports what went wrong for a client, and ends. */
static void fail(const struct load *load, const struct client *client, const char *problem,
                 const char *reason)
{
    printf("reached %d clients\n", load->answered);
    fprintf(stderr, "load: client %d of %d: %s: %s\n", (int)(client - load->clients) + 1,
            load->client_count, problem, reason);
    exit(EXIT_FAILURE);
}

/* The same, when a call has failed: says which limit it is that errno stands for. */
static void fail_call(const struct load *load, const struct client *client, const char *call)
{
    const char *reason = strerror(errno);
    switch (errno) {
    case EMFILE:
    case ENFILE:
        reason = "out of descriptors (see ulimit -n)";
        break;
    case EADDRNOTAVAIL:
        reason = "out of local ports (see net.ipv4.ip_local_port_range)";
        break;
    case ECONNREFUSED:
        reason = "refused: nobody listens there";
        break;
    case ECONNRESET:
    case EPIPE:
        reason = "reset by the server";
        break;
    }
    fail(load, client, call, reason);
}

static long long read_clock(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) == -1)
        die("clock_gettime", "load");
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long nanoseconds(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* --- latencies */

/* The bucket of a latency: below 128 each has its own; above, each power of two has 64. */
static int bucket_of(long long latency)
{
    int power = 0;
    while (latency >> power >= 2 * BUCKETS_PER_POWER)
        power++;
    int bucket = power * BUCKETS_PER_POWER + (int)(latency >> power);
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* The least latency in a bucket, in nanoseconds. */
static long long bucket_start(int bucket)
{
    if (bucket < 2 * BUCKETS_PER_POWER)
        return bucket;
    int power = bucket / BUCKETS_PER_POWER - 1;
    return (long long)(bucket - power * BUCKETS_PER_POWER) << power;
}

/* The latency that so many percent of the answers did not exceed, in microseconds. */
static double percentile(const struct load *load, double percent)
{
    double wanted = (double)load->answers * percent / 100;
    long long seen = 0;
    int bucket = 0;
    while (bucket < BUCKETS - 1 && (double)(seen + load->latencies[bucket]) < wanted)
        seen += load->latencies[bucket++];
    return (double)bucket_start(bucket) / 1000;
}

/* --- one client */

/* The bytes of a client's stream from this position on; a chunk of them may be used. Clients
 * differ, so that bytes that a server gives to the wrong one show. */
static const char *stream(const struct load *load, const struct client *client, long long position)
{
    long long offset = (client - load->clients) * 7919LL;
    return load->pattern + (offset + position) % PERIOD;
}

/* Tells epoll what to report of this client, when that has changed. */
static void watch(const struct load *load, struct client *client, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (events == client->watched)
        return;
    if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, client->socket, &event) == -1)
        die("epoll_ctl", "load");
    client->watched = events;
}

/* Sends as much of the message as the kernel takes now; epoll tells when it takes more. */
static void send_more(const struct load *load, struct client *client)
{
    while (client->sent < client->asked) {
        long long left = client->asked - client->sent;
        ssize_t sent = send(client->socket, stream(load, client, client->sent),
                            left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE, MSG_NOSIGNAL);
        if (sent == -1 && errno == EAGAIN)
            break;
        if (sent == -1)
            fail_call(load, client, "send");
        client->sent += sent;
    }
    watch(load, client, client->sent < client->asked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Begins the client's next message. */
static void ask(struct load *load, struct client *client)
{
    load->asks++;
    client->asked += load->message_size;
    client->asked_at = nanoseconds();
    if (client->connected)
        send_more(load, client);
}

/* Begins a connection with a message to be sent as soon as it is made. */
static void open_client(struct load *load, struct client *client)
{
    int family = load->address.generic.sa_family;
    socklen_t length = family == AF_INET ? sizeof load->address.ipv4 : sizeof load->address.ipv6;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = client};

    client->connected = false;
    client->watched = event.events;
    client->socket = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (client->socket == -1)
        fail_call(load, client, "socket");
    /* The end of a long message is to be sent at once. Otherwise it may wait until the server has
     * acknowledged what went before, which can take 40 ms (Nagle's algorithm). */
    int on = 1;
    if (setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
        die("setsockopt", "load");
    if (connect(client->socket, &load->address.generic, length) == -1 && errno != EINPROGRESS)
        fail_call(load, client, "connect");
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->socket, &event) == -1)
        die("epoll_ctl", "load");
    ask(load, client);
}

/* The connection is made, or has failed: SO_ERROR has what connect() could not return. */
static void finish_connect(const struct load *load, struct client *client)
{
    socklen_t length = sizeof errno;
    if (getsockopt(client->socket, SOL_SOCKET, SO_ERROR, &errno, &length) == -1)
        die("getsockopt", "load");
    if (errno != 0)
        fail_call(load, client, "connect");
    client->connected = true;
}

/* Closes with a reset. A usual close would leave this end in TIME-WAIT, and its port out of use for
 * a minute: at 10,000 connections a second the ports would last for three. */
static void close_client(const struct client *client)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(client->socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == -1)
        die("setsockopt", "load");
    if (close(client->socket) == -1)
        die("close", "load");
}

/* What a client does when it has been answered, as long as there is talk. */
static void go_on(struct load *load, struct client *client)
{
    if (load->reconnects) {
        close_client(client);
        open_client(load, client);
    } else {
        ask(load, client);
    }
}

/* The whole message has come back. */
static void take_answer(struct load *load, struct client *client)
{
    load->latencies[bucket_of(nanoseconds() - client->asked_at)]++;
    load->answers++;
    if (client->received == load->message_size) /* its first */
        load->answered++;
    if (++client->answers == ENOUGH)
        load->content++;
    if (load->talking)
        go_on(load, client);
}

/* Takes what has come back, and compares it with what was sent. */
static void receive(struct load *load, struct client *client)
{
    char buffer[CHUNK_SIZE];
    ssize_t received = recv(client->socket, buffer, sizeof buffer, 0);
    if (received == -1 && errno == EAGAIN)
        return;
    if (received == -1)
        fail_call(load, client, "recv");
    if (received == 0)
        fail(load, client, "recv", "closed by the server");
    if (received > client->sent - client->received)
        fail(load, client, "wrong bytes", "more came back than was sent");
    if (memcmp(buffer, stream(load, client, client->received), (size_t)received) != 0)
        fail(load, client, "wrong bytes", "what came back is not what was sent");
    client->received += received;
    if (client->received == client->asked)
        take_answer(load, client);
}

/* --- all of them */

static void check_deadlines(struct load *load)
{
    load->checked = nanoseconds();
    long long too_old = load->checked - (long long)(load->deadline * 1e9);
    for (int i = 0; i < load->opened; i++) {
        struct client *client = &load->clients[i];
        if (client->received < client->asked && client->asked_at < too_old)
            fail(load, client, "time out", client->connected ? "no answer" : "no connection");
    }
}

/* Waits until some clients are ready, and lets them do what they can. Returns true when standard
 * input was among them: it is there while wait_for_input() waits, as the event without a client. */
static bool step(struct load *load)
{
    struct epoll_event events[EVENTS];
    bool input = false;
    int count = epoll_wait(load->epoll, events, EVENTS, TICK);
    if (count == -1 && errno != EINTR) /* EINTR: this program was stopped and continued */
        die("epoll_wait", "load");
    for (int i = 0; i < count; i++) {
        struct client *client = events[i].data.ptr;
        if (client == NULL) {
            input = true;
            continue;
        }
        if (!client->connected)
            finish_connect(load, client);
        if (client->sent < client->asked)
            send_more(load, client);
        if (events[i].events & ~(uint32_t)EPOLLOUT) /* EPOLLIN, or an error: recv() returns it */
            receive(load, client);
    }
    if (nanoseconds() - load->checked > TICK * 1000000LL)
        check_deadlines(load);
    return input;
}

/* Returns when standard input has a line or has ended; the clients are watched meanwhile. */
static void wait_for_input(struct load *load)
{
    char line[256];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0) {
        while (!step(load))
            continue;
        if (epoll_ctl(load->epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL) == -1)
            die("epoll_ctl", "load");
    } else if (errno != EPERM) { /* EPERM: a file, which is never waited for */
        die("epoll_ctl", "load");
    }
    if (read(STDIN_FILENO, line, sizeof line) == -1)
        die("read", "load");
}

/* Returns when every client is connected and has been answered once. */
static void connect_all(struct load *load)
{
    while (load->answered < load->client_count) {
        while (load->opened < load->client_count && load->opened - load->answered < UNANSWERED)
            open_client(load, &load->clients[load->opened++]);
        step(load);
    }
    printf("clients %d connected\n", load->client_count);
}

/* Who talks is spread evenly: the clients are counted from 0. */
static bool talks(const struct load *load, long long number)
{
    return (number + 1) * load->talkers / load->client_count !=
           number * load->talkers / load->client_count;
}

/* Prints the result, one figure a line: what, how much, of which unit. */
static void report(const struct load *load, double seconds, double cpu)
{
    int fewest = INT_MAX;
    for (int i = 0; i < load->client_count; i++)
        if (talks(load, i) && load->clients[i].answers < fewest)
            fewest = load->clients[i].answers;
    printf("seconds %.3f s\n", seconds);
    printf("answers %lld roundtrips\n", load->answers);
    printf("fewest %d roundtrips\n", load->talkers > 0 ? fewest : 0);
    if (load->answers == 0)
        return;
    printf("rate %.1f 1/s\n", (double)load->answers / seconds);
    printf("latency_50 %.1f us\n", percentile(load, 50));
    printf("latency_99 %.1f us\n", percentile(load, 99));
    printf("latency_99.9 %.1f us\n", percentile(load, 99.9));
    printf("generator_cpu %.2f us\n", cpu * 1e6 / (double)load->answers);
}

/* Measures until the time is over and everyone has had enough answers, or patience ends. */
static void measure(struct load *load)
{
    load->asks = 0;
    load->answers = 0;
    load->content = 0;
    load->talking = true;
    memset(load->latencies, 0, sizeof load->latencies);
    long long cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID), begun = nanoseconds(), now = begun;
    long long end = begun + (long long)(load->seconds * 1e9);
    long long last_end = begun + (long long)(load->seconds * 1e9 * PATIENCE);
    for (int i = 0; i < load->client_count; i++) {
        load->clients[i].answers = 0;
        if (talks(load, i))
            go_on(load, &load->clients[i]);
    }
    while (now < end || (load->content < load->talkers && now < last_end)) {
        step(load);
        now = nanoseconds();
    }
    load->talking = false;
    report(load, (double)(now - begun) / 1e9,
           (double)(read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e9);
}

/* Waits for the answers that were under way when the time was over: they cost the server too. */
static void await_last_answers(struct load *load)
{
    while (load->answers < load->asks)
        step(load);
    printf("with_the_last %lld roundtrips\n", load->answers);
}

/* --- the command line */

static double parse_number(const char *text, double least, double most)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= least && number <= most))
        usage("not a number, or out of range", text);
    return number;
}

static void parse_options(struct load *load, int argc, char *argv[])
{
    int option;
    while ((option = getopt(argc, argv, ":n:a:cs:wm:t:")) != -1) {
        char letter[] = {'-', (char)optopt, '\0'};
        switch (option) {
        case 'n':
            load->client_count = (int)parse_number(optarg, 1, 1e6);
            break;
        case 'a':
            load->talkers = (int)parse_number(optarg, 0, 1e6);
            break;
        case 'c':
            load->reconnects = true;
            break;
        case 's':
            load->seconds = parse_number(optarg, 0.01, 1e6);
            break;
        case 'w':
            load->waits = true;
            break;
        case 'm':
            load->message_size = (long long)parse_number(optarg, 1, 1e9);
            break;
        case 't':
            load->deadline = parse_number(optarg, 0.01, 1e6);
            break;
        case ':':
            usage("an option without its value", letter);
            break;
        default:
            usage("not an option", letter);
        }
    }
    if (load->talkers == -1)
        load->talkers = load->client_count;
    if (load->talkers > load->client_count)
        usage("more clients that talk than clients", "-a");
    if (load->reconnects && load->client_count > UNANSWERED)
        usage("too many clients to connect again and again", "-c");
    if (optind == argc)
        usage("no port", "");
    if (argc - optind > 2)
        usage("one argument too many", argv[optind + 2]);
    load->address = parse_address(argv[optind], optind + 1 < argc ? argv[optind + 1] : "127.0.0.1");
}

/* Allocates what is needed, and fills the pattern with bytes that look random but never change. */
static struct load *new_load(int argc, char *argv[])
{
    struct load *load = calloc(1, sizeof *load);
    if (load == NULL)
        die("calloc", "load");
    load->client_count = 100;
    load->talkers = -1;
    load->message_size = 64;
    load->seconds = 1;
    load->deadline = 5;
    parse_options(load, argc, argv);

    uint32_t random = 1;
    for (int i = 0; i < PERIOD + CHUNK_SIZE; i++) {
        random = random * 1664525 + 1013904223;
        load->pattern[i] = i < PERIOD ? (char)(random >> 24) : load->pattern[i - PERIOD];
    }
    load->clients = calloc((size_t)load->client_count, sizeof *load->clients);
    if (load->clients == NULL)
        die("calloc", "load");
    load->epoll = epoll_create1(0);
    if (load->epoll == -1)
        die("epoll_create1", "load");
    return load;
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* a line shows at once, to a script too */
    struct load *load = new_load(argc, argv);
    connect_all(load);
    if (load->waits)
        wait_for_input(load);
    measure(load);
    if (load->waits) {
        await_last_answers(load);
        wait_for_input(load);
    }
    for (int i = 0; i < load->client_count; i++)
        close_client(&load->clients[i]);
    return EXIT_SUCCESS;
}
