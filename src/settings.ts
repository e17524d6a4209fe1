import { join, resolve } from 'node:path';
import { z } from 'zod';
import { identityContradictions, identityShape, type IdentitySettings } from './access/identity-settings.js';
import { type Address, parseAddress } from './cluster-config/address.js';
import { defaultLimits } from './http/limits/limits.js';
import { exposureShape, type ExposureSettings } from './exposure-settings.js';
import { ConfigError } from './operator-error.js';
import { tracesShape, type TracesSettings } from './traces-settings.js';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** All that the environment decides. Paths are absolute. */
export interface Settings extends IdentitySettings, ExposureSettings, TracesSettings {
  /** Null unless somebody has asked for it. */
  readonly dangerouslyServeEverybodyWithoutIdentity: 'yes' | null;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Path of a Tarantool 3 config.yaml. */
  readonly clusterConfig: string;
  readonly tarantoolUser: string;
  /** Null: the one that the cluster configuration has for this user. */
  readonly tarantoolPassword: string | null;
  /** Path of a file with that password; null when there is none. Never together with `tarantoolPassword`. */
  readonly tarantoolPasswordFile: string | null;
  readonly dataDir: string;
  /** The binary: a path, or a name to be looked for on the PATH; null for whichever can be found. */
  readonly tarantool: string | null;
  readonly pollIntervalMs: number;
  /** Processes that serve the port; not of a gateway that is started together with the nodes. */
  readonly workers: number;
  readonly requestTimeoutMs: number;
  readonly maxWaitingRequests: number;
  readonly maxWaitingBytes: number;
  /** How long a gateway that is to stop goes on, saying that it is not ready. */
  readonly stopDelayMs: number;
  /** How long it waits after that for requests in flight. */
  readonly stopTimeoutMs: number;
  readonly maxDepth: number;
  readonly maxCost: number;
  /** Operations a second of one subject; 0 for any number; null for what suits where the gateway listens. */
  readonly rateLimit: number | null;
  /** WebSockets and event streams of one subject; 0 for any number; null for what suits where the gateway listens. */
  readonly maxConnectionsPerSubject: number | null;
  readonly trustedDocuments: 'off' | 'log' | 'enforce';
  /** Path of the documents that may be run, as code generators write them. */
  readonly trustedDocumentsManifest: string | null;
  /** Where Prometheus finds /metrics; null for nowhere. */
  readonly metricsAddress: Address | null;
  readonly logLevel: (typeof logLevels)[number];
  /** A query or a mutation that takes as long has a line in the log; 0 for none. */
  readonly slowOperationMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where relative paths and the files of this package are. */
export interface Places {
  readonly cwd: string;
  readonly packageRoot: string;
}

/** A whole number within bounds; the message says what would be right. */
const wholeNumber = ({ min, max, note = '' }: { min: number; max: number; note?: string }) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `give a whole number from ${min} to ${max}${note}`,
    })
    .transform(Number);

const path = (cwd: string) => z.string().transform((value) => resolve(cwd, value));

