import { failoverMsOf } from '../cluster-config/timing.js';
import { type ClusterFacts, diagnosedNodes } from './cluster-facts.js';
import { type Finding, type Item, ok, warning } from './finding.js';

/** Settings of the gateway against each other, and against the times that the nodes run with. */
export const fitItems: Readonly<Record<string, Item<ClusterFacts>>> = {
  timeout: {
    rule: 'A request may wait for longer than a failover takes when a leader freezes.',
    look: (facts) => {
      const { requestTimeoutMs } = facts.settings;
      const failoverMs = slowestFailoverMs(facts);
      const told = `REQUEST_TIMEOUT_MS is ${requestTimeoutMs}, and a failover may take ${Math.round(failoverMs)} ms`;
      return requestTimeoutMs >= failoverMs ? ok(told) : warning(told, `raise it to ${roundUp(failoverMs)}`);
    },
  },
  polling: {
    rule: 'The nodes are asked several times in the time that a failover takes.',
    look: (facts) => {
      const { pollIntervalMs } = facts.settings;
      const failoverMs = slowestFailoverMs(facts);
      const most = Math.floor(failoverMs / 4);
      const told = `POLL_INTERVAL_MS is ${pollIntervalMs}, and a failover may take ${Math.round(failoverMs)} ms`;
      return pollIntervalMs <= most ? ok(told) : warning(told, `lower it to ${most} or less`);
    },
  },
  buffer: {
    rule: 'A node takes up as many requests at a time as a gateway keeps waiting for it.',
    look: (facts) => {
      const { maxWaitingRequests } = facts.settings;
      const netMsgMax = Math.min(...diagnosedNodes(facts).map(({ diagnosis }) => diagnosis.netMsgMax));
      if (!Number.isFinite(netMsgMax)) return [];
      const told = `MAX_WAITING_REQUESTS is ${maxWaitingRequests}, iproto.net_msg_max of the nodes ${netMsgMax}`;
      return netMsgMax > maxWaitingRequests
        ? ok(told)
        : warning(told, `raise iproto.net_msg_max in config.yaml above ${maxWaitingRequests}`);
    },
  },
  stopping: {
    rule: 'A gateway that stops lets requests end that it has begun.',
    look: ({ settings: { stopTimeoutMs, requestTimeoutMs } }): Finding => {
      const told = `STOP_TIMEOUT_MS is ${stopTimeoutMs}, REQUEST_TIMEOUT_MS ${requestTimeoutMs}`;
      return stopTimeoutMs >= requestTimeoutMs
        ? ok(told)
        : warning(told, `raise STOP_TIMEOUT_MS to ${requestTimeoutMs}`);
    },
  },
};

/** By the nodes' own words; by CLUSTER_CONFIG when none has told. */
function slowestFailoverMs(facts: ClusterFacts): number {
  const told = diagnosedNodes(facts).map(({ diagnosis }) =>
    failoverMsOf(diagnosis.replicationTimeoutSeconds, diagnosis.electionTimeoutSeconds),
  );
  return told.length === 0 ? facts.cluster.timing.failoverMs : Math.max(...told);
}

/** To whole seconds. */
const roundUp = (ms: number): number => Math.ceil(ms / 1000) * 1000;
