/*
 * fork: a process per client, in place of step 4's thread.
 * Gains: no client can spoil another's memory, or end another's process.
 * Costs: a process per client, and what each of them knows is not shared.
 */
#define _POSIX_C_SOURCE 200809L

#include <unistd.h>

#include "address.h"

static const char default_port[] = "8885";

/* Returns a new socket for the oldest connection in the queue; sleeps while the queue is empty. When
 * descriptors run out, accept() fails, and goes on failing until a client leaves. */
static int accept_client(int listener)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int client;
    while ((client = accept(listener, (struct sockaddr *)&address, &length)) == -1) {
        perror("accept");
        sleep(1); /* without a pause the loop would keep a core busy and flood the terminal */
    }
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

/* Echoes until the client leaves: recv() returns 0 after its FIN and everything before it, -1 after
 * a reset. Either ends this client only. */
static void serve_client(int client)
{
    char buffer[BUFFER_SIZE];
    ssize_t received;
    while ((received = recv(client, buffer, sizeof buffer, 0)) > 0)
        if (send_all(client, buffer, (size_t)received) == -1)
            break;
    printf("client gone (fd %d): %s\n", client, received == 0 ? "closed" : "reset or lost");
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
    /* Lets a child that ends vanish, instead of staying as a zombie until its parent calls wait(). */
    if (signal(SIGCHLD, SIG_IGN) == SIG_ERR)
        die("signal");
    int listener = start_listening(argc, argv, default_port);
    for (;;)
        start_process(listener, accept_client(listener));
}
