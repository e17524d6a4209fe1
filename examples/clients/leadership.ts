import type { Client } from 'graphql-ws';

export interface LeadershipChange {
  readonly sequence: number;
  readonly kind: 'CURRENT' | 'ELECTED' | 'LOST';
  readonly term: number;
  readonly leader: { readonly name: string } | null;
}

const fields = 'sequence kind term leader { name }';
const subscription = `subscription { leadershipChanged { ${fields} } }`;
// All that the gateway remembers: a few rows, for elections are rare.
const history = `{ leadershipHistory(last: 1000) { ${fields} } }`;

const isSameState = (a: LeadershipChange, b: LeadershipChange): boolean =>
  a.term === b.term && a.leader?.name === b.leader?.name;

const isNews = (change: LeadershipChange, known: LeadershipChange): boolean =>
  change.term >= known.term && !isSameState(change, known);

/**
 * How things stand, then every change once and in order, also those made while the connection was lost. CURRENT comes again
 * only if things stand otherwise and nobody can tell how that came about: no gateway was watching.
 */
export async function* watchLeadership(client: Client): AsyncGenerator<LeadershipChange> {
  let known: LeadershipChange | null = null;
  // The number of the last change that is dealt with, as the gateway that is connected now counts.
  let position = 0;
  for await (const { data } of client.iterate<{ leadershipChanged: LeadershipChange }>({
    query: subscription,
  })) {
    if (data == null) continue;
    const event = data.leadershipChanged;
    let news = [event];
    // CURRENT begins each connection. A leap in the numbers: this listener was slow, and changes were left out.
    if (known !== null && (event.kind === 'CURRENT' || event.sequence > position + 1)) {
      const past = await readHistory(client);
      const missed = since(known, past);
      // How things stand is told in its place: the history was asked for later, and may go further.
      const before = missed.filter(({ sequence }) => sequence <= event.sequence);
      news = [...before, event, ...missed.slice(before.length)];
      position = past.at(-1)?.sequence ?? 0;
    } else if (event.kind !== 'CURRENT' && event.sequence <= position) continue;
    else position = event.sequence;
    for (const change of news) {
      if (known !== null && !isNews(change, known)) continue;
      known = change;
      yield change;
    }
  }
}

async function readHistory(client: Client): Promise<readonly LeadershipChange[]> {
  // Over the same connection: another gateway would count otherwise.
  for await (const { data } of client.iterate<{ leadershipHistory: LeadershipChange[] }>({
    query: history,
  })) {
    return data?.leadershipHistory ?? [];
  }
  return [];
}

/** What came after the change that is known: found by its number, or by what it says if a new gateway counts anew. */
function since(known: LeadershipChange, past: readonly LeadershipChange[]): LeadershipChange[] {
  const same = past.filter((change) => isSameState(change, known));
  const last = same.find(({ sequence }) => sequence === known.sequence) ?? same.at(-1);
  return past.filter(({ sequence }) => sequence > (last?.sequence ?? 0));
}
