/*
 * fork: a process per client, in place of step 4's thread.
 * Gains: no client can spoil another's memory, or end another's process.
 * Costs: a process per client, and what each of them knows is not shared.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "address.h"

static const char default_port[] = "8885";
enum { BUFFER_SIZE = 16 * 1024 }; /* bytes that one recv() takes at most */

/* Returns a new socket for the oldest connection in the queue; sleeps while the queue is empty. An
 * accept() that fails (no free descriptor, say) is reported once and repeated until it succeeds. */
static int accept_client(int listener)
{
    union address address;
    socklen_t length = sizeof address;
    char name[NAME_SIZE];
    const struct timespec delay = {.tv_nsec = 100 * 1000 * 1000}; /* 100 ms */
    int client = accept(listener, &address.generic, &length);
    if (client == -1)
        perror("accept");
    while (client == -1) {
        nanosleep(&delay, NULL); /* without it the loop would keep a core busy */
        client = accept(listener, &address.generic, &length);
    }
    format_address(&address, length, name);
    printf("client %s connected (fd %d)\n", name, client);
    return client;
}

/* Sends all of the data; returns -1 (errno) when the connection is lost. send() may take only a part
 * and return its size: when a signal interrupts it while it waits for room in the send buffer. */
static int send_all(int client, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(client, data, length, 0);
        if (sent == -1)
            return -1;
        data += sent;
        length -= (size_t)sent;
    }
    return 0;
}

/* Echoes until the client leaves: recv() returns 0 after its FIN and everything before it, -1 after
 * a reset. Either ends this client only. */
static void serve_client(int client)
{
    char buffer[BUFFER_SIZE];
    ssize_t received;
    long long echoed = 0;
    while ((received = recv(client, buffer, sizeof buffer, 0)) > 0) {
        if (send_all(client, buffer, (size_t)received) == -1)
            break;
        echoed += received;
    }
    printf("client gone (fd %d): %s, %lld bytes echoed\n", client,
           received == 0 ? "closed" : "reset or lost", echoed);
    if (close(client) == -1)
        perror("close");
}

/* Serves the client in a process of its own. It inherits every descriptor, so each side closes what
 * it does not use: a connection that the parent kept open would never send its FIN. */
static void start_process(int listener, int client)
{
    pid_t child = fork();
    if (child == -1)
        perror("fork");
    if (child == 0) {
        close(listener);
        serve_client(client);
        exit(EXIT_SUCCESS);
    }
    close(client);
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is written at once, to a log file too */
    if (argc > 3)
        usage("one argument too many", argv[3]);
    /* A send() to a client that is gone is to fail with EPIPE, not to kill the server. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal", "SIGPIPE");
    /* A child that ends is to vanish, not to stay as a zombie until its parent calls wait(). */
    if (signal(SIGCHLD, SIG_IGN) == SIG_ERR)
        die("signal", "SIGCHLD");

    const char *port_text = argc > 1 ? argv[1] : default_port;
    const char *address_text = argc > 2 ? argv[2] : "0.0.0.0"; /* INADDR_ANY: every IPv4 address */
    union address address = parse_address(port_text, address_text);
    int listener = open_listener(&address);
    for (;;)
        start_process(listener, accept_client(listener));
}
