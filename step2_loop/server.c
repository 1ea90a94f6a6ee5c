/*
 * Step 2, loop: echoes everything that one client sends.
 * Adds: the loop around recv and send, send_all, SO_REUSEADDR.
 * Cannot: notice that its client has left. It never closes (CLOSE-WAIT) and keeps a core busy.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char default_port[] = "8882";
enum { BACKLOG = 128, BUFFER_SIZE = 16 * 1024 };

/* Helpers, at the end of this file. */
static struct sockaddr_in parse_arguments(int argc, char *argv[]);
static void die(const char *call);

/* Returns a listening socket: from now on the kernel makes connections and queues them. */
static int open_listener(const struct sockaddr_in *address)
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

/* Returns a new socket for the oldest connection in the queue; sleeps while the queue is empty. */
static int accept_client(int listener)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int client = accept(listener, (struct sockaddr *)&address, &length);
    if (client == -1)
        die("accept");
    printf("client %s:%d connected (fd %d)\n", inet_ntoa(address.sin_addr), ntohs(address.sin_port),
           client);
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
 * every time. The loop goes on, so it spins and never reaches close() (CLOSE-WAIT in ss). */
static void serve_client(int client)
{
    char buffer[BUFFER_SIZE];
    ssize_t received;
    while ((received = recv(client, buffer, sizeof buffer, 0)) != -1)
        if (send_all(client, buffer, (size_t)received) == -1)
            die("send");
    die("recv");
    /* Never reached: only an error ends the loop, and then die() ends the program. Step 3 gets here. */
    if (close(client) == -1)
        die("close");
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is written at once, to a log file too */
    struct sockaddr_in address = parse_arguments(argc, argv);
    int listener = open_listener(&address);
    serve_client(accept_client(listener));
    return EXIT_SUCCESS; /* the kernel closes the listener with the process */
}

/* Reports the call that failed and why (errno), and exits with status 1. */
static void die(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

/* Reports an argument that cannot be used, and exits with status 2. */
static void usage(const char *problem, const char *argument)
{
    fprintf(stderr, "%s: '%s'\nusage: server [PORT [ADDRESS]]\n", problem, argument);
    exit(2);
}

/* Turns the arguments, a port and an address as text, into what bind() takes. */
static struct sockaddr_in parse_arguments(int argc, char *argv[])
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
