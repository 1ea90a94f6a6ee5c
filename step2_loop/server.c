/*
 * Step 2, loop: echoes everything that one client sends.
 * Adds: the loop around recv and send, send_all, SO_REUSEADDR.
 * Cannot: notice that its client has left. It never closes (CLOSE-WAIT) and keeps a core busy.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char default_port[] = "8882";
enum { BACKLOG = 128 };           /* connections that may wait for accept() */
enum { BUFFER_SIZE = 16 * 1024 }; /* bytes that one recv() takes at most */
enum { NAME_SIZE = 80 };          /* room for an address as text */

/* An IPv4 or an IPv6 address with its port; generic.sa_family says which of the two. */
union address {
    struct sockaddr generic; /* what bind() and accept() are declared with */
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

/* Addresses and reporting; they stand at the end of this file. */
static union address parse_address(const char *port_text, const char *address_text);
static void format_address(const union address *address, socklen_t length, char name[NAME_SIZE]);
static void usage(const char *problem, const char *argument);
static void die(const char *call, const char *about);

/* ---------------------------------------------------------------- the server */

/* Returns a listening socket: from now on the kernel makes connections and queues them. */
static int open_listener(const union address *address)
{
    int family = address->generic.sa_family;
    socklen_t length = family == AF_INET ? sizeof address->ipv4 : sizeof address->ipv6;
    char name[NAME_SIZE];

    format_address(address, length, name);
    int listener = socket(family, SOCK_STREAM, 0); /* 0: the usual protocol of a stream, TCP */
    if (listener == -1)
        die("socket", name);
    /* Lets bind() succeed while ss still shows a connection of the run before on this port, if that
     * run had set the option too. */
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

/* Returns a new socket for the oldest connection in the queue; sleeps while the queue is empty. */
static int accept_client(int listener)
{
    union address address;
    socklen_t length = sizeof address;
    char name[NAME_SIZE];
    int client = accept(listener, &address.generic, &length);
    if (client == -1)
        die("accept", "client");
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

/* Echoes for ever. The flaw of this step: when the client has left, recv() returns 0, at once and
 * every time. The loop does not look, so it spins and never reaches close() (CLOSE-WAIT in ss). */
static void serve_client(int client)
{
    char buffer[BUFFER_SIZE];
    for (;;) {
        ssize_t received = recv(client, buffer, sizeof buffer, 0);
        if (received == -1)
            die("recv", "client");
        if (send_all(client, buffer, (size_t)received) == -1)
            die("send", "client");
    }
    if (close(client) == -1)
        die("close", "client");
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is written at once, to a log file too */
    if (argc > 3)
        usage("one argument too many", argv[3]);

    const char *port_text = argc > 1 ? argv[1] : default_port;
    const char *address_text = argc > 2 ? argv[2] : "0.0.0.0"; /* INADDR_ANY: every IPv4 address */
    union address address = parse_address(port_text, address_text);
    int listener = open_listener(&address);
    serve_client(accept_client(listener));
    return EXIT_SUCCESS; /* the kernel closes the listener with the process */
}

/* --------------------------------------------------- addresses and reporting */

/* Fills in by hand the address to listen on. */
static union address parse_address(const char *port_text, const char *address_text)
{
    union address address = {.ipv6 = {0}}; /* the largest member: all of it is zero */
    char *end;
    long port = strtol(port_text, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535)
        usage("not a port from 1 to 65535", port_text);
    /* In a packet the most significant byte comes first (network byte order), hence htons(). */
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
static void format_address(const union address *address, socklen_t length, char name[NAME_SIZE])
{
    char host[64] = "?", port[8] = "?"; /* what is printed should getnameinfo() fail */
    getnameinfo(&address->generic, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(name, NAME_SIZE, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

/* Reports an argument that cannot be used, and exits with status 2. */
static void usage(const char *problem, const char *argument)
{
    fprintf(stderr, "%s: '%s'\nusage: server [PORT [ADDRESS]]\n", problem, argument);
    exit(2);
}

/* Reports a call that failed, what it was about and why (errno), and exits with status 1. */
static void die(const char *call, const char *about)
{
    fprintf(stderr, "%s %s: %s\n", call, about, strerror(errno));
    exit(EXIT_FAILURE);
}