const schema = ({ cwd, packageRoot }: Places) =>
  z
    .object({
      // This machine only: without identities, nobody else may be served.
      HOST: z
        .string()
        .regex(/^[^\s/]+$/, { error: 'give a host name or an address, such as 0.0.0.0' })
        .default('127.0.0.1'),
      // What Apollo Server's examples use, so that copied URLs work.
      PORT: wholeNumber({ min: 0, max: 65_535, note: ' (0 takes any free one)' }).default(4000),
      CLUSTER_CONFIG: path(cwd).default(join(packageRoot, 'cluster/instances.enabled/employees/config.yaml')),
      // The least-privileged user of the shipped configuration: it may call our functions and nothing else.
      TARANTOOL_USER: z.string().default('gateway'),
      TARANTOOL_PASSWORD: z.string().nullable().default(null),
      TARANTOOL_PASSWORD_FILE: path(cwd).nullable().default(null),
      DATA_DIR: path(cwd).default(join(packageRoot, '.data')),
      // A name without a slash is looked for on the PATH, as a shell would.
      TARANTOOL: z
        .string()
        .transform((value) => (value.includes('/') ? resolve(cwd, value) : value))
        .nullable()
        .default(null),
      // A frozen node takes a second to replace (election_timeout): a tenth of it is little more, and costs a node 10 small calls a second.
      POLL_INTERVAL_MS: wholeNumber({ min: 10, max: 10_000 }).default(100),
      // Two elections in a row with a split vote take 5 s on the shipped timeouts: twice that.
      REQUEST_TIMEOUT_MS: wholeNumber({ min: 100, max: 600_000 }).default(10_000),
      // An outage of 5 s at 2,000 requests a second; about 10 kB each.
      MAX_WAITING_REQUESTS: wholeNumber({ min: 1, max: 1_000_000 }).default(10_000),
      // The arguments of 10,000 requests are some 3 MB; of 10,000 that are as large as they may be, 1 GB.
      MAX_WAITING_BYTES: wholeNumber({
        min: 131_072,
        max: 2 ** 34,
        note: ', for the largest request must find a place',
      }).default(64 * 2 ** 20),
      // The reasons for these two are where the other limits are.
      MAX_DEPTH: wholeNumber({ min: 1, max: 100 }).default(defaultLimits.depth),
      MAX_COST: wholeNumber({ min: 100, max: 1_000_000_000 }).default(defaultLimits.cost),
      // Whoever is on this machine has other ways to keep it busy; elsewhere nobody may.
      RATE_LIMIT: wholeNumber({ min: 0, max: 1_000_000, note: ' (0 for no limit)' }).nullable().default(null),
      // As for the rate. The reason for the number is in entrance.ts.
      MAX_CONNECTIONS_PER_SUBJECT: wholeNumber({ min: 0, max: 1_000_000, note: ' (0 for no limit)' })
        .nullable()
        .default(null),
      // The pages and whoever explores the API send documents that nobody has listed.
      TRUSTED_DOCUMENTS: z
        .enum(['off', 'log', 'enforce'], { error: 'give off, log or enforce' })
        .default('off'),
      TRUSTED_DOCUMENTS_MANIFEST: path(cwd).nullable().default(null),
      ...identityShape(cwd, wholeNumber({ min: 0, max: 60_000 }).default(5_000)),
      ...exposureShape,
      // Its name is long so that nobody sets it without a thought.
      DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY: z
        .literal('yes', { error: 'give yes, or leave it out' })
        .nullable()
        .default(null),
      // Nothing at a terminal. Behind a balancer, what it takes to hear of it: two of its checks, or some seconds in Kubernetes.
      STOP_DELAY_MS: wholeNumber({ min: 0, max: 60_000 }).default(0),
      // As long as a request may take as shipped.
      STOP_TIMEOUT_MS: wholeNumber({ min: 0, max: 600_000 }).default(10_000),

      // One process uses one core and a little; more than there are cores would only take turns.
      WORKERS: wholeNumber({ min: 1, max: 64 }).default(1),
      // Of its own, so that a firewall may keep clients from it.
      METRICS_ADDRESS: z
        .string()
        .transform((text, context) => {
          const address = parseAddress(text);
          if (typeof address !== 'string' && address.host !== '*') return address;
          context.addIssue({ code: 'custom', message: 'give host:port, such as 127.0.0.1:9464' });
          return z.NEVER;
        })
        .nullable()
        .default(null),
      ...tracesShape,
      // Each change of leadership and each lost node is one line of it; of operations those that failed by no fault of their
      // clients, and slow ones. Those that went well are at `debug`.
      LOG_LEVEL: z.enum(logLevels, { error: `give one of ${logLevels.join(', ')}` }).default('info'),
      // A read takes a millisecond, a failover as shipped less than a second: what takes longer is worth a look.
      SLOW_OPERATION_MS: wholeNumber({ min: 0, max: 600_000, note: ' (0 for none)' }).default(1_000),
    })
    // A request must outlast the poll that finds it a leader. Checked whenever both are numbers, beside whatever else is wrong.
    .refine((value) => value.REQUEST_TIMEOUT_MS > value.POLL_INTERVAL_MS, {
      path: ['REQUEST_TIMEOUT_MS'],
      error: 'it must be greater than POLL_INTERVAL_MS, or a request ends before a new leader can be seen',
      when: ({ issues }) => !issues.some((issue) => durations.has(issue.path?.[0])),
    })
    .refine((value) => value.TARANTOOL_PASSWORD === null || value.TARANTOOL_PASSWORD_FILE === null, {
      path: ['TARANTOOL_PASSWORD_FILE'],
      error: 'it must not be given together with TARANTOOL_PASSWORD: which of the two is meant?',
      when: () => true,
    });

