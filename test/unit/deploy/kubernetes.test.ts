import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readClusterConfig } from '../../../src/cluster-config/read.js';
import { entranceOf } from '../../../src/entrance.js';
import { healthPaths } from '../../../src/http/health.js';
import { packageRoot } from '../../../src/package-root.js';
import { parseSettings } from '../../../src/settings.js';
import { deployed, readDeployed, readEnvironment, readYaml, settingNames } from '../../support/deploy.js';

const labels = z.record(z.string(), z.string());
const port = z.union([z.string(), z.number()]);
const probe = z.looseObject({
  httpGet: z.object({ path: z.string(), port }).optional(),
  tcpSocket: z.object({ port }).optional(),
});
const named = z.object({ name: z.string() });
const secretKey = z.object({ name: z.string(), key: z.string() });
const container = z.looseObject({
  image: z.string(),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z.looseObject({ secretKeyRef: secretKey.optional() }).optional(),
    }),
  ),
  envFrom: z.array(z.object({ secretRef: named.optional(), configMapRef: named.optional() })).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  securityContext: z.unknown(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
const spread = z.object({
  maxSkew: z.literal(1),
  topologyKey: z.string(),
  whenUnsatisfiable: z.string(),
  labelSelector: z.object({ matchLabels: labels }),
});
const workload = z.looseObject({
  kind: z.enum(['StatefulSet', 'Deployment']),
  metadata: z.object({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number(),
    serviceName: z.string().optional(),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number() }),
        topologySpreadConstraints: z.array(spread),
        containers: z.tuple([container]),
        volumes: z.array(
          z.looseObject({ name: z.string(), configMap: z.object({ name: z.string() }).optional() }),
        ),
      }),
    }),
    volumeClaimTemplates: z.array(z.looseObject({ metadata: z.object({ name: z.string() }) })).default([]),
  }),
});
const service = z.looseObject({
  metadata: z.object({ name: z.string() }),
  spec: z.looseObject({
    selector: labels,
    ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: port.optional() })),
  }),
});
const budget = z.looseObject({
  spec: z.looseObject({ selector: z.object({ matchLabels: labels }) }),
});
const kustomization = z.looseObject({
  resources: z.array(z.string()),
  configMapGenerator: z.tuple([
    z.object({ name: z.string(), files: z.tuple([z.string()]) }),
    z.object({ name: z.string(), envs: z.tuple([z.string()]) }),
  ]),
  secretGenerator: z.tuple([z.object({ name: z.string(), envs: z.tuple([z.string()]) })]),
  images: z.array(z.looseObject({ name: z.string() })),
});

async function read(file: string) {
  const documents = (await readYaml(`kubernetes/${file}`)).map((each) =>
    z.looseObject({ kind: z.string() }).parse(each),
  );
  const of = (kind: string) => documents.find((document) => document.kind === kind);
  return {
    service: service.parse(of('Service')),
    workload: workload.parse(of('StatefulSet') ?? of('Deployment')),
    budget: budget.parse(of('PodDisruptionBudget')),
  };
}

const { resources, configMapGenerator, secretGenerator, images } = kustomization.parse(
  (await readYaml('kubernetes/kustomization.yaml'))[0],
);
const nodes = await read('nodes.yaml');
const gateway = await read('gateway.yaml');
const dockerfile = await readDeployed('Dockerfile');
const settingsOfGateway = await readEnvironment('kubernetes/gateway.env.example');
const passwords = await readEnvironment('kubernetes/passwords.env.example');

