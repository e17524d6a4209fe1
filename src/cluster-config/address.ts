/** Where a node listens or can be reached. `host` is bare: an IPv6 address has no brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for the addresses that mean "every interface of this machine": one can listen there, but not connect. */
export function isWildcard({ host }: Address): boolean {
  return host === '0.0.0.0' || host === '::' || host === '*';
}

const grammar =
  /^(?:(?<login>[^@/]*)@)?(?:(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]@/?#\s]+)):)?(?<port>\d+)(?:\?.*)?$/;

/**
 * Reads a URI as Tarantool writes them: `127.0.0.1:3301`, `[::1]:3301`, `name.example.org:3301`, `*:3301`, `3301`.
 * @returns the address, or in words why it cannot be used
 */
export function parseAddress(uri: string): Address | string {
  if (uri.startsWith('/') || uri.startsWith('./') || uri.startsWith('unix/')) {
    return 'a unix socket cannot be reached from another machine: give host:port';
  }
  const parts = grammar.exec(uri)?.groups;
  if (parts === undefined) return 'it is not host:port';
  // A login may carry a password, so this message shows neither.
  if (parts['login'] !== undefined) return 'a login does not belong into an address: give host:port alone';
  const port = Number(parts['port']);
  if (port < 1 || port > 65_535) return 'its port must be from 1 to 65535';
  return { host: parts['ipv6'] ?? parts['host'] ?? '*', port };
}
