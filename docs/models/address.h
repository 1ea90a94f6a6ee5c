/*
 * Addresses and reporting, as step 4 has them, for the models and the load generator. Only the
 * steps share nothing: all of a step is in its one file.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef USAGE /* a program with other arguments defines its own before it includes this file */
#define USAGE "usage: server [PORT [ADDRESS]]\n"
#endif

enum { BACKLOG = 128 };  /* connections that may wait for accept() */
enum { NAME_SIZE = 80 }; /* room for an address as text */

/* An IPv4 or an IPv6 address with its port; generic.sa_family says which of the two. */
union address {
    struct sockaddr generic; /* what bind(), accept() and connect() are declared with */
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

/* Reports an argument that cannot be used, and exits with status 2. */
static inline void usage(const char *problem, const char *argument)
{
    fprintf(stderr, "%s: '%s'\n%s", problem, argument, USAGE);
    exit(2);
}

/* Reports a call that failed, what it was about and why (errno), and exits with status 1. */
static inline void die(const char *call, const char *about)
{
    fprintf(stderr, "%s %s: %s\n", call, about, strerror(errno));
    exit(EXIT_FAILURE);
}

/* Fills in by hand the address to listen on or to connect to. */
static inline union address parse_address(const char *port_text, const char *address_text)
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
static inline void format_address(const union address *address, socklen_t length,
                                  char name[NAME_SIZE])
{
    char host[64] = "?", port[8] = "?"; /* what is printed should getnameinfo() fail */
    getnameinfo(&address->generic, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(name, NAME_SIZE, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

/* Returns a listening socket: from now on the kernel makes connections and queues them. */
static inline int open_listener(const union address *address)
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

#endif