describe.each([
  ['nodes.yaml', nodes],
  ['gateway.yaml', gateway],
])('deploy/kubernetes/%s', (file, { service: door, workload: { spec }, budget: disruption }) => {
  const pod = spec.template.spec;
  const [only] = pod.containers;

  test('is part of the whole, in an image that deploy/Dockerfile makes', () => {
    expect(resources).toContain(file);
    expect(images.map(({ name }) => name)).toContain(only.image);
    expect(dockerfile).toContain(` -t ${only.image} .\n`);
  });

  test('selects its own pods, for the service, the budget, and the spread over hosts', () => {
    const { labels: own } = spec.template.metadata;
    expect(spec.selector.matchLabels).toEqual(own);
    expect(door.spec.selector).toEqual(own);
    expect(disruption.spec.selector.matchLabels).toEqual(own);
    expect(pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    for (const { labelSelector } of pod.topologySpreadConstraints)
      expect(labelSelector.matchLabels).toEqual(own);
  });

  test('listens where the image does, and is asked there', () => {
    const [{ name, containerPort } = { name: '', containerPort: 0 }] = only.ports;
    expect(dockerfile).toMatch(new RegExp(`^EXPOSE ${containerPort}$`, 'm'));
    const probes = [only.startupProbe, only.livenessProbe, only.readinessProbe];
    for (const { httpGet, tcpSocket } of probes.filter((each) => each !== undefined)) {
      expect((httpGet ?? tcpSocket)?.port).toBe(name);
      if (httpGet !== undefined) expect(healthPaths).toContain(httpGet.path);
    }
    expect(
      door.spec.ports.every(
        ({ port: open, targetPort = open }) => targetPort === name || targetPort === containerPort,
      ),
    ).toBe(true);
  });

  test('mounts volumes that are there, has the configuration where the image looks for it, and is not root', () => {
    const known = [
      ...pod.volumes.map(({ name }) => name),
      ...spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
    ];
    for (const { name } of only.volumeMounts) expect(known).toContain(name);
    const [{ name: configMap, files }] = configMapGenerator;
    expect(files).toEqual(['config.yaml']);
    const volume = pod.volumes.find((each) => each.configMap?.name === configMap);
    expect(only.volumeMounts.find(({ name }) => name === volume?.name)?.mountPath).toBe('/etc/employees');
    expect(pod.securityContext.runAsUser).toBe(1000);
    expect(only.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('takes passwords that passwords.env has', () => {
    const [{ name: secret }] = secretGenerator;
    for (const { secretRef } of only.envFrom) expect(secretRef?.name ?? secret).toBe(secret);
    for (const key of only.env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? [])) {
      expect(key.name).toBe(secret);
      expect(Object.keys(passwords)).toContain(key.key);
    }
  });
});

test('the pods of nodes.yaml have the names that the configuration gives the nodes, at the addresses in it', async () => {
  const { metadata, spec } = nodes.workload;
  const { nodes: configured } = await readClusterConfig(deployed('kubernetes/config.yaml'));
  expect(spec.serviceName).toBe(nodes.service.metadata.name);
  expect(configured.map(({ name, host, port: at }) => [name, host, at])).toEqual(
    Array.from({ length: spec.replicas }, (_, index) => {
      const name = `${metadata.name}-${index}`;
      return [name, `${name}.${spec.serviceName}`, nodes.service.spec.ports[0]?.port];
    }),
  );
});

test('nodes.yaml keeps the data of a node in a volume where the image writes it', () => {
  const folder = /^WORKDIR (\S+employees)$/m.exec(dockerfile)?.[1];
  const claim = nodes.workload.spec.volumeClaimTemplates[0]?.metadata.name;
  const [{ volumeMounts }] = nodes.workload.spec.template.spec.containers;
  expect(volumeMounts.find(({ name }) => name === claim)?.mountPath).toBe(`${folder}/var`);
});

test('gateway.yaml sets nothing that is no setting, and leaves the gateway the time that it needs to stop', () => {
  const { terminationGracePeriodSeconds, containers } = gateway.workload.spec.template.spec;
  const [{ env, envFrom, ports }] = containers;
  expect(envFrom.map(({ configMapRef }) => configMapRef?.name)).toEqual([configMapGenerator[1].name]);
  const given = env.map(({ name, value = '' }) => [name, value]);
  const variables = { ...Object.fromEntries(given), ...settingsOfGateway };
  expect(Object.keys(variables).filter((name) => !settingNames.has(name))).toEqual([]);
  const settings = parseSettings(variables, { cwd: '/', packageRoot });
  expect(entranceOf(settings)).toBe('guarded');
  expect([settings.port, settings.metricsAddress?.port]).toEqual(
    ports.map(({ containerPort }) => containerPort),
  );
  expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(
    settings.stopDelayMs + settings.stopTimeoutMs + 5_000,
  );
});

test('the files that kustomization.yaml names are there, or are made from an example that is', async () => {
  for (const file of [...resources, ...configMapGenerator[0].files])
    await stat(deployed(`kubernetes/${file}`));
  for (const file of [secretGenerator[0].envs[0], configMapGenerator[1].envs[0]])
    await stat(deployed(`kubernetes/${file}.example`));
  const asked = [...(await readDeployed('kubernetes/config.yaml')).matchAll(/env: (\w+_PASSWORD)/g)];
  expect(Object.keys(passwords)).toEqual(asked.map(([, name]) => name));
});
