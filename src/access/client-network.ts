/** As an address that reached a socket for both families. */
const mappedPrefix = '::ffff:';

/**
 * Whom an address stands for, as far as anybody can tell: an IPv4 address for itself, an IPv6 address for its network of 64
 * bits, since that is what one customer of a provider has, to choose addresses from as he likes.
 */
export function clientNetworkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith(mappedPrefix) && address.includes('.')) return address.slice(mappedPrefix.length);
  return `${groupsOf(address).slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const first = split(head);
  if (tail === undefined) return first;
  const last = split(tail);
  const gap = Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array.from({ length: gap }, () => '0'), ...last];
}

const split = (groups: string): readonly string[] =>
  groups === '' ? [] : groups.split(':').map((group) => group.replace(/^0+(?=.)/, '').toLowerCase());
