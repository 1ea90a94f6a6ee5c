/*
 * The reference: the echo server of step 4 with one thread for all clients instead of one each.
 * epoll tells which sockets are ready; no call ever waits for one client while others could go on.
 * What a thread's stack remembers in step 4 is written down here, in struct client: the bytes that
 * a client does not take yet. A yardstick for the benchmark; not a step.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"

enum { BACKLOG = 128 };           /* connections that may wait for accept() */
enum { BUFFER_SIZE = 16 * 1024 }; /* bytes that one recv() takes at most */
enum { EVENTS = 256 };            /* sockets that one epoll_wait() reports at most */
enum { RETRY = 100 };             /* milliseconds until accept() is tried again after it failed */

struct client {
    int socket;
    size_t unsent_length; /* while there are such bytes, nothing more is received */
    char *unsent;         /* NULL until there are some */
};

/* Reports a call that failed, what it was about and why (errno), and ends with status 1. */
static void die(const char *call, const char *about)
{
    fprintf(stderr, "%s %s: %s\n", call, about, strerror(errno));
    exit(EXIT_FAILURE);
}

/* Reports an argument that cannot be used, and ends with status 2. */
static void usage(const char *problem, const char *argument)
{
    fprintf(stderr, "%s: '%s'\nusage: epoll_server PORT [ADDRESS]\n", problem, argument);
    exit(2);
}

/* Returns a socket that listens and whose accept() never waits. */
static int open_listener(const union address *address, const char *port)
{
    int family = address->generic.sa_family;
    socklen_t length = family == AF_INET ? sizeof address->ipv4 : sizeof address->ipv6;
    int listener = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener == -1)
        die("socket", port);
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt", port);
    if (bind(listener, &address->generic, length) == -1)
        die("bind", port);
    if (listen(listener, BACKLOG) == -1)
        die("listen", port);
    return listener;
}

/* Tells epoll what to report of a socket; a NULL client stands for the listener. */
static int watch(int epoll, int operation, int socket, uint32_t events, struct client *client)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    return epoll_ctl(epoll, operation, socket, &event);
}

/* Accepts one client; returns false when that fails, because the descriptor table is full, say. */
static bool accept_client(int epoll, int listener)
{
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return false;
    client->socket = accept(listener, NULL, NULL);
    if (client->socket == -1) {
        free(client);
        return errno == EAGAIN; /* nobody is left in the queue: no failure */
    }
    if (watch(epoll, EPOLL_CTL_ADD, client->socket, EPOLLIN, client) == -1) {
        close(client->socket);
        free(client);
        return false;
    }
    return true;
}

/* Accepts the next client, and returns whether that fails. While it does, the listener is not
 * watched, because epoll would report it without end; the failure is reported once. */
static bool accept_fails(int epoll, int listener, bool failed_before)
{
    bool fails = !accept_client(epoll, listener);
    if (fails == failed_before)
        return fails;
    if (fails)
        perror("accept");
    if (watch(epoll, EPOLL_CTL_MOD, listener, fails ? 0 : EPOLLIN, NULL) == -1)
        die("epoll_ctl", "listener");
    return fails;
}

/* Closing a socket also takes it out of epoll. */
static void drop_client(struct client *client)
{
    close(client->socket);
    free(client->unsent);
    free(client);
}

/* Sends what the client takes now and keeps the rest; -1 when the connection is lost. */
static int send_some(int epoll, struct client *client, const char *data, size_t length)
{
    ssize_t sent = send(client->socket, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == -1 && errno == EAGAIN)
        sent = 0;
    if (sent == -1)
        return -1;
    bool had_rest = client->unsent_length > 0;
    size_t rest = length - (size_t)sent;
    if (rest > 0) {
        if (client->unsent == NULL && (client->unsent = malloc(BUFFER_SIZE)) == NULL)
            return -1;
        memmove(client->unsent, data + sent, rest); /* data may be the unsent bytes themselves */
    }
    client->unsent_length = rest;
    if (had_rest == (rest > 0))
        return 0;
    /* Not EPOLLIN as well: reading on would fill the memory for a client that only sends. */
    return watch(epoll, EPOLL_CTL_MOD, client->socket, rest > 0 ? EPOLLOUT : EPOLLIN, client);
}

/* Does what the client is ready for; after its FIN recv() returns 0, after a reset -1. */
static void serve_client(int epoll, struct client *client)
{
    static char buffer[BUFFER_SIZE]; /* one for all: no client keeps anything in it */
    const char *data = client->unsent;
    size_t length = client->unsent_length;
    if (length == 0) {
        ssize_t received = recv(client->socket, buffer, sizeof buffer, MSG_DONTWAIT);
        if (received == -1 && errno == EAGAIN)
            return;
        if (received <= 0) {
            drop_client(client);
            return;
        }
        data = buffer;
        length = (size_t)received;
    }
    if (send_some(epoll, client, data, length) == -1)
        drop_client(client);
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* a line shows at once, in a log file too */
    if (argc < 2 || argc > 3)
        usage("not one or two arguments", argc < 2 ? "" : argv[3]);
    union address address = parse_address(argv[1], argc > 2 ? argv[2] : "0.0.0.0");
    int listener = open_listener(&address, argv[1]);
    int epoll = epoll_create1(0);
    if (epoll == -1 || watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL) == -1)
        die("epoll", argv[1]);
    printf("listening on port %s\n", argv[1]);

    bool failing = false; /* accept(): it is then tried whatever epoll reports */
    for (;;) {
        struct epoll_event events[EVENTS];
        bool new_client = failing;
        int count = epoll_wait(epoll, events, EVENTS, failing ? RETRY : -1);
        if (count == -1 && errno != EINTR) /* EINTR: the server was stopped and continued */
            die("epoll_wait", argv[1]);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                new_client = true;
            else
                serve_client(epoll, events[i].data.ptr);
        }
        if (new_client)
            failing = accept_fails(epoll, listener, failing);
    }
}
