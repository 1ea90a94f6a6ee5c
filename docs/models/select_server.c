/*
 * select: one thread for all clients. It sleeps in select() until one of them has sent something,
 * or takes what it has not taken yet.
 * Cannot: serve a client whose descriptor is FD_SETSIZE (1024) or more. It is refused.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/select.h>
#include <unistd.h>

#include "address.h"

static const char default_port[] = "8886";
enum { BUFFER_SIZE = 16 * 1024 };  /* bytes that one recv() takes at most */
enum { DESCRIPTORS = FD_SETSIZE }; /* a client's descriptor is below this: it is a bit of fd_set */
enum { RETRY = 100 };              /* milliseconds until an accept() that failed is repeated */

/* What a thread of step 4 has on its stack: how far its client has come. */
struct client {
    long long echoed;
    size_t unsent; /* bytes received that send() has not taken yet: they are in the buffer */
    char *buffer;  /* NULL before the first such bytes; BUFFER_SIZE */
};

/* Returns a new socket, or -1 if there is none now. An accept() that fails (no free descriptor,
 * say) is reported once until one succeeds, and *failing says that it is to be repeated. */
static int accept_client(int listener, bool *failing)
{
    union address address;
    socklen_t length = sizeof address;
    char name[NAME_SIZE];
    int client = accept(listener, &address.generic, &length);
    bool failed = client == -1 && errno != EAGAIN; /* EAGAIN: the client is gone again */
    if (failed && !*failing)
        perror("accept");
    *failing = failed;
    if (client == -1)
        return -1;
    format_address(&address, length, name);
    printf("client %s connected (fd %d)\n", name, client);
    if (client < DESCRIPTORS)
        return client;
    printf("client gone (fd %d): refused, there is room below %d only\n", client, DESCRIPTORS);
    close(client);
    return -1;
}

/* Sends what the client takes now and keeps the rest; returns -1 when the connection is lost. */
static int send_some(int client, struct client *state, const char *data, size_t length)
{
    ssize_t sent = send(client, data, length, MSG_DONTWAIT);
    if (sent == -1 && errno == EAGAIN)
        sent = 0; /* the send buffer is full: the client does not read */
    if (sent == -1)
        return -1;
    state->echoed += sent;
    state->unsent = length - (size_t)sent;
    if (state->unsent == 0)
        return 0;
    if (state->buffer == NULL && (state->buffer = malloc(BUFFER_SIZE)) == NULL)
        return -1;
    memmove(state->buffer, data + sent, state->unsent); /* data may be in the buffer already */
    return 0;
}

/* Receives and sends once, without waiting. Returns false when the client has left. While something
 * is unsent nothing is received: a client that never reads costs one buffer, not more and more. */
static bool serve_client(int client, struct client *state)
{
    char buffer[BUFFER_SIZE];
    ssize_t received = -1;
    if (state->unsent > 0) {
        if (send_some(client, state, state->buffer, state->unsent) == 0)
            return true;
    } else {
        received = recv(client, buffer, sizeof buffer, MSG_DONTWAIT);
        if (received == -1 && errno == EAGAIN)
            return true;
        if (received > 0 && send_some(client, state, buffer, (size_t)received) == 0)
            return true;
    }
    printf("client gone (fd %d): %s, %lld bytes echoed\n", client,
           received == 0 ? "closed" : "reset or lost", state->echoed);
    free(state->buffer);
    *state = (struct client){0}; /* for the next client with this descriptor */
    if (close(client) == -1)
        perror("close");
    return false;
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is written at once, to a log file too */
    if (argc > 3)
        usage("one argument too many", argv[3]);
    /* A send() to a client that is gone is to fail with EPIPE, not to kill the server. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal", "SIGPIPE");

    const char *port_text = argc > 1 ? argv[1] : default_port;
    const char *address_text = argc > 2 ? argv[2] : "0.0.0.0"; /* INADDR_ANY: every IPv4 address */
    union address address = parse_address(port_text, address_text);
    int listener = open_listener(&address);
    /* Whoever made select() return may be gone: accept() must not wait for the next one. */
    if (fcntl(listener, F_SETFL, O_NONBLOCK) == -1)
        die("fcntl", "O_NONBLOCK");

    static struct client clients[DESCRIPTORS];
    fd_set readers, writers; /* who is waited for, to send something and to take something */
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    int highest = listener;
    bool failing = false; /* accept() */
    for (;;) {
        if (failing) /* the listener stays ready: it would keep a core busy */
            FD_CLR(listener, &readers);
        else
            FD_SET(listener, &readers);
        fd_set readable = readers, writable = writers; /* select() leaves there who is ready */
        struct timeval retry = {.tv_usec = RETRY * 1000};
        int ready = select(highest + 1, &readable, &writable, NULL, failing ? &retry : NULL);
        if (ready == -1 && errno == EINTR) /* the server was stopped and continued */
            continue;
        if (ready == -1)
            die("select", "clients");
        for (int client = listener + 1; client <= highest; client++) {
            if (!FD_ISSET(client, &readable) && !FD_ISSET(client, &writable))
                continue;
            FD_CLR(client, &readers);
            FD_CLR(client, &writers);
            if (serve_client(client, &clients[client]))
                FD_SET(client, clients[client].unsent == 0 ? &readers : &writers);
        }
        bool listener_ready = failing || FD_ISSET(listener, &readable);
        for (int client; listener_ready && (client = accept_client(listener, &failing)) != -1;) {
            FD_SET(client, &readers);
            highest = client > highest ? client : highest;
        }
    }
}
