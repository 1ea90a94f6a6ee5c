/*
 * Addresses for the programs of this folder. Each defines usage(), which reports an argument that
 * cannot be used and exits with status 2. The steps do not share: all of a step is in its one file.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

/* An IPv4 or an IPv6 address with its port; generic.sa_family says which of the two. */
union address {
    struct sockaddr generic; /* what bind() and connect() are declared with */
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static void usage(const char *problem, const char *argument);

/* Fills in by hand the address to listen on or to connect to. */
static union address parse_address(const char *port_text, const char *address_text)
{
    union address address = {.ipv6 = {0}}; /* the largest member: all of it is zero */
    char *end;
    long port = strtol(port_text, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535)
        usage("not a port from 1 to 65535", port_text);
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

#endif
