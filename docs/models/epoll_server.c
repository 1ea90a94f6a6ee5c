/*
 * epoll: one thread for all clients. The kernel keeps the list of who is waited for, and reports
 * only those who are ready (level-triggered: again and again, as long as they are).
 * Cannot: use a second core, or run anywhere but on Linux.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <sys/epoll.h>

#include "event_loop.h"

static const char default_port[] = "8888";
enum { DESCRIPTORS = 1 << 20 }; /* room for as many clients as the kernel usually allows */
enum { EVENTS = 256 };          /* descriptors that one epoll_wait() reports at most */

/* Tells epoll what to report of a descriptor. Only adding one can fail: for want of memory,
 * or because fs.epoll.max_user_watches are there (ENOSPC). */
static int watch(int epoll, int operation, int descriptor, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int main(int argc, char *argv[])
{
    int listener = open_nonblocking_listener(argc, argv, default_port);
    int epoll = epoll_create1(0);
    if (epoll == -1 || watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN) == -1)
        die("epoll");
    static struct client clients[DESCRIPTORS];
    bool failing = false; /* accept() */
    for (;;) {
        struct epoll_event events[EVENTS];
        bool listener_ready = failing;
        int ready = epoll_wait(epoll, events, EVENTS, failing ? RETRY : -1);
        if (ready == -1 && errno != EINTR) /* EINTR: the server was stopped and continued */
            die("epoll_wait");
        for (int i = 0; i < ready; i++) {
            int client = events[i].data.fd;
            struct client *state = &clients[client];
            bool blocked = state->unsent > 0;
            if (client == listener)
                listener_ready = true;
            else if (serve_client(client, state) && blocked != (state->unsent > 0))
                watch(epoll, EPOLL_CTL_MOD, client, blocked ? EPOLLIN : EPOLLOUT);
        }
        bool failed_before = failing;
        int client;
        while (listener_ready && (client = accept_client(listener, DESCRIPTORS, &failing)) != -1)
            if (watch(epoll, EPOLL_CTL_ADD, client, EPOLLIN) == -1) {
                perror("epoll_ctl");
                close(client);
            }
        if (failing != failed_before) /* the listener stays ready: it would keep a core busy */
            watch(epoll, EPOLL_CTL_MOD, listener, failing ? 0 : EPOLLIN);
    }
}
