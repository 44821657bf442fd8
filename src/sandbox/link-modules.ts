import type { EngineImports } from './engine-extism.js';
import type { GuestModule } from './protocol.js';

/**
 * Links several modules to each other and to the host, each started before those that need it, and returns the instance
 * of `main`. Not by Extism: where modules import from each other in a circle it loses all functions but the last.
 */
export async function linkModules(
  modules: readonly GuestModule[],
  imports: EngineImports,
): Promise<WebAssembly.Instance> {
  const instances = new Map<string, WebAssembly.Instance>();
  const begun = new Set<string>();
  const instantiate = async ({ name, startup = [], ...given }: GuestModule): Promise<void> => {
    const module = given.module as WebAssembly.Module;
    begun.add(name);
    const linked: WebAssembly.Imports = {};
    for (const wanted of WebAssembly.Module.imports(module)) {
      const provider = modules.find((one) => one.name === wanted.module);
      if (provider && !begun.has(provider.name)) await instantiate(provider);
      linked[wanted.module] ??= {};
      linked[wanted.module]![wanted.name] = provider
        ? exportOf(instances, provider.name, wanted.name, wanted.kind)
        : imports[wanted.module]![wanted.name]!;
    }
    const instance = await WebAssembly.instantiate(module, linked);
    instances.set(name, instance);
    for (const start of startup) (instance.exports[start] as () => void)();
  };
  await instantiate(modules.find(({ name }) => name === 'main')!);
  return instances.get('main')!;
}

/** An export, or in a circle what will call it once it is there. */
function exportOf(
  instances: ReadonlyMap<string, WebAssembly.Instance>,
  from: string,
  name: string,
  kind: WebAssembly.Kind,
): WebAssembly.ImportValue {
  const instance = instances.get(from);
  if (instance) return instance.exports[name]!;
  if (kind !== 'function') {
    throw new WebAssembly.LinkError(
      `the ${kind} "${name}" of "${from}" is needed before "${from}" can be: modules can import only functions in a circle`,
    );
  }
  return (...args: unknown[]): unknown => {
    const target = instances.get(from)?.exports[name] as ((...args: unknown[]) => unknown) | undefined;
    if (!target) throw new WebAssembly.LinkError(`"${name}" of "${from}" was called before it was there`);
    return target(...args);
  };
}
