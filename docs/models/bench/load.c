/*
 * A load generator for the echo servers: one process that plays many clients and measures.
 * Every byte that comes back is compared with what was sent. The first thing that goes wrong is
 * printed on stderr ("client 7: no answer") and ends the run with status 1.
 * One thread serves all clients, with epoll.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: load [OPTION...] PORT\n"
    "  -n CLIENTS (100) connect, send a message of 64 bytes, and wait until it is back\n"
    "  -a CLIENTS of them (all) go on: send a message, wait until it is back, send the next\n"
    "  -c  on a new connection each time\n"
    "  -s SECONDS (1), and up to ten times as long, until each of them has had 20 answers\n"
    "  -t SECONDS (5) without an answer are too long\n"
    "  -e COMMAND is run when all are connected, and again before they leave\n";

enum { WORDS = 8 };     /* a message: 64 bytes */
enum { EVENTS = 256 };  /* clients that one epoll_wait() reports at most */
enum { TICK = 100 };    /* milliseconds between two looks at the deadlines */
enum { ENOUGH = 20 };   /* answers to each client that make a measurement long enough ... */
enum { PATIENCE = 10 }; /* ... or it ends after so many times the seconds asked for */
/* Clients that are connected but not yet answered. More than the server's accept queue holds
 * (listen(): 128) would be dropped by the kernel, and cost each of them a second. */
enum { UNANSWERED = 100 };
/* Latencies are counted in steps of 10 us; what takes 5 s and more is in the last one. */
enum { STEP = 10 * 1000, STEPS = 500 * 1000 };

struct client {
    int socket;
    bool asked;         /* a message is under way */
    long long asked_at; /* when it was sent, in nanoseconds */
    size_t received;    /* bytes of it that are back */
    uint64_t messages;  /* all so far: no two have the same bytes */
    int answers;        /* since the measurement began */
};

static struct {
    int port, client_count, talkers;
    bool reconnects;
    double seconds, deadline;
    const char *command;

    int epoll;
    struct client *clients;
    bool talking;      /* an answer is followed by the next message */
    long long checked; /* when the deadlines were last looked at */
    long long asks;    /* since the measurement began; so are those below */
    long long answers;
    int content; /* clients that have had enough answers */
    unsigned latencies[STEPS];
} load = {.client_count = 100, .talkers = -1, .seconds = 1, .deadline = 5};

static void die(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

/* Reports what went wrong for a client, and ends. */
static void fail(const struct client *client, const char *problem)
{
    fprintf(stderr, "client %d: %s\n", (int)(client - load.clients) + 1, problem);
    exit(EXIT_FAILURE);
}

static void fail_call(const struct client *client)
{
    fail(client, errno == ECONNRESET || errno == EPIPE ? "reset" : strerror(errno));
}

static long long nanoseconds(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) == -1)
        die("clock_gettime");
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* --- one client */

/* Writes the client's message of now: bytes of another client, or old ones, do not look like it. */
static void write_message(const struct client *client, uint64_t message[WORDS])
{
    for (uint64_t i = 0; i < WORDS; i++)
        message[i] = (uint64_t)(client - load.clients) << 40 | client->messages << 3 | i;
}

static void ask(struct client *client)
{
    uint64_t message[WORDS];
    load.asks++;
    client->messages++;
    client->received = 0;
    client->asked = true;
    client->asked_at = nanoseconds(CLOCK_MONOTONIC);
    write_message(client, message);
    /* There is always room: nothing else of this client is in the send buffer. */
    if (send(client->socket, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
        fail_call(client);
}

static void open_client(struct client *client)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((in_port_t)load.port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = (time_t)load.deadline + 1};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* not for the COMMAND */
    if (client->socket == -1)
        fail_call(client);
    /* connect() sleeps for no longer than this, and then fails with EINPROGRESS. */
    if (setsockopt(client->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1)
        die("setsockopt");
    if (connect(client->socket, (const struct sockaddr *)&address, sizeof address) == -1) {
        if (errno == EINPROGRESS)
            fail(client, "no connection");
        fail_call(client);
    }
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, client->socket, &event) == -1)
        die("epoll_ctl");
    ask(client);
}

/* Closes with a reset. A usual close would leave this end in TIME-WAIT, and its port out of use for
 * a minute: at 10,000 connections a second the ports would last for three. */
static void close_client(const struct client *client)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(client->socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == -1)
        die("setsockopt");
    close(client->socket);
}

/* What a client does when it has been answered, as long as there is talk. */
static void go_on(struct client *client)
{
    if (load.reconnects) {
        close_client(client);
        open_client(client);
    } else {
        ask(client);
    }
}

/* The whole message has come back. */
static void take_answer(struct client *client)
{
    long long steps = (nanoseconds(CLOCK_MONOTONIC) - client->asked_at) / STEP;
    load.latencies[steps < STEPS ? steps : STEPS - 1]++;
    load.answers++;
    client->asked = false;
    if (++client->answers == ENOUGH)
        load.content++;
    if (load.talking)
        go_on(client);
}

