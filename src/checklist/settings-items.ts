import { isSymmetric } from '../access/algorithms.js';
import { permissions } from '../access/identity.js';
import { isLoopbackHost } from '../access/loopback.js';
import { usersWithShippedPassword } from '../cluster-config/shipped-logins.js';
import { type EntranceKind, entranceOf, exposureOf, maxConnectionsOf, rateLimitOf } from '../entrance.js';
import type { Settings } from '../settings.js';
import type { Facts } from './facts.js';
import { type Finding, type Item, ok, problem, warning } from './finding.js';

/** The checklist of docs/security.md, in its order. A problem is what strangers can make use of. */
export const settingsItems: Readonly<Record<string, Item<Facts>>> = {
  clients: {
    rule: 'Clients prove who they are, or only this machine is served.',
    look: ({ settings }) => {
      const { host } = settings;
      const mend = 'set JWT_JWKS_URL or JWT_KEY_FILE, or HOST to 127.0.0.1';
      const found: Readonly<Record<EntranceKind, Finding>> = {
        guarded: ok('clients need a token'),
        local: ok(`nobody needs a token, and ${host} is this machine only`),
        open: problem(
          `DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY lets everybody in who reaches ${host}`,
          `unset it, and ${mend}`,
        ),
        careless: problem(`whoever reaches ${host} would be let in, so it does not start`, mend),
      };
      return found[entranceOf(settings)];
    },
  },
  passwords: {
    rule: 'No user has a shipped password where another machine can reach the gateway or a node.',
    look: ({ settings, cluster, login }) => {
      const shipped = usersWithShippedPassword(cluster, login);
      if (shipped.length === 0) return ok('no user that is known here has a shipped password');
      const who = `shipped password of ${shipped.join(', ')}`;
      const mend = 'give them others (docs/operations.md)';
      const hosts = [
        settings.host,
        ...cluster.nodes.flatMap(({ host, listen }) => [host, ...listen.map((bound) => bound.host)]),
      ];
      const reached = hosts.find((host) => !isLoopbackHost(host));
      return reached === undefined
        ? warning(
            `${who}, which nobody else can use while all listen on this machine only`,
            `${mend} before that changes`,
          )
        : problem(`${who}, and ${reached} can be reached from elsewhere`, mend);
    },
  },
  user: {
    rule: 'The gateway logs in to the nodes as a user that may call its functions and nothing else.',
    look: ({ login }) =>
      ['admin', 'replicator', 'guest'].includes(login.user)
        ? problem(`it logs in as ${login.user}, who may do more`, 'set TARANTOOL_USER to gateway')
        : ok(`it logs in as ${login.user}`),
  },
  'password-source': {
    rule: 'The password comes from a file, for an environment can be read in `/proc` and is passed on to children.',
    look: ({ settings }) =>
      settings.tarantoolPassword === null
        ? ok(`the password is in ${settings.tarantoolPasswordFile ?? settings.clusterConfig}`)
        : warning(
            'TARANTOOL_PASSWORD is in the environment',
            'name a file by TARANTOOL_PASSWORD_FILE in its place',
          ),
  },
  files: {
    rule: 'Files with secrets are not readable by every user of the machine, and no file that the gateway trusts is writable by them.',
    look: ({ files }) => {
      const open = files.flatMap(({ setting, path, isSecret, mode }) => {
        if ((mode & 0o002) !== 0)
          return [problem(`${setting} ${path} can be written by every user`, 'chmod o-w')];
        return isSecret && (mode & 0o004) !== 0
          ? [problem(`${setting} ${path} can be read by every user`, 'chmod o-r')]
          : [];
      });
      return open.length === 0 ? ok(`looked at ${files.map(({ setting }) => setting).join(', ')}`) : open;
    },
  },
  introspection: {
    rule: 'The schema is not told to strangers.',
    look: ({ settings }) => {
      if (!exposureOf(settings).introspection) return ok('introspection is off');
      return entranceOf(settings) === 'local'
        ? ok('introspection is on, for this machine only')
        : warning('introspection is on for whoever comes', 'unset INTROSPECTION, unless it is meant so');
    },
  },
  pages: {
    rule: 'The pages are not served to strangers.',
    look: ({ settings }) => {
      const { pages } = exposureOf(settings);
      if (pages.length === 0) return ok('pages are off');
      return entranceOf(settings) === 'local'
        ? ok(`${pages.join(', ')}: for this machine only`)
        : warning(`served to whoever comes are ${pages.join(', ')}`, 'unset PAGES, unless it is meant so');
    },
  },
  origins: {
    rule: 'Pages of other origins that may use the API are named, and come by https.',
    look: ({ settings: { corsOrigins } }) => {
      // Settings with * in place of an origin cannot be read at all.
      const plain = corsOrigins.map((origin) => new URL(origin)).filter(isPlain);
      if (plain.length > 0) {
        const names = plain.map(({ origin }) => origin).join(', ');
        return problem(`who is between can change pages of ${names}`, 'let CORS_ORIGINS have https');
      }
      return ok(corsOrigins.length === 0 ? 'pages of no other origin' : corsOrigins.join(', '));
    },
  },
  'key-url': {
    rule: 'The keys of tokens are fetched by https, or never leave this machine.',
    look: ({ settings: { jwtJwksUrl, jwtKeyFile } }) => {
      if (jwtJwksUrl === null)
        return ok(jwtKeyFile === null ? 'there are no tokens' : `keys are in ${jwtKeyFile}`);
      return isPlain(new URL(jwtJwksUrl))
        ? problem(`who is between here and ${jwtJwksUrl} can let anybody in`, 'let JWT_JWKS_URL have https')
        : ok(jwtJwksUrl);
    },
  },
  algorithms: {
    rule: 'Who can check a token cannot make one: signatures are asymmetric.',
    look: ({ algorithms }) => {
      if (algorithms.length === 0) return ok('there are no tokens');
      const symmetric = algorithms.filter(isSymmetric);
      return symmetric.length === 0
        ? ok(algorithms.join(', '))
        : warning(
            `whoever has the secret of JWT_KEY_FILE can make tokens, by ${symmetric.join(', ')}`,
            'take a key pair, and ES256 for instance',
          );
    },
  },
  roles: {
    rule: 'Roles get what their holders need: none both reads salaries and steers the cluster.',
    look: ({ settings: { jwtRolePermissions } }) => {
      if (jwtRolePermissions.size === 0) return ok('there are no roles');
      const holders = permissions.map((permission) => {
        const roles = [...jwtRolePermissions]
          .filter(([, may]) => may.includes(permission))
          .map(([role]) => role);
        return `${permission} for ${roles.join(', ') || 'nobody'}`;
      });
      const mighty = [...jwtRolePermissions]
        .filter(([, may]) => may.includes('salaries:read') && may.includes('cluster:steer'))
        .map(([role]) => role);
      const who = holders.join('; ');
      return mighty.length === 0
        ? ok(who)
        : warning(
            `${mighty.join(', ')} may read salaries and steer the cluster (${who})`,
            'make two roles of it in JWT_ROLE_PERMISSIONS',
          );
    },
  },
  documents: {
    rule: 'Where documents are trusted, no others are run.',
    look: ({ trustedManifest, settings: { trustedDocumentsManifest } }) => {
      if (trustedManifest === null) return ok('any document within the limits is run');
      const known = `${trustedManifest.texts.size} of ${trustedDocumentsManifest}`;
      return trustedManifest.mode === 'enforce'
        ? ok(`${known}, and no others`)
        : warning(
            `${known}, and others, of which the log tells`,
            'set TRUSTED_DOCUMENTS to enforce once it tells of none',
          );
    },
  },
  rate: {
    rule: 'The operations of one subject are limited where others can come.',
    look: ({ settings }) => {
      const rate = rateLimitOf(settings);
      if (rate > mostPerSecond) {
        return warning(
          `${rate} operations a second of one subject can keep a gateway busy`,
          'lower RATE_LIMIT',
        );
      }
      if (rate > 0) return ok(`${rate} operations a second of one subject`);
      return entranceOf(settings) === 'local'
        ? ok('no limit, for this machine only')
        : problem(
            'one subject can keep the gateway busy for all others',
            'unset RATE_LIMIT, or give more than 0',
          );
    },
  },
  connections: {
    rule: 'The WebSockets and event streams of one subject are limited where others can come.',
    look: ({ settings }) => {
      const max = maxConnectionsOf(settings);
      if (max > mostConnections) {
        return warning(
          `${max} connections of one subject can fill the memory`,
          'lower MAX_CONNECTIONS_PER_SUBJECT',
        );
      }
      if (max > 0) return ok(`${max} of one subject`);
      return entranceOf(settings) === 'local'
        ? ok('no limit, for this machine only')
        : problem(
            'one subject can open so many that no memory is left for others',
            'unset MAX_CONNECTIONS_PER_SUBJECT, or give more than 0',
          );
    },
  },
  limits: {
    rule: 'No limit is so high that a few requests could keep the gateway busy or fill its memory.',
    look: ({ settings }) => {
      const high = bounds(settings).filter(({ value, most }) => value > most);
      return high.length === 0
        ? ok('all within what is usual')
        : high.map(({ setting, value, most }) =>
            warning(`${setting} is ${value}, which is rarely meant`, `lower it to ${most} or less`),
          );
    },
  },
};

// A gateway answers some thousands a second.
const mostPerSecond = 1_000;

// A gateway bears some tens of thousands that listen.
const mostConnections = 10_000;

/** What nobody has needed more of: some times the defaults, for which settings.ts has the reasons. */
const bounds = (settings: Settings) => [
  { setting: 'MAX_DEPTH', value: settings.maxDepth, most: 50 },
  { setting: 'MAX_COST', value: settings.maxCost, most: 200_000 },
  { setting: 'REQUEST_TIMEOUT_MS', value: settings.requestTimeoutMs, most: 60_000 },
  { setting: 'MAX_WAITING_REQUESTS', value: settings.maxWaitingRequests, most: 100_000 },
  { setting: 'MAX_WAITING_BYTES', value: settings.maxWaitingBytes, most: 2 ** 30 },
  { setting: 'JWT_CLOCK_TOLERANCE_MS', value: settings.jwtClockToleranceMs, most: 30_000 },
];

/** Whether what is there travels unencrypted, and to another machine. */
const isPlain = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && !isLoopbackHost(hostname);