const durations = new Set<unknown>(['REQUEST_TIMEOUT_MS', 'POLL_INTERVAL_MS']);

/**
 * The settings that an environment asks for. An empty variable counts as one that is not set.
 * @throws ConfigError with every problem in it; the value of a password is never part of the message.
 */
export function parseSettings(environment: Environment, places: Places): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema(places).safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => describe(issue, given)),
    ...identityContradictions(given),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError('The settings in the environment cannot be used', problems);
  }
  const value = parsed.data;
  return Object.freeze({
    host: value.HOST,
    port: value.PORT,
    clusterConfig: value.CLUSTER_CONFIG,
    tarantoolUser: value.TARANTOOL_USER,
    tarantoolPassword: value.TARANTOOL_PASSWORD,
    tarantoolPasswordFile: value.TARANTOOL_PASSWORD_FILE,
    dataDir: value.DATA_DIR,
    tarantool: value.TARANTOOL,
    pollIntervalMs: value.POLL_INTERVAL_MS,
    requestTimeoutMs: value.REQUEST_TIMEOUT_MS,
    maxWaitingRequests: value.MAX_WAITING_REQUESTS,
    maxWaitingBytes: value.MAX_WAITING_BYTES,
    maxDepth: value.MAX_DEPTH,
    maxCost: value.MAX_COST,
    rateLimit: value.RATE_LIMIT,
    maxConnectionsPerSubject: value.MAX_CONNECTIONS_PER_SUBJECT,
    trustedDocuments: value.TRUSTED_DOCUMENTS,
    trustedDocumentsManifest: value.TRUSTED_DOCUMENTS_MANIFEST,
    jwtJwksUrl: value.JWT_JWKS_URL,
    jwtKeyFile: value.JWT_KEY_FILE,
    jwtIssuer: value.JWT_ISSUER,
    jwtAudience: value.JWT_AUDIENCE,
    jwtAlgorithms: value.JWT_ALGORITHMS,
    jwtClockToleranceMs: value.JWT_CLOCK_TOLERANCE_MS,
    jwtRolesClaim: value.JWT_ROLES_CLAIM,
    jwtRolePermissions: value.JWT_ROLE_PERMISSIONS,
    corsOrigins: value.CORS_ORIGINS,
    introspection: value.INTROSPECTION,
    pages: value.PAGES,
    dangerouslyServeEverybodyWithoutIdentity: value.DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY,
    stopDelayMs: value.STOP_DELAY_MS,
    stopTimeoutMs: value.STOP_TIMEOUT_MS,
    workers: value.WORKERS,
    metricsAddress: value.METRICS_ADDRESS,
    otelExporterOtlpEndpoint: value.OTEL_EXPORTER_OTLP_ENDPOINT,
    otelExporterOtlpTracesEndpoint: value.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    otelSdkDisabled: value.OTEL_SDK_DISABLED,
    logLevel: value.LOG_LEVEL,
    slowOperationMs: value.SLOW_OPERATION_MS,
  });
}

function describe(issue: z.core.$ZodIssue, given: Environment): string {
  const name = String(issue.path[0]);
  const value = given[name];
  return value === undefined
    ? `${name}: ${issue.message}`
    : `${name} is ${JSON.stringify(withoutPassword(value))}: ${issue.message}`;
}

const withoutPassword = (value: string): string => value.replace(/\/\/[^/@]*@/, '//...@');
