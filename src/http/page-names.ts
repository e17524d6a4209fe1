/** The pages for people. */
export const pageNames = ['console', 'graphiql', 'playground'] as const;
export type PageName = (typeof pageNames)[number];
