import { z } from 'zod';

/*
 * What the processes of one gateway tell each other. The primary passes on what a worker tells its siblings, and remembers
 * who has which connections open: for workers that come later, and for when one is gone.
 */

const siblingNews = z.discriminatedUnion('kind', [
  /** How many tokens of its rate each subject has taken since the last time. */
  z.object({ kind: z.literal('tokens'), counts: z.array(z.tuple([z.string(), z.number()])) }),
  z.object({ kind: z.literal('connections'), subject: z.string(), open: z.number() }),
]);
const workerNews = z.discriminatedUnion('kind', [siblingNews, z.object({ kind: z.literal('serving') })]);
const workerOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stop') }),
  z.object({ kind: z.literal('read-config') }),
  z.object({ kind: z.literal('news'), from: z.number(), news: siblingNews }),
]);

/** What one worker tells the others. */
export type SiblingNews = z.infer<typeof siblingNews>;
/** What a worker tells the primary. */
export type WorkerNews = z.infer<typeof workerNews>;
/** What the primary tells a worker. */
export type WorkerOrder = z.infer<typeof workerOrder>;

/** Null for what is no message of ours: libraries use the same channel. */
export const readNews = (message: unknown): WorkerNews | null => workerNews.safeParse(message).data ?? null;

/** As `readNews`. */
export const readOrder = (message: unknown): WorkerOrder | null =>
  workerOrder.safeParse(message).data ?? null;
