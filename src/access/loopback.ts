const loopbackAddress = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;

/** Whether an address, as a socket tells it, is one of this machine that no other can reach. */
export function isLoopbackAddress(address: string): boolean {
  return loopbackAddress.test(address);
}

/** Whether a host, as in a URL or a setting, is such an address or the name for them. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare.toLowerCase() === 'localhost' || isLoopbackAddress(bare);
}

/** The authority that was asked about last: a gateway is asked for by one name, in every request. */
let last = { authority: '', isLoopback: false };

/** The same for the header `Host`, which may name a port. */
export function isLoopbackAuthority(authority: string): boolean {
  if (authority !== last.authority) {
    last = { authority, isLoopback: isLoopbackHost(authority.replace(/:\d+$/, '')) };
  }
  return last.isLoopback;
}
