/** Where the API of a registry is: on this machine without TLS, as `docker push localhost:5000/…` has it. */
export function endpointOf(host: string): string {
  if (host === 'docker.io') return 'https://registry-1.docker.io';
  return `${isPlain(host) ? 'http' : 'https'}://${host}`;
}

/** Whether it is asked without TLS. */
export function isPlain(host: string): boolean {
  return isLoopback(host.replace(/:\d+$/, ''));
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}
