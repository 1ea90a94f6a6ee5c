/*
 * What select, poll and epoll share: one thread serves all clients, so no call here may sleep. They
 * differ in how they wait.
 */
#ifndef EVENT_LOOP_H
#define EVENT_LOOP_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "address.h"

enum { RETRY = 1000 }; /* milliseconds until an accept() that failed is repeated */

/* What a thread of step 4 has on its stack: how far its client has come. */
struct client {
    size_t unsent; /* bytes received that send() has not taken yet: they are in the buffer */
    char *buffer;  /* NULL before the first such bytes; BUFFER_SIZE */
};

/* Returns a listener whose accept() never sleeps: whoever was ready a moment ago may be gone. */
static inline int open_nonblocking_listener(int argc, char *argv[], const char *default_port)
{
    int listener = start_listening(argc, argv, default_port);
    if (fcntl(listener, F_SETFL, O_NONBLOCK) == -1)
        die("fcntl");
    return listener;
}

/* Returns a new socket below the number that the caller has room for, or -1 if there is none now. An
 * accept() that fails (no free descriptor, say) is reported once until one succeeds, and *failing
 * says that it is to be repeated. */
static inline int accept_client(int listener, int room, bool *failing)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int client = accept(listener, (struct sockaddr *)&address, &length);
    bool failed = client == -1 && errno != EAGAIN; /* EAGAIN: nobody waits, or no longer */
    if (failed && !*failing)
        perror("accept");
    *failing = failed;
    if (client == -1)
        return -1;
    printf("client %s:%d connected (fd %d)\n", inet_ntoa(address.sin_addr), ntohs(address.sin_port),
           client);
    if (client < room)
        return client;
    printf("client gone (fd %d): refused, there is room below %d only\n", client, room);
    close(client);
    return -1;
}

/* Sends what the client takes now and keeps the rest; returns -1 when the connection is lost. */
static inline int send_some(int client, struct client *state, const char *data, size_t length)
{
    ssize_t sent = send(client, data, length, MSG_DONTWAIT);
    if (sent == -1 && errno == EAGAIN)
        sent = 0; /* the send buffer is full: the client does not read */
    if (sent == -1)
        return -1;
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
static inline bool serve_client(int client, struct client *state)
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
    printf("client gone (fd %d): %s\n", client, received == 0 ? "closed" : "reset or lost");
    free(state->buffer);
    *state = (struct client){0}; /* for the next client with this descriptor */
    if (close(client) == -1)
        perror("close");
    return false;
}

#endif
