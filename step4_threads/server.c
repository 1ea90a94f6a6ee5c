/*
 * Stage 4, threads: serves many clients at once.
 * Adds: a detached thread per client.
 * Cannot: serve a client for less than a thread, which costs memory while the client is silent and
 * a context switch whenever it is not. That is where the I/O models begin (C10K).
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 128 };           /* connections that may wait for accept() */
enum { BUFFER_SIZE = 16 * 1024 }; /* bytes that one recv() takes at most */
enum { NAME_SIZE = INET6_ADDRSTRLEN + sizeof "[]:65535" };

/* An IPv4 or an IPv6 address with its port; generic.sa_family says which of the two. */
union address {
    struct sockaddr generic; /* what bind() and accept() are declared with */
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
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
    fprintf(stderr, "%s: '%s'\nusage: server [PORT [ADDRESS]]\n", problem, argument);
    exit(2);
}

/* Fills in by hand the address to listen on. */
static union address parse_address(const char *port_text, const char *address_text)
{
    union address address = {.ipv6 = {0}}; /* the largest member: all of it is zero */
    char *end;
    long port = strtol(port_text, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535)
        usage("not a port from 1 to 65535", port_text);
    /* The wire carries the most significant byte first (network byte order), hence htons(). */
    if (inet_pton(AF_INET, address_text, &address.ipv4.sin_addr) == 1) {
        address.ipv4.sin_family = AF_INET;
        address.ipv4.sin_port = htons((in_port_t)port);
    } else if (inet_pton(AF_INET6, address_text, &address.ipv6.sin6_addr) == 1) {
        address.ipv6.sin6_family = AF_INET6;
        address.ipv6.sin6_port = htons((in_port_t)port);
    } else {
        usage("not an IPv4 or IPv6 address", address_text);
    }
    return address;
}

/* Writes the address as people do: 127.0.0.1:8881 or [::1]:8881. */
static void format_address(const union address *address, char name[NAME_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->generic.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->ipv4.sin_addr, host, sizeof host);
        snprintf(name, NAME_SIZE, "%s:%d", host, ntohs(address->ipv4.sin_port));
    } else {
        inet_ntop(AF_INET6, &address->ipv6.sin6_addr, host, sizeof host);
        snprintf(name, NAME_SIZE, "[%s]:%d", host, ntohs(address->ipv6.sin6_port));
    }
}

/* Returns a socket that listens: the kernel now makes connections and queues them for accept(). */
static int open_listener(const union address *address)
{
    int family = address->generic.sa_family;
    socklen_t length = family == AF_INET ? sizeof address->ipv4 : sizeof address->ipv6;
    char name[NAME_SIZE];

    format_address(address, name);
    int listener = socket(family, SOCK_STREAM, 0); /* 0: the usual protocol of a stream, TCP */
    if (listener == -1)
        die("socket", name);
    /* Lets bind() pass while ss still shows a connection of the run before on this port, provided
     * that run had set it too. */
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt", name);
    if (bind(listener, &address->generic, length) == -1)
        die("bind", name);
    if (listen(listener, BACKLOG) == -1)
        die("listen", name);
    printf("listening on %s (fd %d)\n", name, listener);
    return listener;
}

/* Returns a new socket for the oldest connection in the queue; sleeps while there is none. What
 * stops accept() passes (a full descriptor table, say): it is reported once, then tried again. */
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
        nanosleep(&delay, NULL); /* a loop without it would spin */
        client = accept(listener, &address.generic, &length);
    }
    format_address(&address, name);
    printf("client %s connected (fd %d)\n", name, client);
    return client;
}

/* Sends all of the data; -1 (errno) when the connection is lost. A send() that is interrupted while
 * it waits for room returns what it has sent by then: the rest takes another one. */
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
           received == 0 ? "closed" : strerror(errno), echoed);
    if (close(client) == -1)
        perror("close");
}

static void *client_thread(void *client)
{
    serve_client((int)(intptr_t)client);
    return NULL;
}

/* Serves the client in a thread of its own. The thread gets the number of the descriptor, not the
 * address of a variable: the next accept() would overwrite that before the thread has read it. */
static void start_thread(int client)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, client_thread, (void *)(intptr_t)client);
    if (error != 0) { /* the error is returned, errno is not set */
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
        close(client);
        return;
    }
    pthread_detach(thread); /* nobody joins it: its stack is freed when it ends */
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* a line shows at once, in a log file too */
    if (argc > 3)
        usage("one argument too many", argv[3]);
    /* A send() to a client that has gone is to fail with EPIPE, not to kill the server. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal", "SIGPIPE");

    const char *port_text = argc > 1 ? argv[1] : "8884";
    const char *address_text = argc > 2 ? argv[2] : "0.0.0.0"; /* INADDR_ANY: every IPv4 address */
    union address address = parse_address(port_text, address_text);
    int listener = open_listener(&address);
    for (;;)
        start_thread(accept_client(listener));
}
