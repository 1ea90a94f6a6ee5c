/*
 * poll: one thread for all clients, as with select(), and descriptors of any number.
 * Cannot: wait for many without handing all of them to the kernel each time, ready or not.
 */
#define _POSIX_C_SOURCE 200809L

#include <poll.h>

#include "event_loop.h"

static const char default_port[] = "8887";
enum { DESCRIPTORS = 1 << 20 }; /* room for as many clients as the kernel usually allows */

int main(int argc, char *argv[])
{
    int listener = open_nonblocking_listener(argc, argv, default_port);
    static struct client clients[DESCRIPTORS];
    static struct pollfd watched[DESCRIPTORS]; /* by descriptor, like the clients */
    watched[listener].fd = listener;
    int highest = listener;
    bool failing = false; /* accept() */
    for (;;) {
        watched[listener].events = failing ? 0 : POLLIN; /* it stays ready: a core would be busy */
        nfds_t count = (nfds_t)(highest - listener + 1);
        if (poll(watched + listener, count, failing ? RETRY : -1) == -1)
            die("poll");
        for (int client = listener + 1; client <= highest; client++) {
            if (watched[client].revents == 0)
                continue;
            if (!serve_client(client, &clients[client]))
                watched[client].fd = -1; /* poll() passes over it */
            watched[client].events = clients[client].unsent == 0 ? POLLIN : POLLOUT;
        }
        bool listener_ready = failing || watched[listener].revents != 0;
        int client;
        while (listener_ready && (client = accept_client(listener, DESCRIPTORS, &failing)) != -1) {
            while (highest < client)
                watched[++highest].fd = -1;
            watched[client] = (struct pollfd){.fd = client, .events = POLLIN};
        }
    }
}
