/** A token as it is sent, in a header and in `connection_init`. */
export const credentialsOf = (token: string | null): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` };
