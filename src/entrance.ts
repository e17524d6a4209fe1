import { isLoopbackHost } from './access/loopback.js';
import { usersWithShippedPassword } from './cluster-config/shipped-logins.js';
import type { Configuration } from './configuration.js';
import { pageNames, type PageName } from './http/page-names.js';
import { OperatorError } from './operator-error.js';
import type { Settings } from './settings.js';

/**
 * Who can reach a gateway, and has to say who he is.
 *
 * | kind       | meaning                                                             |
 * | ---------- | ------------------------------------------------------------------- |
 * | `guarded`  | whoever comes needs a token                                         |
 * | `local`    | nobody needs one; only this machine can come                        |
 * | `open`     | nobody needs one, anybody can come; the operator has said so        |
 * | `careless` | nobody needs one, anybody can come; nobody has said that it be so   |
 */
export type EntranceKind = 'guarded' | 'local' | 'open' | 'careless';

export function entranceOf(settings: Settings): EntranceKind {
  if (settings.jwtJwksUrl !== null || settings.jwtKeyFile !== null) return 'guarded';
  if (settings.dangerouslyServeEverybodyWithoutIdentity !== null) return 'open';
  return isLoopbackHost(settings.host) ? 'local' : 'careless';
}

/** What is shown beside the API: to people who sit at this machine all of it, to others what the settings say. */
export function exposureOf(settings: Settings): {
  readonly introspection: boolean;
  readonly pages: readonly PageName[];
} {
  const isLocal = entranceOf(settings) === 'local';
  const { introspection, pages } = settings;
  return {
    introspection: introspection === null ? isLocal : introspection === 'on',
    pages: pages ?? (isLocal ? pageNames : []),
  };
}

// A page of a front end asks for some twenty things at once; somebody who goes on at this rate for long is a program.
const defaultRateLimit = 100;

/** How many operations a second one subject may send; 0 for any number. */
export function rateLimitOf(settings: Settings): number {
  return settings.rateLimit ?? (entranceOf(settings) === 'local' ? 0 : defaultRateLimit);
}

// A person has some tabs open, a program some connections. Without tokens, those behind one proxy share its address.
const defaultMaxConnections = 100;

/** How many WebSockets and event streams one subject may have open; 0 for any number. */
export function maxConnectionsOf(settings: Settings): number {
  return settings.maxConnectionsPerSubject ?? (entranceOf(settings) === 'local' ? 0 : defaultMaxConnections);
}

/**
 * Looks at who would be let in, before anything is started.
 * @returns what the operator must be told at every start
 * @throws OperatorError when it would be strangers
 */
export function checkEntrance({ settings, cluster, login }: Configuration): readonly string[] {
  const { host } = settings;
  const kind = entranceOf(settings);
  const shipped = isLoopbackHost(host) ? [] : usersWithShippedPassword(cluster, login);
  const problems = [
    ...(kind === 'careless' ? [nobodyAsked] : []),
    ...(shipped.length > 0 ? [shippedPasswords(shipped, cluster.path)] : []),
  ];
  if (problems.length > 0) throw new OperatorError(`This gateway does not listen on ${host}`, problems);
  return kind === 'open' ? [everybodyIsServed(host)] : [];
}

const nobodyAsked =
  'it would serve everybody who can reach it: set JWT_JWKS_URL or JWT_KEY_FILE, so that clients prove who they are (docs/security.md), or HOST to 127.0.0.1';

const shippedPasswords = (users: readonly string[], path: string): string =>
  `${users.join(', ')} in ${path} ${users.length === 1 ? 'has the password' : 'have the passwords'} that everybody knows: give them others (docs/operations.md), or set HOST to 127.0.0.1`;

const everybodyIsServed = (host: string): string =>
  `DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY is set: whoever reaches ${host} may read salaries, change employees and move leadership`;
