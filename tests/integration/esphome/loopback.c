/* Keeps the device on loopback: whatever address it binds, it gets 127.0.0.1 and the port of ESPHOME_PORT.
   Linked with -Wl,--wrap=bind. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int __real_bind(int descriptor, const struct sockaddr *address, socklen_t length);

int __wrap_bind(int descriptor, const struct sockaddr *address, socklen_t length) {
  (void) address;
  (void) length;
  const char *port = getenv("ESPHOME_PORT");
  struct sockaddr_in loopback;
  memset(&loopback, 0, sizeof loopback);
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  loopback.sin_port = htons((unsigned short) (port ? atoi(port) : 0));
  return __real_bind(descriptor, (const struct sockaddr *) &loopback, sizeof loopback);
}
