// Written by `npm run pages`, out of schema.graphql and operations.graphql.

import type { Operation } from './operation.js';

export type NodeRole = 'CANDIDATE' | 'FOLLOWER' | 'LEADER' | 'UNREACHABLE';

export type LeadershipChangeKind = 'CURRENT' | 'ELECTED' | 'LOST';

export interface EmployeeFilter { readonly name?: StringFilter | null; readonly position?: StringFilter | null; readonly salary?: IntFilter | null; }

export interface StringFilter { readonly contains?: string | null; readonly eq?: string | null; readonly in?: readonly (string)[] | null; readonly startsWith?: string | null; }

export interface IntFilter { readonly eq?: number | null; readonly gt?: number | null; readonly gte?: number | null; readonly in?: readonly (number)[] | null; readonly lt?: number | null; readonly lte?: number | null; }

export interface EmployeeOrder { readonly direction?: OrderDirection; readonly field: EmployeeOrderField; }

export type OrderDirection = 'ASC' | 'DESC';

export type EmployeeOrderField = 'ID' | 'NAME' | 'POSITION' | 'SALARY';

export interface ReadOptions { readonly bookmark?: string | null; readonly consistency?: Consistency | null; readonly node?: string | null; }

export type Consistency = 'LEADER' | 'LINEARIZABLE' | 'REPLICA';

export interface AddEmployeeInput { readonly id?: string | null; readonly idempotencyKey?: string | null; readonly name: string; readonly position: string; readonly salary: number; }

export interface UpdateEmployeeInput { readonly expected?: ExpectedEmployeeInput | null; readonly id: string; readonly idempotencyKey?: string | null; readonly name?: string | null; readonly position?: string | null; readonly salary?: number | null; }

export interface ExpectedEmployeeInput { readonly name?: string | null; readonly position?: string | null; readonly salary?: number | null; }

export interface RemoveEmployeeInput { readonly id: string; readonly idempotencyKey?: string | null; }

export interface StreamState { readonly status: string; readonly lag: number | null; readonly message: string | null; }

export interface LinkState { readonly peer: string; readonly upstream: StreamState | null; readonly downstream: StreamState | null; }

export interface NodeState { readonly name: string; readonly uri: string; readonly role: NodeRole; readonly reachable: boolean; readonly writable: boolean; readonly readOnlyReason: string | null; readonly term: number | null; readonly version: string | null; readonly uptimeSeconds: number | null; readonly lastSeenAt: string | null; readonly replication: readonly (LinkState)[]; }

export interface TopologyState { readonly term: number; readonly writable: boolean; readonly quorum: number; readonly observedAt: string; readonly leader: { readonly name: string; } | null; readonly nodes: readonly (NodeState)[]; }

export interface Change { readonly sequence: number; readonly kind: LeadershipChangeKind; readonly term: number; readonly at: string; readonly leaderlessMs: number | null; readonly leader: { readonly name: string; } | null; readonly previousLeader: { readonly name: string; } | null; }

export interface EmployeeRow { readonly id: string; readonly name: string; readonly position: string; readonly salary: number | null; }

export const TopologyNow: Operation<{ readonly topology: TopologyState; }, Record<string, never>> = {
  name: 'TopologyNow',
  text: 'query TopologyNow { topology { ...TopologyState } } fragment TopologyState on Topology { term writable quorum observedAt leader { name } nodes { ...NodeState } } fragment NodeState on Node { name uri role reachable writable readOnlyReason term version uptimeSeconds lastSeenAt replication { ...LinkState } } fragment LinkState on ReplicationLink { peer upstream { ...StreamState } downstream { ...StreamState } } fragment StreamState on ReplicationStream { status lag message }',
};

export const TopologyChanged: Operation<{ readonly topologyChanged: TopologyState; }, Record<string, never>> = {
  name: 'TopologyChanged',
  text: 'subscription TopologyChanged { topologyChanged { ...TopologyState } } fragment TopologyState on Topology { term writable quorum observedAt leader { name } nodes { ...NodeState } } fragment NodeState on Node { name uri role reachable writable readOnlyReason term version uptimeSeconds lastSeenAt replication { ...LinkState } } fragment LinkState on ReplicationLink { peer upstream { ...StreamState } downstream { ...StreamState } } fragment StreamState on ReplicationStream { status lag message }',
};

