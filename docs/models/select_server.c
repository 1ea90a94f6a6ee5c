/*
 * select: one thread for all clients. It sleeps in select() until one of them has sent something,
 * or takes what it has not taken yet.
 * Cannot: serve a client whose descriptor is FD_SETSIZE (1024) or more. It is refused.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/select.h>

#include "event_loop.h"

static const char default_port[] = "8886";

int main(int argc, char *argv[])
{
    int listener = open_nonblocking_listener(argc, argv, default_port);
    static struct client clients[FD_SETSIZE];
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
        struct timeval retry = {.tv_sec = RETRY / 1000};
        if (select(highest + 1, &readable, &writable, NULL, failing ? &retry : NULL) == -1)
            die("select");
        for (int client = listener + 1; client <= highest; client++) {
            if (!FD_ISSET(client, &readable) && !FD_ISSET(client, &writable))
                continue;
            FD_CLR(client, &readers);
            FD_CLR(client, &writers);
            if (serve_client(client, &clients[client]))
                FD_SET(client, clients[client].unsent == 0 ? &readers : &writers);
        }
        bool listener_ready = failing || FD_ISSET(listener, &readable);
        int client; /* a descriptor is a bit of the set: there is room below FD_SETSIZE */
        while (listener_ready && (client = accept_client(listener, FD_SETSIZE, &failing)) != -1) {
            FD_SET(client, &readers);
            highest = client > highest ? client : highest;
        }
    }
}
