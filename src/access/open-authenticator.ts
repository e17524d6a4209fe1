import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.js';
import { ConfigError } from '../operator-error.js';
import type { Algorithm } from './algorithms.js';
import type { Authenticator } from './identity.js';
import type { IdentitySettings } from './identity-settings.js';
import type { AccessLog } from './log.js';
import { RemoteKeys } from './remote-keys.js';
import { parseStaticKeys, UnusableKeyError } from './static-keys.js';
import { createTokenAuthenticator } from './token-authenticator.js';
import type { TokenKeys } from './token-keys.js';

interface Surroundings {
  readonly clock: Clock;
  readonly log: AccessLog;
}

interface Checked {
  readonly keys: TokenKeys;
  readonly algorithms: readonly Algorithm[];
}

/**
 * Knows clients as the settings say; null when they need not prove who they are. Keys at a URL are fetched from now on:
 * nobody waits for them before the first token comes.
 * Rejects with ConfigError when the file of keys is of no use.
 */
export async function openAuthenticator(
  settings: IdentitySettings,
  { clock, log }: Surroundings,
): Promise<Authenticator | null> {
  const { jwtJwksUrl, jwtKeyFile, jwtAlgorithms } = settings;
  if (jwtJwksUrl !== null) {
    const keys = new RemoteKeys({ url: new URL(jwtJwksUrl), clock, log });
    keys.keepFresh();
    return assemble(settings, { keys, algorithms: jwtAlgorithms }, clock);
  }
  if (jwtKeyFile === null) return null;
  return assemble(settings, await readKeyFile(jwtKeyFile, jwtAlgorithms), clock);
}

function assemble(settings: IdentitySettings, { keys, algorithms }: Checked, clock: Clock): Authenticator {
  return createTokenAuthenticator({
    keys,
    rules: {
      issuers: settings.jwtIssuer,
      audiences: settings.jwtAudience,
      algorithms,
      clockToleranceMs: settings.jwtClockToleranceMs,
    },
    rolesClaim: settings.jwtRolesClaim,
    rolePermissions: settings.jwtRolePermissions,
    clock,
  });
}

/**
 * The keys in a file, and those of the accepted algorithms that they are for.
 * Rejects with ConfigError when it is of no use.
 */
export async function readKeyFile(path: string, accepted: readonly Algorithm[]): Promise<Checked> {
  const { keys, algorithms: fitting } = await parseKeyFile(path);
  const algorithms = accepted.filter((algorithm) => fitting.has(algorithm));
  if (algorithms.length > 0) return { keys, algorithms };
  const known = [...fitting].join(', ') || 'none that is known here';
  throw new ConfigError('The settings contradict each other', [
    `JWT_ALGORITHMS is ${accepted.join(',')}, but the key in ${path} is for ${known}`,
  ]);
}

async function parseKeyFile(path: string) {
  try {
    return parseStaticKeys(await readFile(path, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    const reason =
      error instanceof UnusableKeyError ? error.message : `it cannot be read (${code ?? String(error)})`;
    throw new ConfigError(`JWT_KEY_FILE ${path} is of no use`, [reason], { cause: error });
  }
}
