/**
 * Scopes of a Tarantool 3 configuration: what is said for all, for a group and for a replica set holds for an instance
 * unless it says otherwise itself. Maps are merged key by key, anything else (a list, too) is replaced as a whole.
 * See "Configuration scopes" in Tarantool's manual.
 */
export type ConfigMap = Readonly<Record<string, unknown>>;

/** The map that `value` is; an empty one for anything else, so that a path can be followed without a check at each step. */
export function asMap(value: unknown): ConfigMap {
  return isMap(value) ? value : {};
}

/** True for a YAML mapping. */
export function isMap(value: unknown): value is ConfigMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows `path` into nested maps; undefined when it leads nowhere. */
export function valueAt(map: ConfigMap, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => asMap(value)[key], map);
}

/** Merges scopes, outermost first: an inner one wins. An explicit null counts as not said. */
export function mergeScopes(...scopes: readonly ConfigMap[]): ConfigMap {
  const merged: Record<string, unknown> = {};
  for (const scope of scopes) {
    for (const [key, value] of Object.entries(scope)) {
      if (value === null || value === undefined) continue;
      merged[key] = isMap(value) ? mergeScopes(asMap(merged[key]), value) : value;
    }
  }
  return merged;
}

/** Fills `{{ name }}` in; a name that is not among `variables` stays as it is. */
export function fillTemplate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => variables[name] ?? whole);
}

/** True for a text in which a template was not filled in. */
export function hasTemplate(text: string): boolean {
  return /\{\{.*\}\}/.test(text);
}
