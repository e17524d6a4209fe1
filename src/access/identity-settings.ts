import { resolve } from 'node:path';
import { z } from 'zod';
import { algorithms, isSymmetric, type Algorithm } from './algorithms.js';
import { isLoopbackHost } from './loopback.js';
import { parseRolePermissions, type RolePermissions } from './roles.js';

/** How clients prove who they are. Without a URL and a file of keys they need not. */
export interface IdentitySettings {
  readonly jwtJwksUrl: string | null;
  /** An absolute path. */
  readonly jwtKeyFile: string | null;
  readonly jwtIssuer: readonly string[];
  readonly jwtAudience: readonly string[];
  readonly jwtAlgorithms: readonly Algorithm[];
  readonly jwtClockToleranceMs: number;
  readonly jwtRolesClaim: string;
  readonly jwtRolePermissions: RolePermissions;
}

const listOf = (text: string): string[] => text.split(',').map((part) => part.trim());

const list = z
  .string()
  .transform(listOf)
  .refine((parts) => parts.every((part) => part !== ''), {
    error: 'give one, or several with commas between them',
  })
  .default([]);

/** Of the settings in the environment, those about identity; `wholeNumber` as in all of them. */
export const identityShape = (cwd: string, toleranceMs: z.ZodType<number, string | undefined>) => ({
  JWT_JWKS_URL: z
    .string()
    .refine(isKeyUrl, { error: 'give an https URL without a password in it (http is for this machine only)' })
    .nullable()
    .default(null),
  JWT_KEY_FILE: z
    .string()
    .transform((path) => resolve(cwd, path))
    .nullable()
    .default(null),
  JWT_ISSUER: list,
  JWT_AUDIENCE: list,
  // What the large providers sign with, none of it with a shared secret.
  JWT_ALGORITHMS: z
    .string()
    .transform(listOf)
    .pipe(z.array(z.enum(algorithms, { error: `give some of ${algorithms.join(', ')}` })))
    .default(['RS256', 'ES256', 'EdDSA']),
  // Clocks that are set by NTP differ by far less; a token is good for minutes.
  JWT_CLOCK_TOLERANCE_MS: toleranceMs,
  JWT_ROLES_CLAIM: z.string().default('roles'),
  JWT_ROLE_PERMISSIONS: z
    .string()
    .transform((text, context) => {
      const parsed = parseRolePermissions(text);
      if ('map' in parsed) return parsed.map;
      for (const problem of parsed.problems) context.addIssue({ code: 'custom', message: problem });
      return z.NEVER;
    })
    .default(new Map()),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with settings about identity that are each right; `given` has those that are set. */
export function identityContradictions(given: Environment): readonly string[] {
  const { JWT_JWKS_URL: url, JWT_KEY_FILE: file } = given;
  const others = Object.keys(given).filter(
    (name) => name.startsWith('JWT_') && name !== 'JWT_JWKS_URL' && name !== 'JWT_KEY_FILE',
  );
  if (url === undefined && file === undefined) {
    return others.map(
      (name) => `${name} is set, but no key to check tokens with: set JWT_JWKS_URL or JWT_KEY_FILE, too`,
    );
  }
  const problems = Object.entries(needed)
    .filter(([name]) => given[name] === undefined)
    .map(([name, reason]) => `${name}: it must be set where tokens are checked, ${reason}`);
  if (url !== undefined && file !== undefined)
    problems.push('JWT_JWKS_URL and JWT_KEY_FILE are both set: keys come from one place');
  if (given['DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY'] !== undefined) {
    problems.push(
      'DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY is set, and so is where the keys of tokens are: unset one of them',
    );
  }
  const secret = listOf(given['JWT_ALGORITHMS'] ?? '').filter((name) =>
    algorithms.some((known) => known === name && isSymmetric(known)),
  );
  if (url !== undefined && secret.length > 0) {
    problems.push(
      `JWT_ALGORITHMS has ${secret.join(', ')}, which needs a secret: what is at JWT_JWKS_URL is public`,
    );
  }
  return problems;
}

const needed: Readonly<Record<string, string>> = {
  JWT_ISSUER: "else another's tokens would do",
  JWT_AUDIENCE: 'else tokens for any other service would do',
  JWT_ROLE_PERMISSIONS: 'else nobody may do anything: such as hr=employees:read,salaries:read',
};

/** Whoever can change what is read there lets in anybody: so it is encrypted, or never leaves this machine. */
function isKeyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}
