/** Where webhooks are listened for. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const LISTEN_HINT = 'write 127.0.0.1:9097, [::1]:9097, or 0.0.0.0:9097 for all addresses';

/** Reads `127.0.0.1:9097`, `[::1]:9097`: a port alone means nothing, as an address says who can reach it. null: it is none. */
export function listenAddress(text: string): ListenAddress | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z.-]+)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) return null;
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}
