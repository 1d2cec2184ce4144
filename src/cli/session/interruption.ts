/** SIGINT of a command that ends well on it: the first is told, a second one ends the process as usual. */
export function interruption(): { readonly happened: Promise<'interrupted'>; dispose(): void } {
  let listener: () => void = () => undefined;
  const happened = new Promise<'interrupted'>((resolve) => {
    listener = () => resolve('interrupted');
  });
  process.once('SIGINT', listener);
  return { happened, dispose: () => void process.removeListener('SIGINT', listener) };
}
