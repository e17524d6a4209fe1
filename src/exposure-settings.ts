import { z } from 'zod';
import { pageNames, type PageName } from './http/page-names.js';

/** What is shown beside the API, and to whom in a browser. */
export interface ExposureSettings {
  /** Origins of other pages that may use the API. */
  readonly corsOrigins: readonly string[];
  /** Null: it depends on who is served. */
  readonly introspection: 'on' | 'off' | null;
  /** Null: it depends on who is served. */
  readonly pages: readonly PageName[] | null;
}

const listOf = (text: string): string[] => text.split(',').map((part) => part.trim());

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;

const isPageName = (text: string): text is PageName => pageNames.some((known) => known === text);

/** Of the settings in the environment, those about what is shown. */
export const exposureShape = {
  // Nobody's: a page from elsewhere can do nothing that its user has not asked for.
  CORS_ORIGINS: z
    .string()
    .transform(listOf)
    .refine((origins) => origins.every(isOrigin), {
      error: 'give origins such as https://staff.example, without a path, with commas between them',
    })
    .default([]),
  INTROSPECTION: z.enum(['on', 'off'], { error: 'give on or off' }).nullable().default(null),
  PAGES: z
    .string()
    .transform((text): readonly string[] => (text === 'on' ? pageNames : text === 'off' ? [] : listOf(text)))
    .refine((names) => names.every(isPageName), {
      error: `give on, off, or some of ${pageNames.join(', ')}`,
    })
    .transform((names) => names.filter(isPageName))
    .nullable()
    .default(null),
};
