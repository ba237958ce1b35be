/**
 * What a `Worker` is to run: a module beside the one that starts it. A program that runs from its TypeScript source, in
 * development, has a loader for it that threads do not inherit; there, the thread gets one first.
 *
 * @param name of the module, without its extension
 * @param from `import.meta.url` of the module that starts the thread
 */
export function threadFile(name: string, from: string): URL {
  if (!from.endsWith('.ts')) return new URL(`./${name}.js`, from);
  const loader = import.meta.resolve('tsx/esm/api');
  const file = new URL(`./${name}.ts`, from).href;
  const code = `import { register } from '${loader}'; register(); await import('${file}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
