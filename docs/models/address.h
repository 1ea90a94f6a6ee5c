/*
 * What all models share with step 4, in its words: addresses, the listener, reporting. Only the steps
 * share nothing: all of a step is in its one file.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BACKLOG = 128, BUFFER_SIZE = 16 * 1024 };

/* Reports the call that failed and why (errno), and exits with status 1. */
static inline void die(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

/* Reports an argument that cannot be used, and exits with status 2. */
static inline void usage(const char *problem, const char *argument)
{
    fprintf(stderr, "%s: '%s'\nusage: server [PORT [ADDRESS]]\n", problem, argument);
    exit(2);
}

/* Turns the arguments, a port and an address as text, into what bind() takes. */
static inline struct sockaddr_in parse_arguments(int argc, char *argv[], const char *default_port)
{
    char *end;
    long port = strtol(argc > 1 ? argv[1] : default_port, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535)
        usage("not a port from 1 to 65535", argv[1]);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((in_port_t)port);   /* in network byte order: the high byte first */
    address.sin_addr.s_addr = htonl(INADDR_ANY); /* 0.0.0.0: every address of this machine */
    if (argc > 2 && inet_pton(AF_INET, argv[2], &address.sin_addr) != 1)
        usage("not an IPv4 address", argv[2]);
    if (argc > 3)
        usage("one argument too many", argv[3]);
    return address;
}

/* Returns a listening socket: from now on the kernel makes connections and queues them. */
static inline int open_listener(const struct sockaddr_in *address)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0); /* 0: the usual protocol of a stream, TCP */
    if (listener == -1)
        die("socket");
    /* Lets bind() succeed over a TIME-WAIT of the last run, if that run had set the option too. */
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt");
    if (bind(listener, (const struct sockaddr *)address, sizeof *address) == -1)
        die("bind");
    if (listen(listener, BACKLOG) == -1) /* BACKLOG: how many may wait for accept() */
        die("listen");
    printf("listening on %s:%d (fd %d)\n", inet_ntoa(address->sin_addr), ntohs(address->sin_port),
           listener);
    return listener;
}

/* How each main() begins: returns the listener that the arguments ask for. */
static inline int start_listening(int argc, char *argv[], const char *default_port)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is written at once, to a log file too */
    /* Makes send() to a client that is gone fail with EPIPE instead of killing the server. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");
    struct sockaddr_in address = parse_arguments(argc, argv, default_port);
    return open_listener(&address);
}

#endif