export const LeadershipHistory: Operation<{ readonly leadershipHistory: readonly (Change)[]; }, { readonly last: number; }> = {
  name: 'LeadershipHistory',
  text: 'query LeadershipHistory($last: Int!) { leadershipHistory(last: $last) { ...Change } } fragment Change on LeadershipChange { sequence kind term at leaderlessMs leader { name } previousLeader { name } }',
};

export const LeadershipChanged: Operation<{ readonly leadershipChanged: Change; }, Record<string, never>> = {
  name: 'LeadershipChanged',
  text: 'subscription LeadershipChanged { leadershipChanged { ...Change } } fragment Change on LeadershipChange { sequence kind term at leaderlessMs leader { name } previousLeader { name } }',
};

export const Employees: Operation<{ readonly employees: { readonly nodes: readonly (EmployeeRow)[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly startCursor: string | null; readonly endCursor: string | null; }; readonly totalCount: number; readonly answeredBy: string | null; }; }, { readonly first?: number | null; readonly after?: string | null; readonly last?: number | null; readonly before?: string | null; readonly filter?: EmployeeFilter | null; readonly orderBy?: EmployeeOrder | null; readonly read?: ReadOptions | null; }> = {
  name: 'Employees',
  text: 'query Employees($first: Int, $after: String, $last: Int, $before: String, $filter: EmployeeFilter, $orderBy: EmployeeOrder, $read: ReadOptions) { employees( first: $first after: $after last: $last before: $before filter: $filter orderBy: $orderBy read: $read ) { nodes { ...EmployeeRow } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount answeredBy } } fragment EmployeeRow on Employee { id name position salary }',
};

export const EmployeeNow: Operation<{ readonly employee: EmployeeRow | null; }, { readonly id: string; }> = {
  name: 'EmployeeNow',
  text: 'query EmployeeNow($id: ID!) { employee(id: $id) { ...EmployeeRow } } fragment EmployeeRow on Employee { id name position salary }',
};

export const AddEmployee: Operation<{ readonly addEmployee: { readonly bookmark: string; readonly employee: EmployeeRow; }; }, { readonly input: AddEmployeeInput; }> = {
  name: 'AddEmployee',
  text: 'mutation AddEmployee($input: AddEmployeeInput!) { addEmployee(input: $input) { bookmark employee { ...EmployeeRow } } } fragment EmployeeRow on Employee { id name position salary }',
};

export const UpdateEmployee: Operation<{ readonly updateEmployee: { readonly bookmark: string; readonly employee: EmployeeRow; }; }, { readonly input: UpdateEmployeeInput; }> = {
  name: 'UpdateEmployee',
  text: 'mutation UpdateEmployee($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { bookmark employee { ...EmployeeRow } } } fragment EmployeeRow on Employee { id name position salary }',
};

export const RemoveEmployee: Operation<{ readonly removeEmployee: { readonly bookmark: string; readonly employee: EmployeeRow; }; }, { readonly input: RemoveEmployeeInput; }> = {
  name: 'RemoveEmployee',
  text: 'mutation RemoveEmployee($input: RemoveEmployeeInput!) { removeEmployee(input: $input) { bookmark employee { ...EmployeeRow } } } fragment EmployeeRow on Employee { id name position salary }',
};

export const TransferLeadership: Operation<{ readonly transferLeadership: TopologyState; }, { readonly to: string; }> = {
  name: 'TransferLeadership',
  text: 'mutation TransferLeadership($to: String!) { transferLeadership(to: $to) { ...TopologyState } } fragment TopologyState on Topology { term writable quorum observedAt leader { name } nodes { ...NodeState } } fragment NodeState on Node { name uri role reachable writable readOnlyReason term version uptimeSeconds lastSeenAt replication { ...LinkState } } fragment LinkState on ReplicationLink { peer upstream { ...StreamState } downstream { ...StreamState } } fragment StreamState on ReplicationStream { status lag message }',
};