/* Takes what has come back, and compares it with what was sent. */
static void receive(struct client *client)
{
    uint64_t message[WORDS];
    char buffer[sizeof message + 1]; /* one more than should come */
    ssize_t received = recv(client->socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (received == -1)
        fail_call(client);
    if (received == 0)
        fail(client, "closed");
    if (!client->asked || (size_t)received > sizeof message - client->received)
        fail(client, "more came back than was sent");
    write_message(client, message);
    if (memcmp(buffer, (char *)message + client->received, (size_t)received) != 0)
        fail(client, "what came back is not what was sent");
    client->received += (size_t)received;
    if (client->received == sizeof message)
        take_answer(client);
}

/* --- all of them */

static void check_deadlines(void)
{
    load.checked = nanoseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < load.client_count; i++) {
        const struct client *client = &load.clients[i];
        if (client->asked && (double)(load.checked - client->asked_at) > load.deadline * 1e9)
            fail(client, "no answer");
    }
}

/* Waits until some clients have been sent something, and lets them take it. */
static void step(void)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(load.epoll, events, EVENTS, TICK);
    if (count == -1 && errno != EINTR) /* EINTR: this program was stopped and continued */
        die("epoll_wait");
    for (int i = 0; i < count; i++)
        receive(events[i].data.ptr);
    if (nanoseconds(CLOCK_MONOTONIC) - load.checked > TICK * 1000000LL)
        check_deadlines();
}

/* Returns when every client is connected and has been answered once. */
static void connect_all(void)
{
    for (int opened = 0; opened < load.client_count || load.answers < opened; step())
        while (opened < load.client_count && opened - load.answers < UNANSWERED)
            open_client(&load.clients[opened++]);
    printf("clients %d\n", load.client_count);
}

/* Who talks is spread evenly over all. */
static bool talks(int number)
{
    int every = load.talkers > 0 ? load.client_count / load.talkers : INT_MAX;
    return number % every == 0 && number / every < load.talkers;
}

/* The latency that 99 of 100 answers did not exceed, in microseconds. */
static double latency_99(void)
{
    long long left = load.answers - load.answers / 100;
    int steps = 0;
    while ((left -= load.latencies[steps]) > 0)
        steps++;
    return steps * (STEP / 1000.0);
}

/* Measures until the time is over and everyone has had enough answers, or patience ends. Prints the
 * result, one figure a line, and at the end the answers with those that were then under way: they
 * cost the server too. */
static void measure(void)
{
    load.asks = load.answers = load.content = 0;
    load.talking = true;
    memset(load.latencies, 0, sizeof load.latencies);
    long long cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID), begun = nanoseconds(CLOCK_MONOTONIC);
    double seconds = 0;
    for (int i = 0; i < load.client_count; i++) {
        load.clients[i].answers = 0;
        if (talks(i))
            go_on(&load.clients[i]);
    }
    while (seconds < load.seconds ||
           (load.content < load.talkers && seconds < load.seconds * PATIENCE)) {
        step();
        seconds = (double)(nanoseconds(CLOCK_MONOTONIC) - begun) / 1e9;
    }
    load.talking = false;
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("content %d\n", load.content);
    if (load.answers > 0) {
        printf("rate %.1f\n", (double)load.answers / seconds);
        printf("latency_99 %.1f\n", latency_99());
        printf("generator_cpu %.2f\n", (double)cpu / 1000 / (double)load.answers);
    }
    while (load.answers < load.asks)
        step();
    printf("answers %lld\n", load.answers);
}

static void run_command(void)
{
    if (load.command != NULL && system(load.command) == -1)
        die("system");
}

/* --- the command line */

static void refuse(const char *problem)
{
    fprintf(stderr, "%s\n%s", problem, usage);
    exit(2);
}

static double parse_number(const char *text, double least, double most)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= least && number <= most))
        refuse("not a number, or out of range");
    return number;
}

static void parse_options(int argc, char *argv[])
{
    int option;
    while ((option = getopt(argc, argv, "n:a:cs:t:e:")) != -1) {
        if (option == 'n')
            load.client_count = (int)parse_number(optarg, 1, 1e6);
        else if (option == 'a')
            load.talkers = (int)parse_number(optarg, 0, 1e6);
        else if (option == 'c')
            load.reconnects = true;
        else if (option == 's')
            load.seconds = parse_number(optarg, 0, 1e6);
        else if (option == 't')
            load.deadline = parse_number(optarg, 0.01, 1e6);
        else if (option == 'e')
            load.command = optarg;
        else
            refuse("not an option");
    }
    if (load.talkers == -1)
        load.talkers = load.client_count;
    if (load.talkers > load.client_count)
        refuse("more clients that talk than clients");
    if (argc - optind != 1)
        refuse("one port, please");
    load.port = (int)parse_number(argv[optind], 1, 65535);
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* a line shows at once, to a script too */
    parse_options(argc, argv);
    load.clients = calloc((size_t)load.client_count, sizeof *load.clients);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.clients == NULL || load.epoll == -1)
        die("load");
    connect_all();
    run_command();
    measure();
    run_command();
    for (int i = 0; i < load.client_count; i++)
        close_client(&load.clients[i]);
    return EXIT_SUCCESS;
}
